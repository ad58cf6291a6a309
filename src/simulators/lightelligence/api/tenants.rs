//! `/tenants` (contract §4).

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use regex::Regex;
use serde_json::{Map, Value};

use super::{caller::Caller, data, input::Fields};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{errors::Error, permissions, state},
};

type Platform = State<World<state::State>>;

static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-zA-Z0-9_\- ]+$").expect("a valid pattern"));

pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let mut fields = Fields::read(&body)?;
    let name = name(fields.required_text("name")?)?;
    for required in ["billingContact", "billingCompany", "package"] {
        if !fields.has(required) {
            return Err(Error::invalid(required, "is required"));
        }
    }
    let details = details(fields)?;
    world.change(&call, |state, effects| {
        let tenant = state.found(caller.user, &name, details)?;
        let (id, shown) = (tenant.id, tenant.show());
        effects.applied(id, Value::Null, shown.clone());
        if caller.is_client
            && let Some(client) = state.realm.client_mut(&caller.client)
        {
            client.tenants.push(id);
        }
        Ok((StatusCode::CREATED, Json(data(shown))))
    })
}

pub async fn find(
    State(world): Platform,
    caller: Caller,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, Error> {
    let tenant = caller.inside(&tenant, permissions::TENANT_READ)?;
    world.read(|state| Ok(Json(data(state.tenant(tenant)?.show()))))
}

pub async fn change(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let tenant = caller.inside(&tenant, permissions::TENANT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let name = fields.text("name")?.map(name).transpose()?;
    let details = details(fields)?;
    world.change(&call, |state, effects| {
        let before = state.tenant(tenant)?.show();
        let after = state.change_tenant(tenant, name, details)?.show();
        effects.applied(tenant, before, after.clone());
        Ok(Json(data(after)))
    })
}

pub async fn delete(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
) -> Result<StatusCode, Error> {
    let tenant = caller.inside(&tenant, permissions::TENANT_WRITE)?;
    world.change(&call, |state, effects| {
        let gone = state.tenants.remove(tenant).ok_or_else(Error::not_found)?;
        effects.applied(tenant, gone.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn name(text: String) -> Result<String, Error> {
    if !(3..=32).contains(&text.chars().count()) {
        return Err(Error::invalid("name", "must have 3 to 32 characters"));
    }
    if !NAME.is_match(&text) {
        return Err(Error::invalid("name", "must match ^([a-zA-Z0-9_\\- ]+)$"));
    }
    Ok(text)
}

/// The objects that are kept untouched: nobody knows what is in them.
fn details(mut fields: Fields) -> Result<Map<String, Value>, Error> {
    let mut details = Map::new();
    for name in ["billingContact", "billingCompany", "package", "payment"] {
        if let Some(object) = fields.object(name)? {
            details.insert(name.to_owned(), object);
        }
    }
    Ok(details)
}
