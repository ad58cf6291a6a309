//! Apono as its contract has it: every documented operation, of the current API and of the legacy one, which show the same
//! world.
//!
//! The switches are in [`Quirks`].

mod activity;
mod auth;
mod available;
mod bundles;
mod connectors;
mod drift;
mod errors;
mod flows;
mod front;
mod groups;
mod identities;
mod input;
mod integrations;
mod inventory;
mod lists;
mod query;
mod query_language;
mod quirks;
mod reports;
mod requests;
mod routes;
mod scopes;
mod seed;
mod sessions;
mod state;
mod table;
mod targets;
#[cfg(test)]
mod tests;
mod users;

use std::sync::Arc;

use axum::{Router, middleware};
use serde_json::{Value, json};

use self::{errors::Error, front::Front, quirks::Quirks, state::State};
use super::kit::{Drift, Holdings, Options, Vendor, World};

/// The vendor, with its switches set.
pub struct Apono {
    accounts: usize,
    quirks: Arc<Quirks>,
}

impl Apono {
    /// Reads the options; a switch that Apono doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        Ok(Apono {
            accounts: options.account_count(),
            quirks: Arc::new(Quirks::read(options)?),
        })
    }
}

impl Vendor for Apono {
    type State = State;

    fn seed(&self) -> State {
        seed::state(self.accounts)
    }

    fn router(&self, world: World<State>) -> Router {
        let front = Front {
            quirks: Arc::clone(&self.quirks),
            world,
        };
        routes::all()
            .method_not_allowed_fallback(async || Error::MethodNotAllowed)
            .fallback(async || Error::NotFound("there is nothing at this path".to_owned()))
            .layer(middleware::from_fn_with_state(
                front.clone(),
                front::receive,
            ))
            .with_state(front)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        (variant == "apono/tenant").then(|| {
            json!({
                "settings": { "base_url": url },
                "credentials": auth::credentials(&self.quirks)
            })
        })
    }

    fn holdings(&self, state: &State) -> Holdings {
        Holdings {
            accounts: state.users.rows().map(|user| state.user(user)).collect(),
            groups: state.groups_shown(),
            apps: state.integrations.rows().map(|one| one.show()).collect(),
            tokens: auth::tokens_shown(state),
            requests: state
                .requests
                .rows()
                .map(|one| one.show(state, ""))
                .collect(),
            entitlements: state.entitlements_shown(),
            grants: state.grants_shown(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        match drift.kind.as_str() {
            "account" => state.drift_user(drift),
            "group" => state.drift_group(drift),
            "grant" => state.drift_grant(drift),
            "resource" => state.drift_resource(drift),
            "request" => state.drift_request(drift),
            kind => Err(format!(
                "Apono has no {kind:?} to drift, only \"account\", \"group\", \"grant\", \"resource\" and \"request\""
            )),
        }
    }

    fn error_body(&self, _path: &str) -> Value {
        Error::Internal.body()
    }
}
