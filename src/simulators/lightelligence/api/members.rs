//! `/tenants/{tenantId}/users` (contract §4 and §5): who is in a tenant, with which roles.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    data, deprecated,
    input::{self, Fields},
    page::{Page, Totals},
};
use crate::simulators::{
    kit::{Call, Effects, World},
    lightelligence::{
        errors::Error,
        permissions::{USERS_READ, USERS_WRITE},
        state,
    },
};

type Platform = State<World<state::State>>;
type Member = Path<(String, String)>;

pub async fn list(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let id = caller.inside(&tenant, USERS_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let members = &state.tenant(id)?.members;
        let shown = state.settings.role_rows;
        Ok(page.of(members.len(), Totals::Items, |rows| {
            let rows = members.rows(rows);
            rows.filter_map(|(user, _)| Some(state.place(id, user).ok()?.show_row(shown)))
                .collect::<Vec<Value>>()
        }))
    })
}

pub async fn roles(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((tenant, user)): Member,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.inside(&tenant, USERS_READ)?;
    let user = input::id("userId", &user)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| Ok(page.of_all(state.place(tenant, user)?.show_roles())))
}

/// Replaces all roles.
pub async fn replace(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((tenant, user)): Member,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let tenant = caller.inside(&tenant, USERS_WRITE)?;
    let user = input::id("userId", &user)?;
    let mut fields = Fields::read(&body)?;
    world.change(&call, |state, effects| {
        let roles = fields.roles(state.tenant(tenant)?)?;
        let roles = roles.ok_or_else(|| Error::invalid("roles", "is required"))?;
        state.place(tenant, user)?;
        Ok(Json(data(seat(state, effects, tenant, user, roles)?)))
    })
}

/// The same by names; `legacy_put` = `204` lets in who was no user of the tenant.
pub async fn replace_legacy(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((tenant, user)): Member,
    body: Bytes,
) -> Result<Response, Error> {
    let tenant = caller.inside(&tenant, USERS_WRITE)?;
    let user = input::id("userId", &user)?;
    let mut fields = Fields::read(&body)?;
    world.change(&call, |state, effects| {
        let roles = fields.role_names(state.tenant(tenant)?)?;
        let roles = roles.ok_or_else(|| Error::invalid("roleNames", "is required"))?;
        let assigns = state.settings.legacy_put_assigns;
        if assigns {
            state.user(user)?;
        } else {
            state.place(tenant, user)?;
        }
        let shown = seat(state, effects, tenant, user, roles)?;
        Ok(deprecated(if assigns {
            StatusCode::NO_CONTENT.into_response()
        } else {
            (StatusCode::CREATED, Json(data(shown))).into_response()
        }))
    })
}

fn seat(
    state: &mut state::State,
    effects: &mut Effects<'_>,
    tenant: Uuid,
    user: Uuid,
    roles: Vec<Uuid>,
) -> Result<Value, Error> {
    let before = state.place(tenant, user).ok().map(|place| place.show());
    state.tenant_mut(tenant)?.seat(user, roles);
    let after = state.place(tenant, user)?.show();
    effects.applied(user, json!(before), after.clone());
    Ok(after)
}

pub async fn remove(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((tenant, user)): Member,
) -> Result<StatusCode, Error> {
    let tenant = caller.inside(&tenant, USERS_WRITE)?;
    let user = input::id("userId", &user)?;
    world.change(&call, |state, effects| {
        let before = state.place(tenant, user)?.show();
        state.tenant_mut(tenant)?.unseat(user);
        effects.applied(user, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
