//! The identity provider: a Keycloak realm that signs people and clients in (contract §2).
//!
//! Signing in is no effect: nothing changes that a client of the API manages. Sessions show in the state instead.

mod account;
mod authorize;
mod clients;
mod describe;
mod errors;
mod form;
mod grants;
mod jwt;
mod keys;
mod sessions;
mod tokens;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::HOST},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::{
    clients::{Client, Reach},
    jwt::RefreshKey,
    sessions::{Code, Session},
    tokens::{Access, bearer, has as has_scope, seeded_refresh},
};
use self::{errors::Refusal, keys::SigningKey};
use super::{settings::Door, state};
use crate::simulators::kit::World;

/// Where the realm is served.
pub const PATH: &str = "/v1/id/auth/realms/olt";

/// What the identity provider holds.
#[derive(Clone)]
pub struct Realm {
    /// The first signs; the others still verify.
    keys: Vec<Arc<SigningKey>>,
    refresh_key: RefreshKey,
    clients: BTreeMap<String, Client>,
    sessions: HashMap<Uuid, Session>,
    codes: HashMap<String, Code>,
    /// The access tokens that are good, by `jti`, and until when.
    access: HashMap<Uuid, DateTime<Utc>>,
    /// Who signs in at the authorization endpoint, unless somebody else is hinted at.
    visitor: Uuid,
}

impl Realm {
    pub fn new(refresh_key: RefreshKey, visitor: Uuid) -> Self {
        Realm {
            keys: keys::seeded(),
            refresh_key,
            clients: BTreeMap::new(),
            sessions: HashMap::new(),
            codes: HashMap::new(),
            access: HashMap::new(),
            visitor,
        }
    }

    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    pub fn client_mut(&mut self, id: &str) -> Option<&mut Client> {
        self.clients.get_mut(id)
    }

    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.values()
    }

    pub fn add_client(&mut self, client: Client) {
        self.clients.insert(client.id.clone(), client);
    }

    /// Removes a client; what it was issued ends with it.
    pub fn remove_client(&mut self, id: &str) -> Option<Client> {
        self.sessions.retain(|_, session| session.client != id);
        self.clients.remove(id)
    }

    /// Signs with a new key from now on; the old ones still verify.
    pub fn add_key(&mut self) {
        self.keys.insert(0, SigningKey::generate());
    }

    /// Drops a key, and so all tokens that it has signed.
    pub fn remove_key(&mut self, kid: &str) -> Result<(), String> {
        let place = self.keys.iter().position(|key| key.kid == kid);
        let place = place.ok_or_else(|| format!("there is no key {kid}"))?;
        if self.keys.len() == 1 {
            return Err("the last key stays: add another first".to_owned());
        }
        self.keys.remove(place);
        Ok(())
    }

    /// Keys, clients and sessions, without any secret.
    pub fn shown(&self) -> Vec<Value> {
        let keys = self
            .keys
            .iter()
            .enumerate()
            .map(|(n, key)| json!({ "kind": "signing_key", "id": key.kid, "active": n == 0 }));
        let clients = self.clients.values().map(Client::show);
        let mut sessions: Vec<&Session> = self.sessions.values().collect();
        sessions.sort_by_key(|session| (session.since, session.id));
        let sessions = sessions.into_iter().map(Session::show);
        keys.chain(clients).chain(sessions).collect()
    }
}

/// The realm's URL as the caller knows it; it issues tokens in that name.
fn issuer(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    format!("http://{}{PATH}", host.unwrap_or("localhost"))
}

pub fn router(world: World<state::State>) -> Router {
    let openid = "/protocol/openid-connect";
    Router::new()
        .route(PATH, get(describe::realm))
        .route(
            &format!("{PATH}/.well-known/openid-configuration"),
            get(describe::discovery),
        )
        .route(&format!("{PATH}{openid}/certs"), get(describe::certs))
        .route(
            &format!("{PATH}{openid}/auth"),
            get(authorize::by_query).post(authorize::by_form),
        )
        .route(&format!("{PATH}{openid}/token"), post(grants::token))
        .route(
            &format!("{PATH}{openid}/token/introspect"),
            post(account::introspect),
        )
        .route(
            &format!("{PATH}{openid}/userinfo"),
            get(account::userinfo).post(account::userinfo),
        )
        .route(
            &format!("{PATH}{openid}/logout"),
            get(account::leave).post(account::logout),
        )
        .layer(middleware::from_fn_with_state(world.clone(), guard))
        .with_state(world)
}

/// Lets nobody in while the realm is closed.
async fn guard(State(world): State<World<state::State>>, request: Request, next: Next) -> Response {
    let refuse = |error, text| Refusal::new(StatusCode::FORBIDDEN, error, text).into_response();
    match world.read(|state| state.settings.door) {
        Door::Open => next.run(request).await,
        Door::Off => refuse("access_denied", "Realm not enabled"),
        Door::HttpsOnly => refuse("invalid_request", "HTTPS required"),
    }
}

/// What failing looks like here.
pub fn internal_error() -> Value {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Refusal::new(status, "unknown_error", "An internal error has occurred").body()
}
