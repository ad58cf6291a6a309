//! What a token is good for here: userinfo, introspection, signing out (contract §2, §2.4).

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{Html, IntoResponse, Json, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{clients, errors::Refusal, form::Form, jwt, tokens};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::state,
};

type Realm = State<World<state::State>>;

/// `emailVerified` is spelled so here (contract §2.4).
pub async fn userinfo(State(world): Realm, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    world.read(|state| {
        let old = state.settings.old_idp;
        let unauthorized = |error, text| Refusal::new(StatusCode::UNAUTHORIZED, error, text);
        let token = tokens::bearer(&headers).ok_or_else(|| {
            let text = "Token not provided";
            if old {
                Refusal::invalid_request(text)
            } else {
                unauthorized("invalid_request", text)
            }
        })?;
        let access = state
            .realm
            .access(token)
            .ok_or_else(|| unauthorized("invalid_token", "Token invalid: Token is not active"))?;
        if !state.realm.sessions.contains_key(&access.session) {
            let error = if old {
                "invalid_request"
            } else {
                "invalid_token"
            };
            let text = "User session not found or doesn't have client attached on it";
            return Err(unauthorized(error, text));
        }
        let user = state.user(access.user);
        let user = user.map_err(|_| unauthorized("invalid_token", "User not found"))?;
        let mut claims = json!({ "sub": user.id });
        if tokens::has(&access.scope, "profile") {
            let name = format!("{} {}", user.first_name, user.last_name);
            claims["name"] = json!(name.trim_end());
            claims["preferred_username"] = json!(user.email);
            claims["given_name"] = json!(user.first_name);
            claims["family_name"] = json!(user.last_name);
        }
        if tokens::has(&access.scope, "email") {
            claims["email"] = json!(user.email);
            claims["emailVerified"] = json!(true);
        }
        if let Some(tenant) = access.tenant {
            claims["tenant"] = json!(tenant);
        }
        Ok(Json(claims))
    })
}

/// For clients with a secret only.
pub async fn introspect(
    State(world): Realm,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let form = Form::read(&headers, &body);
    world.read(|state| {
        let client = clients::authenticate(state, &headers, &form)?;
        if client.secret.is_none() {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "access_denied",
                "Client not allowed",
            ));
        }
        let token = form
            .get("token")
            .ok_or_else(|| Refusal::invalid_request("Token not provided"))?;
        Ok(Json(match state.realm.access_claims(token) {
            Some(mut claims) => {
                claims["active"] = json!(true);
                claims["client_id"] = claims["azp"].clone();
                claims
            }
            None => json!({ "active": false }),
        }))
    })
}

/// Ends the session of a refresh token.
pub async fn logout(
    State(world): Realm,
    call: Call,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let form = Form::read(&headers, &body);
    world.change(&call, |state, _no_effects| {
        let client = clients::authenticate(state, &headers, &form)?.id.clone();
        let token = form
            .get("refresh_token")
            .ok_or_else(|| Refusal::invalid_request("No refresh token"))?;
        let claims = state.realm.refresh_key.read(token);
        let claims = claims.filter(|claims| claims["azp"] == *client);
        let claims = claims.ok_or_else(|| Refusal::invalid_grant("Invalid refresh token"))?;
        end(state, &claims);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A browser's way: the session is that of `id_token_hint`.
pub async fn leave(
    State(world): Realm,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    world.change(&call, |state, _no_effects| {
        if let Some(token) = form.get("id_token_hint") {
            let claims = jwt::read(&state.realm.keys, token);
            let claims = claims
                .ok_or_else(|| Refusal::invalid_request("Invalid parameter: id_token_hint"))?;
            end(state, &claims);
        }
        let onward = form
            .get("post_logout_redirect_uri")
            .or(form.get("redirect_uri"));
        let Some(uri) = onward else {
            return Ok(Html("<!doctype html><p>You are logged out</p>").into_response());
        };
        if !state
            .realm
            .clients()
            .any(|client| client.takes_redirect(uri))
        {
            return Err(Refusal::invalid_request("Invalid redirect uri"));
        }
        Ok((StatusCode::FOUND, [(LOCATION, uri.to_owned())]).into_response())
    })
}

fn end(state: &mut state::State, claims: &Value) {
    let id = claims["session_state"].as_str();
    if let Some(id) = id.and_then(|id| id.parse::<Uuid>().ok()) {
        state.realm.sessions.remove(&id);
    }
}
