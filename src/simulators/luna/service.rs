//! The endpoints that tell about the service itself (contract §8).

use axum::{
    extract::{RawQuery, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Json},
};
use serde_json::{Value, json};

use super::{errors::Error, front::Front, query::parameters};

pub(super) async fn version(RawQuery(query): RawQuery) -> Result<Json<Value>, Error> {
    parameters(query.as_deref(), &[])?;
    Ok(Json(
        json!({ "Version": { "api": 1, "major": 0, "minor": 3, "patch": 40 } }),
    ))
}

pub(super) async fn healthcheck(RawQuery(query): RawQuery) -> Result<Json<Value>, Error> {
    for (name, value) in parameters(query.as_deref(), &["include_luna_services"])? {
        if !["0", "1"].contains(&value.as_str()) {
            return Err(Error::BadParameter(name));
        }
    }
    Ok(Json(json!({ "execution_time": 0.001 })))
}

pub(super) async fn plugins() -> Json<Value> {
    Json(json!({ "plugins": [] }))
}

pub(super) async fn metrics(State(front): State<Front>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4")],
        front.metrics(),
    )
}
