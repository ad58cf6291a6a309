//! `/tenants/{tenantId}/invites` (contract §5); their receivers answer them under `/users`.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::Value;

use super::{
    caller::Caller,
    data,
    input::{self, Fields},
    page::{Page, Totals},
};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{USERS_READ, USERS_WRITE},
        state,
    },
};

type Platform = State<World<state::State>>;

pub async fn list(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.inside(&tenant, USERS_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let tenant = state.tenant(tenant)?;
        Ok(page.of(tenant.invites.len(), Totals::None, |rows| {
            let rows = tenant.invites.rows(rows);
            rows.map(|(_, invite)| invite.show(tenant))
                .collect::<Vec<Value>>()
        }))
    })
}

/// Roles by id, or by name as it was before.
pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let tenant = caller.inside(&tenant, USERS_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let email = fields.required_text("receiverEmail")?;
    let is_address = email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'));
    if !is_address || email.contains(char::is_whitespace) {
        return Err(Error::invalid("receiverEmail", "must be an e-mail address"));
    }
    world.change(&call, |state, effects| {
        let there = state.tenant(tenant)?;
        let roles = match fields.roles(there)? {
            Some(roles) => Some(roles),
            None => fields.role_names(there)?,
        };
        let roles = roles.filter(|roles| !roles.is_empty());
        let roles = roles.ok_or_else(|| Error::invalid("roles", "must have a role"))?;
        let id = state.invite(tenant, Some(caller.user), email, roles)?;
        let there = state.tenant(tenant)?;
        let invite = there.invites.get(id).ok_or_else(Error::not_found)?;
        let shown = invite.show(there);
        effects.applied(id, Value::Null, shown.clone());
        Ok((StatusCode::CREATED, Json(data(shown))))
    })
}

pub async fn withdraw(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((tenant, invite)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    let tenant = caller.inside(&tenant, USERS_WRITE)?;
    let invite = input::id("inviteId", &invite)?;
    world.change(&call, |state, effects| {
        let there = state.tenant(tenant)?;
        let before = there.invites.get(invite).map(|found| found.show(there));
        state.withdraw(tenant, invite)?;
        effects.applied(invite, before.unwrap_or_default(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
