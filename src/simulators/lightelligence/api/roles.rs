//! `/roles`: those of the token's tenant (contract §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{Json, Response},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    caller::Caller,
    data, deprecated,
    input::{self, role_fields},
    page::{Page, Totals},
};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{TENANT_READ, TENANT_WRITE, USERS_READ},
        state,
    },
};

type Platform = State<World<state::State>>;

pub async fn list(
    State(world): Platform,
    call: Call,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.here(TENANT_READ)?;
    page(&world, &call, tenant, query)
}

/// The same, by the path from before there was `/roles`.
pub async fn list_legacy(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let tenant = caller.inside(&tenant, TENANT_READ)?;
    page(&world, &call, tenant, query).map(deprecated)
}

fn page(
    world: &World<state::State>,
    call: &Call,
    tenant: Uuid,
    query: Option<String>,
) -> Result<Json<Value>, Error> {
    let page = Page::read(query.as_deref(), call)?;
    world.read(|state| {
        let roles = &state.tenant(tenant)?.roles;
        Ok(page.of(roles.len(), Totals::None, |rows| {
            let rows = roles.rows(rows);
            rows.map(|(_, role)| role.show()).collect::<Vec<Value>>()
        }))
    })
}

pub async fn find(
    State(world): Platform,
    caller: Caller,
    Path(role): Path<String>,
) -> Result<Json<Value>, Error> {
    let role = input::id("roleId", &role)?;
    let tenant = caller.here(TENANT_READ)?;
    world.read(|state| Ok(Json(data(state.tenant(tenant)?.role(role)?.show()))))
}

pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let tenant = caller.here(TENANT_WRITE)?;
    let new = role_fields(&body)?;
    world.change(&call, |state, effects| {
        let role = state.tenant_mut(tenant)?.add_role(Uuid::new_v4(), new)?;
        effects.applied(role.id, Value::Null, role.show());
        Ok((StatusCode::CREATED, Json(data(role.show()))))
    })
}

pub async fn change(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(role): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let role = input::id("roleId", &role)?;
    let tenant = caller.here(TENANT_WRITE)?;
    let change = role_fields(&body)?;
    world.change(&call, |state, effects| {
        let tenant = state.tenant_mut(tenant)?;
        let before = tenant.role(role)?.show();
        let after = tenant.change_role(role, change)?.show();
        effects.applied(role, before, after.clone());
        Ok(Json(data(after)))
    })
}

pub async fn delete(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(role): Path<String>,
) -> Result<StatusCode, Error> {
    let role = input::id("roleId", &role)?;
    let tenant = caller.here(TENANT_WRITE)?;
    world.change(&call, |state, effects| {
        let gone = state.tenant_mut(tenant)?.remove_role(role)?;
        effects.applied(role, gone.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Who has the role.
pub async fn users(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(role): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let role = input::id("roleId", &role)?;
    let tenant = caller.here(USERS_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let holders = &state.tenant(tenant)?.role(role)?.holders;
        Ok(page.of(holders.len(), Totals::Items, |rows| {
            let rows = holders.rows(rows);
            rows.filter_map(|(user, ())| Some(state.user(user).ok()?.show()))
                .collect::<Vec<Value>>()
        }))
    })
}

pub async fn permissions(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(role): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let role = input::id("roleId", &role)?;
    let tenant = caller.here(TENANT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let known = &state.tenant(tenant)?.role(role)?.permissions;
        Ok(page.of_all(known.iter().map(|permission| permission.show()).collect()))
    })
}
