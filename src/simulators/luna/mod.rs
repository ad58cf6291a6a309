//! Luna-Accounts as its contract has it: accounts, their tokens, the verifier and the service endpoints, all in memory.
//!
//! Switch `auth`: `none` (as delivered: everybody is let in), `basic` or `bearer`, which ask everything under `/1` for it.

mod accounts;
mod errors;
mod front;
mod input;
mod jwt;
mod permissions;
mod query;
mod seed;
mod service;
mod state;
#[cfg(test)]
mod tests;
mod tokens;
mod verifier;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use serde_json::{Value, json};

use self::{
    errors::Error,
    front::Front,
    permissions::Targets,
    state::{AccountType, State},
};
use super::kit::{Drift, DriftOp, Holdings, Options, Vendor, World};

/// The vendor, with its switches set.
pub struct Luna {
    accounts: usize,
    auth: Auth,
}

/// What a caller must show (contract §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auth {
    None,
    Basic,
    Bearer,
}

impl std::str::FromStr for Auth {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "none" => Ok(Auth::None),
            "basic" => Ok(Auth::Basic),
            "bearer" => Ok(Auth::Bearer),
            _ => Err("none, basic or bearer is expected"),
        }
    }
}

impl Luna {
    /// Reads the options; a switch that Luna doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&["auth"])?;
        Ok(Luna {
            accounts: options.account_count(),
            auth: options.quirk("auth")?.unwrap_or(Auth::None),
        })
    }
}

impl Vendor for Luna {
    type State = State;

    fn seed(&self) -> State {
        seed::state(self.accounts)
    }

    fn router(&self, world: World<State>) -> Router {
        let front = Front::new(self.auth, world.clone());
        Router::new()
            .route("/1/accounts", get(accounts::list).post(accounts::create))
            .route("/1/accounts/count", get(accounts::count))
            .route(
                "/1/accounts/{account_id}",
                get(accounts::find)
                    .patch(accounts::change)
                    .delete(accounts::delete),
            )
            .route("/1/tokens", get(tokens::list).post(tokens::create))
            .route(
                "/1/tokens/{token_id}",
                get(tokens::find)
                    .put(tokens::replace)
                    .delete(tokens::delete),
            )
            .route("/1/verifier", post(verifier::verify))
            .route("/1/plugins", get(service::plugins))
            .route("/version", get(service::version))
            .route("/healthcheck", get(service::healthcheck))
            .route("/config", get(service::config))
            .route("/docs/spec", get(service::spec))
            .route("/docs/dev", get(service::docs))
            .route("/docs/dev/index.html", get(service::docs_page))
            .with_state(world)
            .route("/metrics", get(service::metrics).with_state(front.clone()))
            .method_not_allowed_fallback(async || Error::MethodNotAllowed)
            .fallback(async || Error::PageNotFound)
            .layer(middleware::from_fn_with_state(front, front::receive))
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        if variant != "luna/accounts" {
            return None;
        }
        let credentials = match self.auth {
            Auth::None => json!({ "kind": "none" }),
            Auth::Basic => {
                json!({ "kind": "basic", "login": seed::ROOT_LOGIN, "password": seed::PASSWORD })
            }
            Auth::Bearer => json!({ "kind": "bearer", "token": seed::BEARER }),
        };
        Some(json!({ "settings": { "base_url": url }, "credentials": credentials }))
    }

    fn holdings(&self, state: &State) -> Holdings {
        let accounts = state.newest_first().map(|account| account.show()).collect();
        let types = AccountType::ALL.map(|kind| json!({ "account_type": kind.word() }));
        let grants = state.newest_first().map(
            |account| json!({ "account_id": account.id, "account_type": account.account_type.word() }),
        );
        let tokens = state.tokens.values().rev();
        Holdings {
            accounts,
            entitlements: types.to_vec(),
            grants: grants.collect(),
            tokens: tokens.map(|token| token.show(Targets::All)).collect(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        if drift.kind != "account" {
            return Err(format!(
                "Luna has no {:?} to drift, only \"account\"",
                drift.kind
            ));
        }
        let id = drift
            .id
            .as_deref()
            .map(|id| input::uuid(id).map_err(|_| format!("{id:?} is not a UUID")))
            .transpose()?;
        let needed = || id.ok_or("the account's id is missing".to_owned());
        match drift.op {
            DriftOp::Add => {
                let new = serde_json::from_value(drift.value.clone())
                    .map_err(|error| error.to_string())?;
                state
                    .add(id, new)
                    .map(|_| ())
                    .map_err(|error| error.detail())
            }
            DriftOp::Change => {
                let changes = serde_json::from_value(drift.value.clone())
                    .map_err(|error| error.to_string())?;
                state
                    .change(needed()?, changes)
                    .map(|_| ())
                    .map_err(|error| error.detail())
            }
            DriftOp::Remove => state
                .remove(needed()?)
                .map(|_| ())
                .map_err(|error| error.detail()),
        }
    }

    fn error_body(&self, _path: &str) -> Value {
        Error::Internal.body()
    }
}
