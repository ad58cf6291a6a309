//! `/users/{userId}`: what users see of themselves (contract §4 and §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde_json::{Value, json};

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
        state::{self, InviteStatus},
    },
};

type Platform = State<World<state::State>>;

pub async fn find(
    State(world): Platform,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<Value>, Error> {
    let user = caller.myself(&user)?;
    world.read(|state| Ok(Json(data(state.user(user)?.show()))))
}

pub async fn tenants(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let user = caller.myself(&user)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = tenants_of(state, &caller);
        Ok(page.of_all(all.into_iter().map(|tenant| tenant.show_to(user)).collect()))
    })
}

pub async fn tenant(
    State(world): Platform,
    caller: Caller,
    Path((user, tenant)): Path<(String, String)>,
) -> Result<Json<Value>, Error> {
    let user = caller.myself(&user)?;
    let wanted = input::id("tenantId", &tenant)?;
    world.read(|state| {
        let all = tenants_of(state, &caller);
        let found = all.into_iter().find(|tenant| tenant.id == wanted);
        let found = found.ok_or_else(Error::not_found)?;
        Ok(Json(data(found.show_to(user))))
    })
}

/// A client has those where it may act, a person those that they are in.
fn tenants_of<'a>(state: &'a state::State, caller: &Caller) -> Vec<&'a state::Tenant> {
    if !caller.is_client {
        return state.tenants_of(caller.user);
    }
    let client = state.realm.client(&caller.client);
    let ids = client.into_iter().flat_map(|client| &client.tenants);
    ids.filter_map(|id| state.tenants.get(*id)).collect()
}

/// In the token's tenant.
pub async fn permissions(caller: Caller, Path(user): Path<String>) -> Result<Json<Value>, Error> {
    caller.myself(&user)?;
    let all = caller.permissions.iter();
    let shown: Vec<Value> = all.map(|permission| permission.show_briefly()).collect();
    Ok(Json(data(json!({ "permissions": shown }))))
}

pub async fn invites(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let user = caller.myself(&user)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = state.invites_of(user)?.into_iter();
        Ok(page.of_all(all.map(|(tenant, invite)| invite.show(tenant)).collect()))
    })
}

/// Accepts or declines; accepting makes the receiver a user of the tenant.
pub async fn answer_invite(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path((user, invite)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let user = caller.myself(&user)?;
    let wanted = input::id("inviteId", &invite)?;
    let word = Fields::read(&body)?.required_text("status")?;
    let answer = InviteStatus::answer(&word)
        .ok_or_else(|| Error::invalid("status", "must be accepted or declined"))?;
    world.change(&call, |state, effects| {
        let all = state.invites_of(user)?;
        let found = all.into_iter().find(|(_, invite)| invite.id == wanted);
        let (tenant, invite) = found.ok_or_else(Error::not_found)?;
        let (tenant, before) = (tenant.id, invite.show(tenant));
        state.answer_invite(tenant, wanted, user, answer)?;
        let there = state.tenant(tenant)?;
        let invite = there.invites.get(wanted).ok_or_else(Error::not_found)?;
        let after = invite.show(there);
        effects.applied(wanted, before, after.clone());
        Ok(Json(data(after)))
    })
}
