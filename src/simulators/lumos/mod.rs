//! Lumos as its contract has it: the connector API (part B) of one seeded connector. The main API (part A) has a place beside it.
//!
//! The switches are the connector's: see [`Quirks`].

mod connector;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};

use self::connector::Quirks;
use super::kit::{Drift, Holdings, Options, Vendor, World};

/// The vendor, with its switches set.
pub struct Lumos {
    accounts: usize,
    quirks: Arc<Quirks>,
}

/// What Lumos holds, by API.
#[derive(Clone)]
pub struct State {
    connector: connector::State,
}

impl Lumos {
    /// Reads the options; a switch that Lumos doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(Quirks::NAMES)?;
        Ok(Lumos {
            accounts: options.account_count(),
            quirks: Arc::new(Quirks::read(options)?),
        })
    }
}

impl Vendor for Lumos {
    type State = State;

    fn seed(&self) -> State {
        State {
            connector: connector::seed(self.accounts),
        }
    }

    fn router(&self, world: World<State>) -> Router {
        connector::router(Arc::clone(&self.quirks), world)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        (variant == "lumos/connector").then(|| {
            json!({ "settings": self.quirks.settings(url), "credentials": self.quirks.credentials() })
        })
    }

    fn holdings(&self, state: &State) -> Holdings {
        Holdings {
            accounts: state.connector.shown(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        if drift.kind != "account" {
            return Err(format!(
                "the connector has no {:?} to drift, only \"account\"",
                drift.kind
            ));
        }
        state.connector.drift(drift)
    }

    fn error_body(&self, _path: &str) -> Value {
        connector::internal_error()
    }
}
