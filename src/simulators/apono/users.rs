//! Users, current and legacy (contract §6.16, §7.10).

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
    state::User,
};

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    let query = listing.query();
    front.world.read(|state| {
        let source = |user: &User| state.source(user.source_id.as_deref());
        let rows = state.users.from(listing.start()).filter(|(_, user)| {
            takes(query, user)
                && query.takes("source_integration_name", source(user).unwrap_or_default())
        });
        Json(listing.answer(rows, |user| state.user(user)))
    })
}

fn takes(query: &Query, user: &User) -> bool {
    query.takes_like("first_name", &user.first_name)
        && query.takes_like("last_name", &user.last_name)
        && query.takes_any("role", user.roles.iter().map(String::as_str))
        && query.takes(
            "source_integration_id",
            user.source_id.as_deref().unwrap_or_default(),
        )
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let user = state
            .users
            .find(&id)
            .ok_or_else(|| Error::no("user", &id))?;
        Ok(Json(state.user(user)))
    })
}

pub(super) async fn list_legacy(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.users.rows().map(User::show_legacy);
        Json(lists::whole(&front.quirks, state.users.len(), rows))
    })
}

/// By id or by e-mail.
pub(super) async fn find_legacy(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let user = state.users.find(&id).or_else(|| state.user_of_email(&id));
        let user = user.ok_or_else(|| Error::no("user", &id))?;
        Ok(Json(user.show_legacy()))
    })
}
