//! Who holds what.

mod dto;
mod query;
mod read;
mod replace;
mod write;

pub use dto::Grant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of grants.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_grants, write::create_grant))
        .routes(routes!(read::find_grant, write::delete_grant))
        .routes(routes!(read::list_account_grants))
        .routes(routes!(
            read::list_entitlement_grants,
            replace::replace_grants
        ))
}
