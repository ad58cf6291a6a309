//! Who holds what.

mod dto;
mod write;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of grants.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(write::create_grant))
        .routes(routes!(write::delete_grant))
}
