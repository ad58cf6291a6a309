//! People over all connections.

mod dto;
mod query;
mod read;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of identities.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_identities))
        .routes(routes!(read::find_identity))
}
