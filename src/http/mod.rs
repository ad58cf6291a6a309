//! The HTTP face: routes, what is read from requests and shown in answers, who may ask, and how refusals look.
//! Business lives in `services`; this folder extracts, calls one use case, and shapes its answer.

mod answer;
pub mod auth;
mod base_path;
mod docs;
pub mod extract;
mod health;
mod metrics;
mod openapi;
pub mod paging;
pub mod problem;
pub mod request_id;
pub mod v1;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::error::Error;
use crate::services::Services;
use problem::Problem;

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

/// The state of the router.
#[derive(Clone)]
pub struct Gateway {
    /// The use cases.
    pub services: Services,
    /// How the HTTP face behaves.
    pub settings: Arc<HttpSettings>,
}

impl FromRef<Gateway> for Services {
    fn from_ref(gateway: &Gateway) -> Self {
        gateway.services.clone()
    }
}

impl FromRef<Gateway> for Arc<HttpSettings> {
    fn from_ref(gateway: &Gateway) -> Self {
        gateway.settings.clone()
    }
}

/// The OpenAPI document of the service as it stands at the root of its host.
pub fn document() -> OpenApi {
    described("").1
}

/// The document as it is kept in `openapi/openapi.json`: pretty, with a newline at its end.
pub fn document_text() -> String {
    docs::render(&document())
}

/// The whole face, ready to be served.
pub fn router(services: Services, settings: HttpSettings) -> Router {
    let settings = Arc::new(settings);
    let (routes, document) = described(&settings.base_path);
    let routes = routes.merge(docs::router(&document));
    let prefix = settings.base_path.clone();
    let router = dressed(routes, settings.clone())
        .layer(from_fn_with_state(services.clone(), health::part))
        .with_state(Gateway { services, settings });
    base_path::accept(router, prefix)
}

/// Routes with what every request goes through. The layer that is added last runs first.
fn dressed<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    settings: Arc<HttpSettings>,
) -> Router<S> {
    routes
        .fallback(async || Problem::no_such_path())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(settings.max_body_bytes))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(settings, answer::finish))
        .layer(from_fn(metrics::observe))
        .layer(from_fn(request_id::carry))
}

/// Every documented route, and the document. There is no other way to add a route under `/v1`.
fn described(base_path: &str) -> (Router<Gateway>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(openapi::frame())
        .merge(v1::router())
        .merge(health::router())
        .split_for_parts();
    openapi::complete(&mut document, base_path);
    (router, document)
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    Problem::from(Error::internal(format!("a handler panicked: {text}"))).into_response()
}

#[cfg(test)]
mod tests;
