//! The paths of the main API, with the connector's behind them.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{MethodRouter, delete, get, post, put},
};

use super::{
    accounts, activity, agreements, apps, appstore,
    errors::Error,
    front::{self, Main},
    groups, hooks, integrations, knowledge, meta, policies,
    quirks::Quirks,
    reviews, roles, tasks, uploads, users,
};
use crate::simulators::{kit::World, lumos};

/// The first segments of this API's paths.
pub(super) const AREAS: [&str; 20] = [
    "access_policies",
    "access_reviews",
    "accounts",
    "activity_logs",
    "activity_records",
    "apps",
    "appstore",
    "art",
    "found_documents",
    "groups",
    "identity_events",
    "info",
    "inline_webhooks",
    "integrations",
    "orders",
    "tasks",
    "users",
    "v1",
    "vendor_agreements",
    "webhooks",
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
    let open = |route: MethodRouter<Main>| {
        route
            .fallback(async || Error::MethodNotAllowed)
            .layer(counted.clone())
    };
    let guarded = tenant()
        .into_iter()
        .chain(store())
        .chain(work())
        .map(|(path, route)| (path, admitted(route)));
    let free = inbound()
        .into_iter()
        .map(|(path, route)| (path, open(route)));
    guarded
        .chain(free)
        .fold(Router::new(), |router, (path, route)| {
            router.route(path, route)
        })
        // A connector that serves itself has a capability of this name, which is a POST.
        .route(
            "/info",
            get(meta::info)
                .layer(counted.clone())
                .fallback_service(other.clone()),
        )
        .with_state(main)
        .fallback_service(other)
}

type Route = (&'static str, MethodRouter<Main>);

/// Needs no token.
fn inbound() -> Vec<Route> {
    vec![
        ("/art", get(meta::art)),
        (
            "/webhooks/airbase/purchase_request_approved/{domain_app_uuid}",
            post(hooks::airbase),
        ),
        (
            "/webhooks/vendr/request_completed/{domain_app_uuid}",
            post(hooks::vendr),
        ),
    ]
}

/// Apps, people, accounts, groups and what happened.
fn tenant() -> Vec<Route> {
    let settings = appstore::settings::find_older;
    vec![
        ("/apps", get(apps::list).post(apps::write::create)),
        ("/apps/categories", get(apps::categories)),
        (
            "/apps/{app_id}",
            get(apps::find)
                .patch(apps::write::update)
                .put(apps::write::reconnect)
                .delete(apps::write::disconnect),
        ),
        (
            "/apps/{app_id}/settings",
            get(settings).patch(appstore::settings::update_older),
        ),
        ("/apps/{app_id}/sync", post(apps::write::sync)),
        ("/integrations", get(integrations::list)),
        ("/integrations/{app_class_id}", get(integrations::one)),
        (
            "/integrations/{app_class_id}/connection-schema",
            get(integrations::schema),
        ),
        ("/users", get(users::list)),
        ("/users/current", get(users::current)),
        ("/users/{user_id}", get(users::find)),
        ("/users/{user_id}/accounts", get(users::accounts)),
        ("/users/{user_id}/roles", get(roles::list)),
        (
            "/users/{user_id}/roles/{role_name}",
            post(roles::add).delete(roles::remove),
        ),
        ("/accounts", get(accounts::list)),
        ("/accounts/upload", post(uploads::accounts)),
        ("/accounts/upload/{job_id}", get(uploads::upload_job)),
        ("/groups", get(groups::list)),
        ("/groups/{group_id}", get(groups::find)),
        ("/groups/{group_id}/users", get(groups::users)),
        ("/activity_logs", get(activity::logs)),
        ("/identity_events", get(activity::events)),
        ("/activity_records", post(uploads::records)),
        ("/activity_records/job/{job_id}", get(uploads::records_job)),
        ("/inline_webhooks", get(hooks::list)),
    ]
}

fn store() -> Vec<Route> {
    use appstore::{apps, permissions, requests, rules, settings};

    vec![
        ("/appstore/apps", get(apps::list).post(apps::add)),
        (
            "/appstore/apps/{app_id}",
            get(apps::find).delete(apps::remove),
        ),
        (
            "/appstore/apps/{app_id}/settings",
            get(settings::find).patch(settings::update),
        ),
        (
            "/appstore/apps/{app_id}/requestable_permissions",
            get(permissions::list_of_app),
        ),
        (
            "/appstore/requestable_permissions",
            get(permissions::list).post(permissions::create),
        ),
        (
            "/appstore/requestable_permissions/{permission_id}",
            get(permissions::find)
                .patch(permissions::update)
                .delete(permissions::delete),
        ),
        (
            "/appstore/pre_approval_rules",
            get(rules::list).post(rules::create),
        ),
        (
            "/appstore/pre_approval_rules/{pre_approval_rule_id}",
            get(rules::find).patch(rules::update).delete(rules::delete),
        ),
        // Made by one word, seen by another (contract §A4).
        ("/appstore/access_request", post(requests::create)),
        ("/appstore/access_requests", get(requests::list)),
        (
            "/appstore/access_requests/{id}",
            get(requests::find).delete(requests::cancel),
        ),
    ]
}

fn work() -> Vec<Route> {
    vec![
        ("/tasks", get(tasks::list)),
        ("/tasks/{task_id}", get(tasks::find)),
        ("/tasks/{task_id}/actions", get(tasks::actions)),
        ("/tasks/{task_id}/perform-action", post(tasks::perform)),
        ("/tasks/{task_id}/reassign", post(tasks::reassign)),
        ("/tasks/{task_id}/comments", post(tasks::comment)),
        ("/tasks/{task_id}/complete", post(tasks::complete)),
        ("/tasks/{task_id}/dismiss", post(tasks::dismiss)),
        (
            "/access_policies",
            get(policies::list).post(policies::create),
        ),
        (
            "/access_policies/{access_policy_id}",
            get(policies::find)
                .put(policies::update)
                .delete(policies::delete),
        ),
        ("/access_reviews", get(reviews::list).post(reviews::create)),
        ("/access_reviews/scope_options", get(reviews::scope_options)),
        (
            "/access_reviews/{access_review_id}",
            get(reviews::find)
                .patch(reviews::update)
                .delete(reviews::delete),
        ),
        (
            "/access_reviews/{access_review_id}/apps",
            post(reviews::add_apps),
        ),
        (
            "/access_reviews/{access_review_id}/apps/{arda_id}",
            delete(reviews::remove_app),
        ),
        (
            "/v1/knowledge/context",
            get(knowledge::list).post(knowledge::create),
        ),
        (
            "/v1/knowledge/context/{knowledge_context_id}",
            get(knowledge::find)
                .patch(knowledge::update)
                .delete(knowledge::delete),
        ),
        ("/vendor_agreements", get(agreements::list)),
        (
            "/vendor_agreements/{vendor_agreement_id}/custom_attributes/{label}",
            put(agreements::set_attribute),
        ),
        ("/orders", post(agreements::order)),
        ("/found_documents", post(agreements::document)),
    ]
}
