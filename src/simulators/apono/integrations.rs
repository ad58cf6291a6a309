//! Integrations, current and legacy (contract §6.15, §7.6).

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::Value;

use super::{
    errors::Error,
    front::Front,
    lists::{self, Id, Listing},
    query::Query,
    state::Integration,
};

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let all = state.integrations.from(listing.start());
        let rows = all.filter(|(_, one)| takes(listing.query(), one));
        Json(listing.answer(rows, Integration::show))
    })
}

fn takes(query: &Query, one: &Integration) -> bool {
    query.takes_any("category", [one.category])
        && query.takes_any("connector_id", one.connector_id.as_deref())
        && query.takes_any("status", [one.status])
        && query.takes_any_like("type", one.kind)
        && query.takes_like("name", one.name)
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    shown(&front, &id, Integration::show)
}

pub(super) async fn list_legacy(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.integrations.rows().map(Integration::show_legacy);
        Json(lists::whole(&front.quirks, state.integrations.len(), rows))
    })
}

pub(super) async fn find_legacy(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    shown(&front, &id, Integration::show_legacy)
}

fn shown(
    front: &Front,
    id: &str,
    show: impl FnOnce(&Integration) -> Value,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.integrations.find(id);
        Ok(Json(show(one.ok_or_else(|| Error::no("integration", id))?)))
    })
}
