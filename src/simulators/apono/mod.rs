//! Apono as its contract has it, read only so far: users, groups and integrations, of the current API and of the legacy one,
//! which show the same world, and the access requests of a personal token's owner.
//!
//! The switches are in [`Quirks`].

mod auth;
mod drift;
mod errors;
mod front;
mod groups;
mod integrations;
mod lists;
mod query;
mod quirks;
mod requests;
mod seed;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod users;

use std::sync::Arc;

use axum::{Router, middleware, routing::get};
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
        Router::new()
            .route("/api/admin/v3/users", get(users::list))
            .route("/api/admin/v3/users/{id}", get(users::find))
            .route("/api/v2/users", get(users::list_legacy))
            .route("/api/v2/users/{id}", get(users::find_legacy))
            .route("/api/user/v4/access-requests", get(requests::list))
            .route("/api/user/v4/access-requests/{id}", get(requests::find))
            .route("/api/admin/v1/groups", get(groups::list))
            .route("/api/admin/v1/groups/{id}", get(groups::find))
            .route("/api/admin/v1/groups/{id}/members", get(groups::members))
            .route("/api/admin/v4/integrations", get(integrations::list))
            .route("/api/admin/v4/integrations/{id}", get(integrations::find))
            .route("/api/v2/integrations", get(integrations::list_legacy))
            .route("/api/v2/integrations/{id}", get(integrations::find_legacy))
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
            requests: state.requests.rows().map(|one| one.show("")).collect(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        match drift.kind.as_str() {
            "account" => state.drift_user(drift),
            "group" => state.drift_group(drift),
            kind => Err(format!(
                "Apono has no {kind:?} to drift, only \"account\" and \"group\""
            )),
        }
    }

    fn error_body(&self, _path: &str) -> Value {
        Error::Internal.body()
    }
}
