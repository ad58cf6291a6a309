//! Groups and their members (contract §6.13, §7.10).

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::{Value, json};

use super::{
    errors::Error,
    front::Front,
    lists::{Id, Listing},
};

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let groups = state.groups.from(listing.start());
        let rows = groups.filter(|(_, group)| listing.query().takes_like("name", &group.name));
        Json(listing.answer(rows, |group| state.group(group)))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let group = state.groups.find(&id);
        let group = group.ok_or_else(|| Error::no("group", &id))?;
        Ok(Json(state.group(group)))
    })
}

pub(super) async fn members(
    State(front): State<Front>,
    Path(id): Id,
    listing: Listing,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let group = state.groups.find(&id);
        let group = group.ok_or_else(|| Error::no("group", &id))?;
        let members = group.members.range(listing.start()..);
        let rows = members.filter_map(|key| Some((*key, state.users.at(*key)?)));
        Ok(Json(
            listing.answer(rows, |user| json!({ "email": user.email })),
        ))
    })
}
