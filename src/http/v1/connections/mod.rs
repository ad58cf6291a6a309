//! Configured tenants of vendors.

mod act;
mod dto;
mod quota;
mod read;
mod sync;
mod upstream;
mod write;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of connections.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_connections, write::create_connection))
        .routes(routes!(
            read::find_connection,
            write::update_connection,
            write::delete_connection
        ))
        .routes(routes!(act::check_connection))
        .routes(routes!(read::find_capabilities))
        .routes(routes!(quota::find_quota))
        .routes(routes!(act::start_sync))
        .routes(routes!(read::list_syncs))
        .routes(routes!(act::lift_brake))
        .routes(routes!(upstream::call_upstream_root))
        .routes(routes!(
            upstream::call_upstream_get,
            upstream::call_upstream_post,
            upstream::call_upstream_put,
            upstream::call_upstream_patch,
            upstream::call_upstream_delete
        ))
}
