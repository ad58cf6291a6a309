//! The paths of the main API, with the connector's behind them.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, get},
};

use super::{
    accounts, activity, apps,
    errors::Error,
    front::{self, Main},
    groups, meta,
    quirks::Quirks,
    users,
};
use crate::simulators::{kit::World, lumos};

/// The first segments of this API's paths.
pub(super) const AREAS: [&str; 8] = [
    "accounts",
    "activity_logs",
    "apps",
    "art",
    "groups",
    "identity_events",
    "info",
    "users",
];

/// The main API over this world; what isn't its own is left to the other one.
pub(in crate::simulators::lumos) fn router(
    quirks: Arc<Quirks>,
    world: World<lumos::State>,
    other: Router,
) -> Router {
    let main = Main { quirks, world };
    let admitted = |route: MethodRouter<Main>| {
        route
            .fallback(async || Error::MethodNotAllowed)
            .layer(middleware::from_fn_with_state(main.clone(), front::admit))
            .layer(middleware::from_fn_with_state(main.clone(), front::count))
    };
    let counted = middleware::from_fn_with_state(main.clone(), front::count);
    Router::new()
        .route("/users", admitted(get(users::list)))
        .route("/users/current", admitted(get(users::current)))
        .route("/users/{user_id}", admitted(get(users::find)))
        .route("/users/{user_id}/accounts", admitted(get(users::accounts)))
        .route("/accounts", admitted(get(accounts::list)))
        .route("/apps", admitted(get(apps::list)))
        .route("/apps/{app_id}", admitted(get(apps::find)))
        .route("/groups", admitted(get(groups::list)))
        .route("/groups/{group_id}", admitted(get(groups::find)))
        .route("/groups/{group_id}/users", admitted(get(groups::users)))
        .route("/activity_logs", admitted(get(activity::logs)))
        .route("/identity_events", admitted(get(activity::events)))
        .route("/art", get(meta::art).layer(counted.clone()))
        // A connector that serves itself has a capability of this name, which is a POST.
        .route(
            "/info",
            get(meta::info)
                .layer(counted)
                .fallback_service(other.clone()),
        )
        .with_state(main)
        .fallback_service(other)
}
