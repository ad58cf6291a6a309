//! `POST …/token`: the grants, and why they are refused (contract §2.3).

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse, Json, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Utc;
use serde_json::Value;
use uuid::Uuid;

use super::{Client, Code, Session, clients, errors::Refusal, form::Form, issuer, tokens};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::state,
};

/// What Keycloak gives who asks for nothing.
const DEFAULT_SCOPE: &str = "profile email";

pub async fn token(
    State(world): State<World<state::State>>,
    call: Call,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&headers, &body);
    let answer = world.change(&call, |state, _no_effects| grant(state, &headers, &form));
    let mut response = match answer {
        Ok(tokens) => Json(tokens).into_response(),
        Err(refusal) => refusal.into_response(),
    };
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn grant(state: &mut state::State, headers: &HeaderMap, form: &Form) -> Result<Value, Refusal> {
    let missing = || Refusal::invalid_request("Missing form parameter: grant_type");
    let kind = form.get("grant_type").ok_or_else(missing)?;
    let run = match kind {
        "authorization_code" => by_code,
        "refresh_token" => by_refresh_token,
        "client_credentials" => by_client_credentials,
        "password" => by_password,
        _ => {
            let error = if state.settings.old_idp {
                "invalid_request"
            } else {
                "unsupported_grant_type"
            };
            let text = "Unsupported grant_type";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, error, text));
        }
    };
    let client = clients::authenticate(state, headers, form)?.clone();
    form.check_unique()?;
    let tenant = wanted_tenant(headers)?;
    if tenant.is_some() && kind != "refresh_token" && state.settings.tenant_on_refresh_only {
        return Err(Refusal::invalid_request(
            "The tenant header is only supported with refresh_token",
        ));
    }
    run(
        state,
        &client,
        form,
        &Asked {
            issuer: issuer(headers),
            tenant,
        },
    )
}

/// What a request says outside its form.
struct Asked {
    issuer: String,
    tenant: Option<Uuid>,
}

fn wanted_tenant(headers: &HeaderMap) -> Result<Option<Uuid>, Refusal> {
    let read = |value: &HeaderValue| {
        let id = value.to_str().ok().and_then(|text| text.parse().ok());
        id.ok_or_else(|| Refusal::invalid_grant("Invalid tenant"))
    };
    headers.get("tenant").map(read).transpose()
}

fn by_client_credentials(
    state: &mut state::State,
    client: &Client,
    form: &Form,
    asked: &Asked,
) -> Result<Value, Refusal> {
    let Some(account) = client.service_account else {
        return Err(not_for(
            state,
            "Public client not allowed to retrieve service account",
        ));
    };
    let tenant = asked.tenant.or_else(|| client.tenants.first().copied());
    check_tenant(state, client, account, tenant)?;
    let scope = form.get("scope").unwrap_or(DEFAULT_SCOPE);
    let session = Session::new(account, client, tenant, scope);
    begin(state, client, session, asked)
}

fn by_password(
    state: &mut state::State,
    _: &Client,
    _: &Form,
    _: &Asked,
) -> Result<Value, Refusal> {
    Err(not_for(
        state,
        "Client not allowed for direct access grants",
    ))
}

fn not_for(state: &state::State, text: &str) -> Refusal {
    let status = if state.settings.old_idp {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::UNAUTHORIZED
    };
    Refusal::new(status, "unauthorized_client", text)
}

fn by_code(
    state: &mut state::State,
    client: &Client,
    form: &Form,
    asked: &Asked,
) -> Result<Value, Refusal> {
    let text = form
        .get("code")
        .ok_or_else(|| Refusal::invalid_request("Missing parameter: code"))?;
    let not_valid = || Refusal::invalid_grant("Code not valid");
    let code = state.realm.codes.get_mut(text).ok_or_else(not_valid)?;
    if code.client != client.id {
        return Err(Refusal::invalid_grant("Auth error"));
    }
    if std::mem::replace(&mut code.used, true) {
        // Somebody has got hold of it: whoever used it first loses the session too (RFC 6749, section 4.1.2).
        let session = code.session;
        state.realm.sessions.remove(&session);
        return Err(not_valid());
    }
    let code = code.clone();
    if code.expires <= Utc::now() {
        return Err(Refusal::invalid_grant("Code is expired"));
    }
    if form.get("redirect_uri") != Some(&code.redirect_uri) {
        return Err(Refusal::invalid_grant("Incorrect redirect_uri"));
    }
    check_verifier(&code, form.get("code_verifier"))?;
    let tenant = asked
        .tenant
        .or_else(|| usual_tenant(state, client, code.user));
    check_tenant(state, client, code.user, tenant)?;
    let mut session = Session::new(code.user, client, tenant, &code.scope);
    session.id = code.session;
    session.nonce = code.nonce;
    begin(state, client, session, asked)
}

fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), Refusal> {
    let Some((challenge, is_hash)) = &code.challenge else {
        return Ok(());
    };
    let verifier =
        verifier.ok_or_else(|| Refusal::invalid_grant("PKCE code verifier not specified"))?;
    let shown = if *is_hash {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
    } else {
        verifier.to_owned()
    };
    if shown != *challenge {
        return Err(Refusal::invalid_grant("PKCE verification failed"));
    }
    Ok(())
}

fn by_refresh_token(
    state: &mut state::State,
    client: &Client,
    form: &Form,
    asked: &Asked,
) -> Result<Value, Refusal> {
    let text = form
        .get("refresh_token")
        .ok_or_else(|| Refusal::invalid_request("No refresh token"))?;
    let invalid = || Refusal::invalid_grant("Invalid refresh token");
    let claims = state.realm.refresh_key.read(text).ok_or_else(invalid)?;
    let id = |name: &str| claims[name].as_str()?.parse::<Uuid>().ok();
    let (jti, session) = id("jti").zip(id("session_state")).ok_or_else(invalid)?;
    if claims["azp"] != *client.id {
        return Err(Refusal::invalid_grant(
            "Invalid refresh token. Token client and authorized client don't match",
        ));
    }
    let rotates = state.settings.rotates;
    let found = state.realm.sessions.get_mut(&session);
    let found = found.ok_or_else(|| Refusal::invalid_grant("Session not active"))?;
    if found.expires <= Utc::now() {
        return Err(Refusal::invalid_grant("Token is not active"));
    }
    if rotates && found.refresh != jti {
        found.stale += 1;
        return Err(Refusal::invalid_grant("Stale token"));
    }
    let user = found.user;
    let tenant = asked.tenant.or(found.tenant);
    let scope = form.get("scope").unwrap_or(&found.scope).to_owned();
    if let Some(more) = scope
        .split(' ')
        .find(|word| !tokens::has(&found.scope, word))
    {
        let text = format!("Invalid scopes: {more}");
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_scope", text));
    }
    check_tenant(state, client, user, tenant)?;
    if let Some(session) = state.realm.sessions.get_mut(&session) {
        session.tenant = tenant;
        session.refreshes += 1;
    }
    issue(state, client, session, &scope, asked)
}

/// The first tenant of a user in which the client may act.
fn usual_tenant(state: &state::State, client: &Client, user: Uuid) -> Option<Uuid> {
    let of_user = state.tenants_of(user);
    let mut tenants = of_user.iter().map(|tenant| tenant.id);
    tenants.find(|tenant| client.may_act_in(*tenant))
}

/// Refuses a tenant that is not the user's or where the application is not installed, without saying which it is.
fn check_tenant(
    state: &state::State,
    client: &Client,
    user: Uuid,
    tenant: Option<Uuid>,
) -> Result<(), Refusal> {
    let Some(id) = tenant else { return Ok(()) };
    let is_own = client.service_account == Some(user) && client.tenants.contains(&id);
    let is_in =
        |tenant: &state::Tenant| is_own || client.may_act_in(id) && tenant.members.contains(user);
    if state.tenants.get(id).is_some_and(is_in) {
        Ok(())
    } else {
        Err(Refusal::invalid_grant("Tenant not allowed"))
    }
}

fn begin(
    state: &mut state::State,
    client: &Client,
    session: Session,
    asked: &Asked,
) -> Result<Value, Refusal> {
    let (id, scope) = (session.id, session.scope.clone());
    state.realm.add_session(session);
    issue(state, client, id, &scope, asked)
}

fn issue(
    state: &mut state::State,
    client: &Client,
    session: Uuid,
    scope: &str,
    asked: &Asked,
) -> Result<Value, Refusal> {
    let own_account = state
        .realm
        .sessions
        .get(&session)
        .is_some_and(|session| client.service_account == Some(session.user));
    let (realm, settings) = (&mut state.realm, &state.settings);
    tokens::issue(realm, settings, &asked.issuer, session, scope, own_account)
        .ok_or_else(|| Refusal::invalid_grant("Session not active"))
}
