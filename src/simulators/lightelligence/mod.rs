//! Lightelligence as its contract has it: an identity provider that signs real tokens, and the API of tenants, users, roles and
//! invites, both on one port.
//!
//! The switches are in [`Settings`]. What can be done behind the clients' backs, the provider's included, is in [`drift`].

mod api;
mod drift;
mod errors;
mod permissions;
mod realm;
mod roll;
mod seed;
mod settings;
mod state;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

use self::{
    errors::Error,
    realm::RefreshKey,
    settings::{Handed, Settings},
    state::State,
};
use super::kit::{Drift, Holdings, Options, Vendor, World};

/// What can be connected: one tenant, with the identity provider.
const VARIANT: &str = "lightelligence/tenant";

/// The vendor, with its switches set.
pub struct Lightelligence {
    accounts: usize,
    settings: Settings,
    refresh_key: RefreshKey,
}

impl Lightelligence {
    /// Reads the options; a switch that Lightelligence doesn't have is an error.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        Ok(Lightelligence {
            accounts: options.account_count(),
            settings: Settings::read(options)?,
            refresh_key: RefreshKey::generate(),
        })
    }

    fn credentials(&self, issuer: &str) -> Value {
        match self.settings.handed {
            Handed::RefreshToken => {
                let session = seed::session(&self.settings);
                json!({
                    "kind": "refresh_token",
                    "client_id": seed::PORTAL,
                    "refresh_token": realm::seeded_refresh(&self.refresh_key, issuer, &session),
                })
            }
            Handed::ClientCredentials => json!({
                "kind": "client_credentials",
                "client_id": seed::SERVICE,
                "client_secret": seed::SECRET,
            }),
            Handed::AuthorizationCode => json!({
                "kind": "authorization_code",
                "client_id": seed::PORTAL,
                "code": seed::CODE,
                "redirect_uri": seed::REDIRECT_URI,
            }),
            Handed::CustomApplication => json!({
                "kind": "client_credentials",
                "client_id": seed::application(),
                "client_secret": seed::SECRET,
            }),
        }
    }
}

impl Vendor for Lightelligence {
    type State = State;

    fn seed(&self) -> State {
        let (settings, refresh_key) = (self.settings.clone(), self.refresh_key.clone());
        let session = seed::session(&settings);
        seed::state(self.accounts, settings, refresh_key, session)
    }

    fn router(&self, world: World<State>) -> Router {
        Router::new()
            .nest(api::PATH, api::router(world.clone()))
            .merge(realm::router(world))
            .method_not_allowed_fallback(wrong_method)
            .fallback(nothing_here)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        (variant == VARIANT).then(|| {
            let realm_url = format!("{url}{}", realm::PATH);
            json!({
                "settings": {
                    "base_url": format!("{url}{}", api::PATH),
                    "realm_url": realm_url,
                    "tenant_id": seed::home(),
                },
                "credentials": self.credentials(&realm_url),
            })
        })
    }

    /// Those of the tenant that [`connection`](Vendor::connection) names, which is the one among its apps; the invites are its
    /// requests.
    fn holdings(&self, state: &State) -> Holdings {
        let mut holdings = Holdings {
            tokens: state.realm.shown(),
            ..Holdings::default()
        };
        if let Ok(home) = state.tenant(state.home) {
            let places = home.members.iter();
            let places = places.filter_map(|(user, _)| state.place(home.id, user).ok());
            holdings.apps = vec![home.show()];
            holdings.accounts = places.map(|place| place.show()).collect();
            holdings.entitlements = home.roles.iter().map(|(_, role)| role.show()).collect();
            holdings.grants = state::grants_shown(home);
            let invites = home.invites.iter();
            holdings.requests = invites.map(|(_, invite)| invite.show(home)).collect();
        }
        holdings
    }

    fn drift(&self, state: &mut State, drift: &Drift) -> Result<(), String> {
        drift::apply(state, drift)
    }

    fn error_body(&self, path: &str) -> Value {
        if path.starts_with(realm::PATH) {
            realm::internal_error()
        } else {
            Error::internal().body()
        }
    }
}

/// A path that neither the API nor the realm has.
async fn nothing_here(request: Request) -> Response {
    if of_realms(&request) {
        return (StatusCode::NOT_FOUND, realm_error("Realm does not exist")).into_response();
    }
    Error::not_found().into_response()
}

async fn wrong_method(request: Request) -> Response {
    if of_realms(&request) {
        let error = realm_error("HTTP 405 Method Not Allowed");
        return (StatusCode::METHOD_NOT_ALLOWED, error).into_response();
    }
    Error::method_not_allowed().into_response()
}

fn of_realms(request: &Request) -> bool {
    request.uri().path().starts_with("/v1/id/")
}

fn realm_error(text: &str) -> Json<Value> {
    Json(json!({ "error": text }))
}
