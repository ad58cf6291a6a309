//! `/1/accounts` (contract §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

use super::{
    errors::Error,
    input,
    query::{Listing, Targets, parameters},
    state,
};
use crate::simulators::kit::{Call, World, paging};

type Luna = State<World<state::State>>;

pub(super) async fn create(
    State(world): Luna,
    call: Call,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    parameters(query.as_deref(), &[])?;
    let wanted_id = input::account_id(&headers)?;
    let new = input::new_account(&headers, &body)?;
    let id = world.change(&call, |state, effects| {
        let account = state.add(wanted_id, new)?;
        effects.applied(account.id, Value::Null, account.show());
        Ok(account.id)
    })?;
    let url = format!("/1/accounts/{id}");
    let answer = Json(json!({ "account_id": id, "url": url }));
    Ok((StatusCode::CREATED, [(LOCATION, url)], answer).into_response())
}

pub(super) async fn list(
    State(world): Luna,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let listing = Listing::read(query.as_deref())?;
    let fault = call.page_fault();
    let page = |len| paging::numbered(len, listing.page, listing.page_size, fault);
    let (accounts, total) = world.read(|state| {
        let show = |account: &state::Account| listing.targets.show(account);
        if listing.is_whole() {
            let page = page(state.len());
            (state.rows(page.rows).map(show).collect(), page.total)
        } else {
            let taken: Vec<_> = state
                .candidates(listing.login.as_deref())
                .filter(|account| listing.takes(account))
                .collect();
            let page = page(taken.len());
            let rows = taken[page.rows].iter();
            (
                rows.map(|account| show(account)).collect::<Vec<_>>(),
                page.total,
            )
        }
    });
    Ok(Json(json!({ "accounts": accounts, "total_count": total })))
}

pub(super) async fn count(
    State(world): Luna,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    parameters(query.as_deref(), &[])?;
    Ok(Json(json!({ "count": world.read(|state| state.len()) })))
}

pub(super) async fn find(
    State(world): Luna,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let id = input::uuid(&id)?;
    let targets = Targets::only(query.as_deref())?;
    world.read(|state| Ok(Json(targets.show(state.find(id)?))))
}

pub(super) async fn change(
    State(world): Luna,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let id = input::uuid(&id)?;
    parameters(query.as_deref(), &[])?;
    let changes = input::changes(&headers, &body)?;
    world.change(&call, |state, effects| {
        let before = state.find(id)?.show();
        let after = state.change(id, changes)?.show();
        effects.applied(id, before, after);
        Ok(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn delete(
    State(world): Luna,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Error> {
    let id = input::uuid(&id)?;
    parameters(query.as_deref(), &[])?;
    world.change(&call, |state, effects| {
        let account = state.remove(id)?;
        effects.applied(id, account.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
