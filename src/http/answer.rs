//! What every answer has in common, and the shapes of successful ones.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::HttpSettings;

/// 201 with the thing and where it is. The place is spelled as in the document; [`finish`] puts the prefix before it.
pub struct Created<T> {
    /// Path of the new thing.
    pub location: String,
    /// The new thing.
    pub body: T,
}

/// 202 with the operation that goes on, and where to follow it.
pub struct Accepted<T> {
    /// Path of what goes on.
    pub location: String,
    /// How it stands now.
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (
            StatusCode::CREATED,
            located(&self.location),
            Json(self.body),
        )
            .into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (
            StatusCode::ACCEPTED,
            located(&self.location),
            Json(self.body),
        )
            .into_response()
    }
}

fn located(path: &str) -> HeaderMap {
    let location = HeaderValue::from_str(path).ok();
    location
        .map(|value| (header::LOCATION, value))
        .into_iter()
        .collect()
}

/// The last touch on every answer: nothing is cached unless it says so, nothing is sniffed, and every place named in
/// `Location` carries the prefix under which the caller sees the service.
pub async fn finish(
    State(settings): State<Arc<HttpSettings>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if !settings.base_path.is_empty()
        && let Some(place) = headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
        && let Ok(prefixed) = HeaderValue::from_str(&format!("{}{place}", settings.base_path))
    {
        headers.insert(header::LOCATION, prefixed);
    }
    response
}
