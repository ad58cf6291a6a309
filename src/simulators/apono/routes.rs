//! Every documented path (contract §6).

use axum::{
    Router,
    routing::{get, post, put},
};

use super::{
    activity, available, bundles, connectors, flows, front::Front, groups, identities,
    integrations, inventory, reports, requests, scopes, sessions, users,
};

pub(super) fn all() -> Router<Front> {
    admin().merge(user()).merge(legacy())
}

fn admin() -> Router<Front> {
    Router::new()
        .route(
            "/api/admin/v1/access-scopes",
            get(scopes::list).post(scopes::create),
        )
        .route(
            "/api/admin/v1/access-scopes/{id}",
            get(scopes::find).put(scopes::update).delete(scopes::remove),
        )
        .route(
            "/api/admin/v1/activity-reports",
            get(reports::list).post(reports::create),
        )
        .route(
            "/api/admin/v1/activity-reports/{id}",
            get(reports::find)
                .put(reports::update)
                .delete(reports::remove),
        )
        .route("/api/admin/v1/attributes", get(identities::list_attributes))
        .route(
            "/api/admin/v1/groups",
            get(groups::list).post(groups::create),
        )
        .route(
            "/api/admin/v1/groups/{id}",
            get(groups::find).delete(groups::remove),
        )
        .route(
            "/api/admin/v1/groups/{id}/members",
            get(groups::members).put(groups::replace_members),
        )
        .route(
            "/api/admin/v1/groups/{id}/members/{email}",
            put(groups::add_member).delete(groups::remove_member),
        )
        .route("/api/admin/v1/groups/{id}/name", put(groups::rename))
        .route(
            "/api/admin/v2/access-flows",
            get(flows::list).post(flows::create),
        )
        .route(
            "/api/admin/v2/access-flows/{id}",
            get(flows::find).put(flows::update).delete(flows::remove),
        )
        .route(
            "/api/admin/v2/bundles",
            get(bundles::list).post(bundles::create),
        )
        .route(
            "/api/admin/v2/bundles/{id}",
            get(bundles::find)
                .put(bundles::update)
                .delete(bundles::remove),
        )
        .route("/api/admin/v3/connectors", get(connectors::list))
        .route(
            "/api/admin/v3/connectors/{id}",
            get(connectors::find)
                .put(connectors::rename)
                .delete(connectors::remove),
        )
        .route("/api/admin/v3/users", get(users::list))
        .route("/api/admin/v3/users/{id}", get(users::find))
        .route(
            "/api/admin/v4/integrations",
            get(integrations::list).post(integrations::create),
        )
        .route(
            "/api/admin/v4/integrations/{id}",
            get(integrations::find)
                .put(integrations::update)
                .delete(integrations::remove),
        )
}

fn user() -> Router<Front> {
    Router::new()
        .route("/api/user/v1/access-sessions", get(sessions::list))
        .route("/api/user/v1/access-sessions/{id}", get(sessions::find))
        .route(
            "/api/user/v1/access-sessions/{id}/access-details",
            get(sessions::details),
        )
        .route(
            "/api/user/v1/access-sessions/{id}/reset-credentials",
            post(sessions::reset),
        )
        .route(
            "/api/user/v1/available-access/bundles",
            get(available::bundles),
        )
        .route(
            "/api/user/v1/available-access/entitlements",
            get(available::entitlements),
        )
        .route(
            "/api/user/v1/delegated-access-requests",
            get(requests::list_delegated),
        )
        .route(
            "/api/user/v1/delegated-access-requests/{id}",
            get(requests::find_delegated),
        )
        .route(
            "/api/user/v4/access-requests",
            get(requests::list).post(requests::create),
        )
        .route("/api/user/v4/access-requests/{id}", get(requests::find))
        .route(
            "/api/user/v4/access-requests/{id}/entitlements",
            get(requests::entitlements),
        )
        .route(
            "/api/user/v4/access-requests/{id}/request-again",
            post(requests::again),
        )
        .route(
            "/api/user/v4/access-requests/{id}/revoke",
            post(requests::revoke),
        )
}

fn legacy() -> Router<Front> {
    Router::new()
        .route(
            "/api/v1/access-bundles",
            get(bundles::list_legacy).post(bundles::create_legacy),
        )
        .route(
            "/api/v1/access-bundles/{id}",
            get(bundles::find_legacy)
                .patch(bundles::update_legacy)
                .delete(bundles::remove_legacy),
        )
        .route(
            "/api/v1/access-flows",
            get(flows::list_legacy).post(flows::create_legacy),
        )
        .route(
            "/api/v1/access-flows/{id}",
            get(flows::find_legacy)
                .patch(flows::update_legacy)
                .delete(flows::remove_legacy),
        )
        .route(
            "/api/v2/bulk/identities/attributes",
            get(identities::list_bulk)
                .put(identities::upsert)
                .delete(identities::remove),
        )
        .route("/api/v2/connectors", get(connectors::list_legacy))
        .route("/api/v2/identities", get(identities::list))
        .route(
            "/api/v2/integrations",
            get(integrations::list_legacy).post(integrations::create_legacy),
        )
        .route(
            "/api/v2/integrations-catalog",
            get(integrations::list_configs),
        )
        .route(
            "/api/v2/integrations-catalog/{type}",
            get(integrations::find_config),
        )
        .route(
            "/api/v2/integrations/{id}",
            get(integrations::find_legacy)
                .put(integrations::update_legacy)
                .delete(integrations::remove_legacy),
        )
        .route(
            "/api/v2/integrations/{id}/refresh",
            post(integrations::refresh),
        )
        .route("/api/v2/users", get(users::list_legacy))
        .route("/api/v2/users/{id}", get(users::find_legacy))
        .route(
            "/api/v3/access-requests",
            get(requests::list_legacy).post(requests::create_legacy),
        )
        .route(
            "/api/v3/access-requests-bulk/revoke",
            post(requests::revoke_legacy),
        )
        .route("/api/v3/access-requests/{id}", get(requests::find_legacy))
        .route(
            "/api/v3/access-requests/{id}/access-details",
            get(requests::details_legacy),
        )
        .route(
            "/api/v3/access-requests/{id}/reset",
            post(requests::reset_legacy),
        )
        .route("/api/v3/activity", get(activity::list))
        .route(
            "/api/v3/integrations/resources/{resource_id}/user-tags",
            get(inventory::tags).put(inventory::set_tags),
        )
        .route(
            "/api/v3/integrations/{id}/permissions",
            get(inventory::permissions),
        )
        .route(
            "/api/v3/integrations/{id}/resources",
            get(inventory::resources),
        )
        .route(
            "/api/v3/selectable-integrations",
            get(inventory::selectable_integrations),
        )
        .route(
            "/api/v3/selectable-integrations/{integration_id}/resource-types",
            get(inventory::selectable_types),
        )
        .route(
            "/api/v3/selectable-integrations/{integration_id}/{resource_type}/permissions",
            get(inventory::selectable_permissions),
        )
        .route(
            "/api/v3/selectable-integrations/{integration_id}/{resource_type}/resources",
            get(inventory::selectable_resources),
        )
}
