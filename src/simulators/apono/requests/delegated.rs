//! Requests that the caller made for others (contract §6.12, §7.3).

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::Value;

use super::Request;
use crate::simulators::apono::{
    auth::Caller,
    errors::Error,
    front::Front,
    lists::{Id, Listing},
};

fn is_delegated(one: &Request, caller: &str) -> bool {
    one.requestor.email == caller && one.grantee.email != caller
}

pub(in super::super) async fn list(
    State(front): State<Front>,
    Caller(caller): Caller,
    listing: Listing,
) -> Json<Value> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let query = listing.query();
        let rows = state
            .requests
            .newest_from(listing.start())
            .filter(|(_, one)| {
                is_delegated(one, caller)
                    && query
                        .one("grantee")
                        .is_none_or(|who| who == one.grantee.id || who == one.grantee.email)
                    && query.takes_any("statuses", [one.status()])
            });
        Json(listing.answer(rows, |one| one.show_delegated(state)))
    })
}

pub(in super::super) async fn find(
    State(front): State<Front>,
    Caller(caller): Caller,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let one = state
            .requests
            .find(&id)
            .filter(|one| is_delegated(one, caller));
        let one = one.ok_or_else(|| Error::no("delegated access request", &id))?;
        Ok(Json(one.show_delegated(state)))
    })
}
