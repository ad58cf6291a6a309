//! The first version of the surface, one folder per noun.

mod accounts;
mod activity;
mod api_keys;
mod audit_events;
mod connections;
mod entitlements;
mod failure;
mod grants;
mod identities;
pub(super) mod operations;
mod resources;
mod vendors;

use utoipa_axum::router::OpenApiRouter;

use super::Gateway;

/// Every route under `/v1`.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .merge(vendors::router())
        .merge(connections::router())
        .merge(accounts::router())
        .merge(identities::router())
        .merge(resources::router())
        .merge(entitlements::router())
        .merge(grants::router())
        .merge(activity::router())
        .merge(operations::router())
        .merge(audit_events::router())
        .merge(api_keys::router())
}
