//! What every call passes first: authentication over the exact bytes, and the correlation id on every answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Json, Response},
};
use serde_json::json;

use super::{
    Quirks,
    auth::{self, Caller},
    errors::Error,
    state,
};
use crate::simulators::kit::{World, people};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-devo-cid");
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) quirks: Arc<Quirks>,
    pub(super) world: World<state::State>,
    answers: Arc<AtomicUsize>,
}

impl Front {
    pub(super) fn new(quirks: Arc<Quirks>, world: World<state::State>) -> Self {
        Front {
            quirks,
            world,
            answers: Arc::default(),
        }
    }

    /// Says of a missing thing what the switch asks for.
    pub(super) fn refuse(&self, error: Error) -> Error {
        if self.quirks.missing_is_404 && error.is_missing() {
            error.with_status(StatusCode::NOT_FOUND)
        } else {
            error
        }
    }
}

/// The id of one answer.
#[derive(Clone)]
pub(super) struct CorrelationId(String);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        // `receive` lets nobody through without one.
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .ok_or_else(Error::unauthenticated)
    }
}

pub(super) async fn receive(State(front): State<Front>, request: Request, next: Next) -> Response {
    let n = front.answers.fetch_add(1, Ordering::Relaxed);
    let id = people::uuid("devo/answer", n).simple().to_string();
    let mut response = answer(&front, &id, request, next).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(CORRELATION_ID, id);
    }
    response
}

async fn answer(front: &Front, id: &str, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match auth::caller(&front.quirks, parts.uri.path(), &parts.headers, &body) {
        Some(caller) => {
            parts.extensions.insert(caller);
            parts.extensions.insert(CorrelationId(id.to_owned()));
            next.run(Request::from_parts(parts, Body::from(body))).await
        }
        // As operators report it: nothing says that it was the signature.
        None if front.quirks.hides_bad_signature => StatusCode::NOT_FOUND.into_response(),
        None => Error::unauthenticated().into_response(),
    }
}

/// The front layer's own shape of an error (contract §3).
pub(super) async fn no_such_path(request: Request) -> Response {
    front_error(&request, StatusCode::NOT_FOUND, "Not Found")
}

pub(super) async fn method_not_allowed(request: Request) -> Response {
    front_error(
        &request,
        StatusCode::METHOD_NOT_ALLOWED,
        "Method Not Allowed",
    )
}

fn front_error(request: &Request, status: StatusCode, text: &str) -> Response {
    let id = request.extensions().get::<CorrelationId>();
    let body = json!({
        "status": status.as_u16(),
        "error": status.as_u16(),
        "msg": text,
        "cid": id.map(|id| &id.0),
        "object": [format!("{text}: {} {}", request.method(), request.uri().path())]
    });
    (status, Json(body)).into_response()
}
