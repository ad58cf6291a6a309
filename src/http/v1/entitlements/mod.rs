//! What can be held.

mod dto;
mod query;
mod read;
mod write;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of entitlements.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_entitlements))
        .routes(routes!(read::find_entitlement, write::update_entitlement))
}
