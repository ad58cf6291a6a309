//! Access requests as their user sees them (contract §7.1). Nobody can ask for anything yet, so there are none.

use axum::{extract::Path, response::Json};
use serde_json::Value;

use super::{
    errors::Error,
    lists::{Id, Listing},
};

pub(super) async fn list(listing: Listing) -> Json<Value> {
    Json(listing.answer(std::iter::empty(), |request: Value| request))
}

pub(super) async fn find(Path(id): Id) -> Error {
    Error::no("access request", &id)
}
