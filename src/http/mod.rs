//! The HTTP face.

use axum::Router;

use crate::services::Services;

/// How the HTTP face behaves.
#[derive(Clone)]
pub struct HttpSettings {
    /// The prefix under which an ingress shows the service, such as `/iam`; empty without one. No slash at its end.
    pub base_path: String,
    /// The largest body that is read, in bytes.
    pub max_body_bytes: usize,
    /// Renders the metrics of this process.
    pub metrics: fn() -> String,
}

/// All routes.
pub fn router(_services: Services, _settings: HttpSettings) -> Router {
    Router::new()
}

/// The document as text.
pub fn document_text() -> crate::error::Result<String> {
    Ok(String::new())
}
