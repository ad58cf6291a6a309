//! Devo's provisioning API as its contract has it: users of one domain, in the domain's own odd words. No tokens, no role changes.
//!
//! The switches are in [`Quirks`].

mod auth;
mod domains;
mod errors;
mod front;
mod input;
mod seed;
mod state;
#[cfg(test)]
mod tests;
mod users;

use std::sync::Arc;

use anyhow::ensure;
use axum::{
    Router, middleware,
    routing::{get, post},
};
use serde_json::{Value, json};

use self::{auth::Mechanism, front::Front, state::State};
use super::kit::{Drift, Holdings, Options, Vendor, World};

/// The vendor, with its switches set.
pub struct Devo {
    accounts: usize,
    quirks: Arc<Quirks>,
}

/// How Devo behaves where the contract leaves it open. By switch, with the default first:
///
/// - `domain`: the seeded domain, `acme@parent`; a name without `@` makes it a common domain, which takes tokens too;
/// - `auth`: what [`connection`](Vendor::connection) says to use: `hmac`, `standalone_token`, `bearer`; all of them are always
///   understood, the tokens for common domains only (contract §2);
/// - `bad_signature_status`: `401` with an error body, or the `404` without one that operators report (contract §2);
/// - `missing_status`: a user or domain that isn't there is a `400` (contract §3), or a `404` with an error body;
/// - `max_skew_seconds`: how far a signature's time may be off, 300.
pub(super) struct Quirks {
    domain: String,
    mechanism: Mechanism,
    hides_bad_signature: bool,
    missing_is_404: bool,
    max_skew_ms: u64,
}

impl Quirks {
    fn read(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&[
            "domain",
            "auth",
            "bad_signature_status",
            "missing_status",
            "max_skew_seconds",
        ])?;
        let status = |name: &str, usual: u16, other: u16| {
            let status = options.quirk(name)?.unwrap_or(usual);
            ensure!(
                [usual, other].contains(&status),
                "quirk {name}={status}: {usual} or {other} is expected"
            );
            Ok(status == other)
        };
        let quirks = Quirks {
            domain: options
                .quirk("domain")?
                .unwrap_or_else(|| "acme@parent".into()),
            mechanism: options.quirk("auth")?.unwrap_or(Mechanism::Hmac),
            hides_bad_signature: status("bad_signature_status", 401, 404)?,
            missing_is_404: status("missing_status", 400, 404)?,
            max_skew_ms: options.quirk("max_skew_seconds")?.unwrap_or(300) * 1000,
        };
        ensure!(
            input::is_domain(&quirks.domain),
            "quirk domain={}: this is no domain",
            quirks.domain
        );
        ensure!(
            quirks.mechanism == Mechanism::Hmac || !quirks.is_multitenant(),
            "quirk auth: a multitenant domain takes signed requests only"
        );
        Ok(quirks)
    }

    fn is_multitenant(&self) -> bool {
        self.domain.contains('@')
    }
}

impl Devo {
    /// Reads the options; a switch that Devo doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        Ok(Devo {
            accounts: options.account_count(),
            quirks: Arc::new(Quirks::read(options)?),
        })
    }
}

impl Vendor for Devo {
    type State = State;

    fn seed(&self) -> State {
        seed::state(&self.quirks.domain, self.accounts)
    }

    fn router(&self, world: World<State>) -> Router {
        let front = Front::new(Arc::clone(&self.quirks), world);
        let probio = Router::new()
            .route("/user/email/{email}", get(users::find_anywhere))
            .route("/user/domain/{domain}", get(users::list))
            .route(
                "/user/email/{email}/domain/{domain}",
                get(users::find).delete(users::remove),
            )
            .route(
                "/user/email/{email}/domain/{domain}/enable",
                post(users::enable),
            )
            .route(
                "/user/email/{email}/domain/{domain}/disable",
                post(users::disable),
            )
            .route("/user/internal", post(users::add_internal))
            .route("/user/external", post(users::add_external))
            .route(
                "/user/internal/{id}",
                get(users::find_by_id).put(users::change),
            )
            .route(
                "/user/internal/{id}/domain/{domain}",
                get(users::find_internal),
            )
            .route(
                "/user/external/{id}/domain/{domain}",
                get(users::find_external),
            )
            .route("/domain", get(domains::list))
            .route("/domain/{domain}", get(domains::find))
            .route("/domain/{domain}/roles", get(domains::roles));
        Router::new()
            .nest("/probio", probio)
            .method_not_allowed_fallback(front::method_not_allowed)
            .fallback(front::no_such_path)
            .layer(middleware::from_fn_with_state(
                front.clone(),
                front::receive,
            ))
            .with_state(front)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        if variant != "devo/domain" {
            return None;
        }
        let settings = json!({ "base_url": format!("{url}/probio"), "domain": self.quirks.domain });
        Some(json!({ "settings": settings, "credentials": auth::credentials(&self.quirks) }))
    }

    fn holdings(&self, state: &State) -> Holdings {
        Holdings {
            accounts: state.shown(),
            entitlements: state.roles_shown(),
            grants: state.grants_shown(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        if drift.kind != "account" {
            return Err(format!(
                "Devo has no {:?} to drift, only \"account\"",
                drift.kind
            ));
        }
        state.drift(&self.quirks.domain, drift)
    }

    fn error_body(&self, _path: &str) -> Value {
        errors::Error::generic("Unexpected error").body()
    }
}
