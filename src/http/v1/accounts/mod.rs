//! Logins of people and services at the vendors.

mod act;
mod dto;
mod many;
mod query;
mod read;
mod write;

pub use dto::AccountStatus;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::Gateway;

/// The routes of accounts.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(
            read::list_accounts,
            write::create_account,
            many::update_accounts
        ))
        .routes(routes!(
            read::find_account,
            write::update_account,
            write::delete_account
        ))
        .routes(routes!(act::activate_account))
        .routes(routes!(act::deactivate_account))
}
