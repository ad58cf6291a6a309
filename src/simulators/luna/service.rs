//! The endpoints that tell about the service itself (contract §8).

use axum::{
    extract::{RawQuery, State},
    http::{
        HeaderMap,
        header::{ACCEPT, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Json, Redirect, Response},
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

/// As JSON, or as text for whoever asks for that; secrets are hidden.
pub(super) async fn config(headers: HeaderMap) -> Response {
    let config = json!({ "LUNA_ACCOUNTS_DB": { "db_host": "127.0.0.1", "db_password": "*****" }, "LUNA_MONITORING": {} });
    if accepts(&headers, "text/plain") {
        return ([(CONTENT_TYPE, "text/plain")], format!("{config:#}")).into_response();
    }
    Json(config).into_response()
}

/// Only for those who say how they want it.
pub(super) async fn spec(headers: HeaderMap) -> Result<Response, Error> {
    const YAML: &str =
        "openapi: 3.0.3\ninfo:\n  title: Luna-Accounts\n  version: 0.3.40\npaths: {}\n";
    if accepts(&headers, "application/x-yaml") {
        Ok(([(CONTENT_TYPE, "application/x-yaml")], YAML).into_response())
    } else if accepts(&headers, "text/html") {
        Ok(Html("<!doctype html><title>Luna-Accounts</title>").into_response())
    } else {
        Err(Error::UnacceptableContentType)
    }
}

pub(super) async fn docs() -> Redirect {
    Redirect::to("/docs/dev/index.html")
}

pub(super) async fn docs_page() -> Html<&'static str> {
    Html("<!doctype html><title>Luna-Accounts</title>")
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let given = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let mut wanted = given.unwrap_or_default().split(',');
    wanted.any(|one| one.split(';').next().unwrap_or_default().trim() == media_type)
}
