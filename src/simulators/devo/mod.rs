//! Devo's provisioning API and its API of tokens as the contract has them, in the domain's own odd words.
//!
//! The switches are in [`Quirks`].

mod auth;
mod domain;
mod domains;
mod drift;
mod errors;
mod front;
mod input;
mod roles;
mod seed;
mod state;
#[cfg(test)]
mod tests;
mod tokens;
mod user_roles;
mod users;

use std::sync::Arc;

use anyhow::ensure;
use axum::{
    Router, middleware,
    routing::{get, post, put},
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
/// - `domain`: the seeded domain, `acme@parent`, beside which its multitenant has others; a name without `@` makes it a common
///   domain, which takes tokens too;
/// - `auth`: what [`connection`](Vendor::connection) says to use: `hmac`, `standalone_token`, `bearer`; all of them are always
///   understood, the tokens for common domains only (contract §2);
/// - `bad_signature_status`: `401` with an error body, or the `404` without one that operators report (contract §2);
/// - `missing_status`: a user or domain that isn't there is a `400` (contract §3), or a `404` with an error body;
/// - `misplaced_key`: a domain's own key where the multitenant's belongs is `refused`, or `taken` for what it is, so that its
///   holder sees the one domain and no word of the others (contract §2);
/// - `max_skew_seconds`: how far a signature's time may be off, 300;
/// - `roles_body_key`: the key of the names in a body about a user's roles, `roles` (contract §4);
/// - `token_path_prefix`: what stands before the `/v2` of the tokens' paths, nothing (contract §1).
pub(super) struct Quirks {
    domain: String,
    mechanism: Mechanism,
    hides_bad_signature: bool,
    missing_is_404: bool,
    takes_misplaced_key: bool,
    max_skew_ms: u64,
    roles_body_key: String,
    token_path_prefix: String,
}

impl Quirks {
    fn read(options: &Options) -> anyhow::Result<Self> {
        options.allow_quirks(&[
            "domain",
            "auth",
            "bad_signature_status",
            "missing_status",
            "misplaced_key",
            "max_skew_seconds",
            "roles_body_key",
            "token_path_prefix",
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
            takes_misplaced_key: options.word("misplaced_key", &["refused", "taken"])? == "taken",
            max_skew_ms: options.quirk("max_skew_seconds")?.unwrap_or(300) * 1000,
            roles_body_key: options
                .quirk("roles_body_key")?
                .unwrap_or_else(|| "roles".into()),
            token_path_prefix: options.quirk("token_path_prefix")?.unwrap_or_default(),
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
        self.multitenant().is_some()
    }

    fn multitenant(&self) -> Option<&str> {
        self.domain.split_once('@').map(|(_, tail)| tail)
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
        let prefix = &front.quirks.token_path_prefix;
        Router::new()
            .nest("/probio", users().merge(domains()))
            .merge(tokens(&format!("{prefix}/v2/accounts/{{a}}/tokens")))
            .merge(tokens("/ws/accounts/{a}/credentials/tokens"))
            .method_not_allowed_fallback(front::method_not_allowed)
            .fallback(front::no_such_path)
            .layer(middleware::from_fn_with_state(
                front.clone(),
                front::receive,
            ))
            .with_state(front)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        let quirks = &self.quirks;
        let base_url = format!("{url}/probio");
        let (settings, credentials) = match variant {
            "devo/domain" => (
                json!({ "base_url": base_url, "domain": quirks.domain }),
                auth::credentials(quirks),
            ),
            "devo/multitenant" => (
                json!({ "base_url": base_url, "multitenant": quirks.multitenant()? }),
                auth::reseller_credentials(),
            ),
            _ => return None,
        };
        Some(json!({ "settings": settings, "credentials": credentials }))
    }

    fn holdings(&self, state: &State) -> Holdings {
        let one = state.domains.get(&self.quirks.domain);
        let mut holdings = state.holdings(one.into_iter());
        holdings.tokens = state.tokens.values().map(tokens::Token::show).collect();
        if self.quirks.is_multitenant() {
            let all = state.holdings(state.domains.values());
            holdings.apis.insert("devo/multitenant", all);
        }
        holdings
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        state.drift(&self.quirks.domain, drift)
    }

    fn error_body(&self, _path: &str) -> Value {
        errors::Error::generic("Unexpected error").body()
    }
}

/// Paths of contract §4.
fn users() -> Router<Front> {
    Router::new()
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
        .route(
            "/user/email/{email}/domain/{domain}/role",
            put(user_roles::set).delete(user_roles::remove),
        )
        .route(
            "/user/email/{email}/domain/{domain}/role/{roleName}",
            put(user_roles::set_one),
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
}

/// Paths of contract §5.
fn domains() -> Router<Front> {
    Router::new()
        .route("/domain", get(domains::list).post(domains::create))
        .route("/domain/{d}", get(domains::find).delete(domains::remove))
        .route("/domains/{d}", get(domains::children))
        .route("/domain/{d}/enable", post(domains::enable))
        .route("/domain/{d}/disable", post(domains::disable))
        .route("/domain/{d}/plan", put(domains::set_plan))
        .route(
            "/domain/{d}/retention",
            get(domains::retention).put(domains::set_retention),
        )
        .route("/domain/{d}/policies", get(domains::policies))
        .route("/domain/{d}/applications", get(domains::applications))
        .route("/domain/{d}/resources", get(domains::resources))
        .route("/domain/{d}/preferences", get(domains::preferences))
        .route("/domain/{d}/preferences/limits", get(domains::limits))
        .route("/domain/{d}/visibility", get(domains::visibility))
        .route("/domain/{d}/auth", get(domains::auth))
        .route("/domain/{d}/keys", get(domains::keys))
        .route("/domain/{d}/keys/{key}", get(domains::key))
        .route(
            "/domain/{d}/roles",
            get(roles::list).post(roles::create).put(roles::change_many),
        )
        .route("/domain/{d}/roles/vaults", get(roles::vaults))
        .route(
            "/domain/{d}/roles/{role}",
            get(roles::find).put(roles::change).delete(roles::remove),
        )
        .route("/plan", get(domains::plans))
        .route("/plan/{p}", get(domains::plan))
        .route("/plan/{p}/roles", get(domains::plan_roles))
        .route("/access", get(domains::access))
}

/// Paths of contract §6, below either flavour's root.
fn tokens(root: &str) -> Router<Front> {
    Router::new()
        .route(root, get(tokens::list).post(tokens::create))
        .route(
            &format!("{root}/{{id}}"),
            get(tokens::find).delete(tokens::remove),
        )
        .route(&format!("{root}/{{id}}/enable"), put(tokens::enable))
        .route(&format!("{root}/{{id}}/disable"), put(tokens::disable))
        .route(&format!("{root}/{{id}}/rename"), put(tokens::rename))
}
