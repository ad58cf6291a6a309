//! For machines that run the service: whether it lives, whether it can work, how it does, which build it is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::openapi::Unavailable;
use super::problem::Answer;
use super::{Gateway, HttpSettings};
use crate::services::{self, Services};

/// The routes outside of `/v1`.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .routes(routes!(version))
}

/// It works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Which build this is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    /// The program.
    #[schema(example = "iam-gateway")]
    name: &'static str,
    /// Its version.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// While this replica is about to stop, asks callers not to keep their connections: the next request finds another one.
pub async fn part(State(services): State<Services>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if services.pulse().is_draining() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Whether the process lives
///
/// Says nothing of the database: restarting the process would not mend that.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, description = "It lives.", body = Health)))]
async fn livez() -> Json<Health> {
    OK
}

/// Whether this replica can work
///
/// The database answers and has every migration of this build, the loops that work without a caller went round lately, and
/// nobody asked it to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses((status = 200, description = "It can work.", body = Health), Unavailable)
)]
async fn readyz(State(services): State<Services>) -> Answer<Json<Health>> {
    services::health::ready(&services).await?;
    Ok(OK)
}

/// Metrics for Prometheus
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "health",
    responses((
        status = 200,
        description = "Prometheus text format.",
        body = String,
        content_type = "text/plain; version=0.0.4"
    ))
)]
async fn metrics(State(settings): State<Arc<HttpSettings>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        (settings.metrics)(),
    )
}

/// Which build this is
#[utoipa::path(get, path = "/version", tag = "health", responses((status = 200, description = "The build.", body = Version)))]
async fn version() -> Json<Version> {
    Json(Version {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    })
}
