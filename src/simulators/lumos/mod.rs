//! Lumos as its contract has it: the connector API (part B) of one seeded connector, and the main API (part A), on one port.
//!
//! The switches are those of [`connector::Quirks`] and of [`main_api::Quirks`].

mod connector;
mod main_api;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use axum::Router;
use serde_json::{Value, json};

use super::kit::{Drift, Holdings, Options, Vendor, World};

const CONNECTOR: &str = "lumos/connector";
const MAIN: &str = "lumos/main";

/// The vendor, with its switches set.
pub struct Lumos {
    accounts: usize,
    connector: Arc<connector::Quirks>,
    main: Arc<main_api::Quirks>,
}

/// What Lumos holds, by API.
#[derive(Clone)]
pub struct State {
    connector: connector::State,
    main: main_api::State,
}

impl Lumos {
    /// Reads the options; a switch that Lumos doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&[connector::Quirks::NAMES, main_api::Quirks::NAMES].concat())?;
        Ok(Lumos {
            accounts: options.account_count(),
            connector: Arc::new(connector::Quirks::read(options)?),
            main: Arc::new(main_api::Quirks::read(options)?),
        })
    }
}

impl Vendor for Lumos {
    type State = State;

    fn seed(&self) -> State {
        State {
            connector: connector::seed(self.accounts),
            main: main_api::seed(self.accounts),
        }
    }

    fn router(&self, world: World<State>) -> Router {
        let connector = connector::router(Arc::clone(&self.connector), world.clone());
        main_api::router(Arc::clone(&self.main), world, connector)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        match variant {
            CONNECTOR => Some(json!({
                "settings": self.connector.settings(url),
                "credentials": self.connector.credentials()
            })),
            MAIN => Some(self.main.connection(url)),
            _ => None,
        }
    }

    fn holdings(&self, state: &State) -> Holdings {
        Holdings {
            apis: BTreeMap::from([(MAIN, state.main.shown(&self.main))]),
            ..state.connector.shown()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        match drift.kind.as_str() {
            "account" | "association" | "entitlement" | "resource" => state.connector.drift(drift),
            _ => state.main.drift(drift),
        }
    }

    fn error_body(&self, path: &str) -> Value {
        if main_api::owns(path) {
            main_api::internal_error()
        } else {
            connector::internal_error()
        }
    }
}
