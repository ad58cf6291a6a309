//! `/clients`: a tenant's OAuth clients, whose secret is shown when they are made and never again (contract §5).

use aws_lc_rs::rand;
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    data,
    input::{self, Fields},
    page::Page,
};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{DEVELOPMENT_READ, DEVELOPMENT_WRITE},
        realm::{Client, Reach},
        state,
    },
};

type Platform = State<World<state::State>>;

fn show(client: &Client) -> Value {
    let kind = if client.secret.is_some() {
        "confidential"
    } else {
        "public"
    };
    json!({
        "id": client.id,
        "name": client.name,
        "type": kind,
        "redirectUris": client.redirect_uris,
    })
}

/// A secret that nobody could guess.
pub fn fresh_secret() -> String {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).expect("the system has random bytes");
    hex::encode(bytes)
}

/// A client for custom code, which user management is barred to.
pub fn custom(id: Uuid, name: String, redirect_uris: Vec<String>, public: bool) -> Client {
    Client {
        id: id.to_string(),
        name,
        secret: (!public).then(fresh_secret),
        redirect_uris,
        reach: Reach::Custom,
        tenants: Vec::new(),
        service_account: (!public).then(Uuid::new_v4),
        made_by: None,
    }
}

/// Whether the client is to be public.
pub fn is_public(fields: &mut Fields) -> Result<bool, Error> {
    match fields.text("type")?.as_deref() {
        None | Some("confidential") => Ok(false),
        Some("public") => Ok(true),
        Some(_) => Err(Error::invalid("type", "must be confidential or public")),
    }
}

fn find_own(state: &state::State, tenant: Uuid, id: Uuid) -> Result<&Client, Error> {
    let found = state.realm.client(&id.to_string());
    found
        .filter(|client| client.made_by == Some(tenant))
        .ok_or_else(Error::not_found)
}

pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let name = fields.required_text("name")?;
    let redirect_uris = fields.texts("redirectUris")?.unwrap_or_default();
    let id = Uuid::new_v4();
    let mut client = custom(id, name, redirect_uris, is_public(&mut fields)?);
    client.tenants.push(tenant);
    client.made_by = Some(tenant);
    world.change(&call, |state, effects| {
        let mut shown = show(&client);
        effects.applied(id, Value::Null, shown.clone());
        if let Some(secret) = &client.secret {
            shown["secret"] = json!(secret);
        }
        state.admit(client);
        Ok((StatusCode::CREATED, Json(data(shown))))
    })
}

pub async fn list(
    State(world): Platform,
    call: Call,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.here(DEVELOPMENT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = state.realm.clients();
        let own = all.filter(|client| client.made_by == Some(tenant));
        Ok(page.of_all(own.map(show).collect()))
    })
}

pub async fn find(
    State(world): Platform,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = input::id("clientId", &client)?;
    let tenant = caller.here(DEVELOPMENT_READ)?;
    world.read(|state| Ok(Json(data(show(find_own(state, tenant, id)?)))))
}

pub async fn delete(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<StatusCode, Error> {
    let id = input::id("clientId", &client)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(&call, |state, effects| {
        let before = show(find_own(state, tenant, id)?);
        state.realm.remove_client(&id.to_string());
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// For clients only, and without an envelope: the tenants where they may act.
pub async fn installed_tenants(
    State(world): Platform,
    caller: Caller,
) -> Result<Json<Value>, Error> {
    if !caller.is_client {
        return Err(Error::no_access());
    }
    world.read(|state| {
        let client = state.realm.client(&caller.client);
        let ids = client.into_iter().flat_map(|client| &client.tenants);
        let all = ids.filter_map(|id| state.tenants.get(*id));
        Ok(Json(
            all.map(|tenant| json!({ "tenantId": tenant.id, "name": tenant.name }))
                .collect(),
        ))
    })
}
