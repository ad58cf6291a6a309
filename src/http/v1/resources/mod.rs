//! What access is given to.

mod dto;
mod query;
mod read;

pub use dto::ThingStatus;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of resources.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_resources))
        .routes(routes!(read::find_resource))
}
