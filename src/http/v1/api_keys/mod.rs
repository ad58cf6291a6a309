//! Who may call.

mod dto;
mod read;
mod write;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of API keys.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_api_keys, write::create_api_key))
        .routes(routes!(write::revoke_api_key))
        .routes(routes!(read::whoami))
}
