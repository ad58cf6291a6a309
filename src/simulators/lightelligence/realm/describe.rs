//! What the realm tells about itself: keys, endpoints.

use axum::{extract::State, http::HeaderMap, response::Json};
use serde_json::{Value, json};

use super::issuer;
use crate::simulators::{kit::World, lightelligence::state};

type Realm = State<World<state::State>>;

/// One key without its id (contract §2.1): the active one.
pub async fn realm(State(world): Realm, headers: HeaderMap) -> Json<Value> {
    let url = issuer(&headers);
    world.read(|state| {
        let mut shown = json!({
            "realm": "olt",
            "public_key": state.realm.keys[0].spki(),
            "token-service": format!("{url}/protocol/openid-connect"),
            "account-service": format!("{url}/account"),
            "tokens-not-before": 0,
        });
        if state.settings.old_idp {
            shown["admin-api"] = json!(url.replace("/realms/olt", "/admin"));
        }
        Json(shown)
    })
}

pub async fn certs(State(world): Realm) -> Json<Value> {
    let keys: Vec<Value> =
        world.read(|state| state.realm.keys.iter().map(|key| key.jwk()).collect());
    Json(json!({ "keys": keys }))
}

pub async fn discovery(headers: HeaderMap) -> Json<Value> {
    let issuer = issuer(&headers);
    let at = |path: &str| format!("{issuer}/protocol/openid-connect{path}");
    let client_authentication = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
    ];
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/auth"),
        "token_endpoint": at("/token"),
        "token_introspection_endpoint": at("/token/introspect"),
        "introspection_endpoint": at("/token/introspect"),
        "userinfo_endpoint": at("/userinfo"),
        "end_session_endpoint": at("/logout"),
        "jwks_uri": at("/certs"),
        "grant_types_supported": [
            "authorization_code", "implicit", "refresh_token", "password", "client_credentials"
        ],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": client_authentication,
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "scopes_supported": [
            "openid", "offline_access", "profile", "email", "address", "phone",
            "olt-internal", "olt-external", "olt-applications"
        ],
        "claims_supported": [
            "sub", "iss", "auth_time", "name", "given_name", "family_name", "preferred_username", "email"
        ],
        "code_challenge_methods_supported": ["plain", "S256"],
        "tls_client_certificate_bound_access_tokens": false,
    }))
}
