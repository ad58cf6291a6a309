//! What became of each request: one log line and two metrics, with labels that are bounded whatever callers send.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

/// The label of a request that no route matches.
const UNMATCHED: &str = "unmatched";

/// Counts, times and logs each request. Query strings and bodies are nobody's business.
pub async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method_word(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| UNMATCHED.to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();

    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if is_probe(&route) {
        tracing::debug!(http.method = method, http.route = %route, http.status = status, duration_ms, "{method} {route} {status}");
    } else {
        tracing::info!(http.method = method, http.route = %route, http.status = status, duration_ms, "{method} {route} {status}");
    }
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(elapsed.as_secs_f64());
    metrics::counter!("http_requests_total", "method" => method, "route" => route, "status" => status.to_string())
        .increment(1);
    response
}

/// Asked every few seconds by machines; worth a line only to who looks for one.
fn is_probe(route: &str) -> bool {
    matches!(route, "/livez" | "/readyz" | "/metrics")
}

/// A caller may send any word as a method.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
