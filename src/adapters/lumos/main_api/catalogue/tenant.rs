//! Apps and the integrations behind them, people, accounts, groups, and what happened to them.

use super::{NONE, delete, get, patch, post, put};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    // Apps.
    get("list_apps", "/apps").normalized("list_resources"),
    post("create_app", "/apps").read_back_by("list_apps"),
    get("get_app_categories", "/apps/categories"),
    get("get_app", "/apps/{app_id}").normalized("find_resource"),
    patch("update_app", "/apps/{app_id}").read_back_by("get_app"),
    put("reconnect_app", "/apps/{app_id}").read_back_by("get_app"),
    delete("disconnect_app", "/apps/{app_id}").read_back_by("get_app"),
    // The older twin of the AppStore's settings.
    get("get_app_settings", "/apps/{app_id}/settings").legacy(),
    patch("update_app_settings", "/apps/{app_id}/settings")
        .read_back_by("get_app_settings")
        .legacy(),
    post("trigger_app_sync", "/apps/{app_id}/sync").read_back_by("get_app"),
    // Integrations.
    get("list_integrations", "/integrations"),
    get("get_integration", "/integrations/{app_class_id}"),
    get(
        "get_integration_connection_schema",
        "/integrations/{app_class_id}/connection-schema",
    ),
    // Users and their roles.
    get("current_user", "/users/current").normalized("check_connection"),
    get("list_users", "/users").normalized("list_accounts"),
    get("get_user", "/users/{user_id}").normalized("find_account"),
    get("get_user_accounts", "/users/{user_id}/accounts"),
    get("get_user_roles", "/users/{user_id}/roles"),
    post("add_role_to_user", "/users/{user_id}/roles/{role_name}")
        .idempotent()
        .read_back_by("get_user_roles"),
    delete(
        "remove_role_from_user",
        "/users/{user_id}/roles/{role_name}",
    )
    .read_back_by("get_user_roles"),
    // Accounts in apps.
    get("get_accounts", "/accounts").normalized("list_accounts"),
    post("post_accounts", "/accounts/upload").read_back_by("get_accounts"),
    get("get_upload_job_state", "/accounts/upload/{job_id}"),
    // Groups.
    get("get_groups", "/groups").normalized("list_entitlements"),
    get("get_group", "/groups/{group_id}").normalized("find_entitlement"),
    get("get_group_membership", "/groups/{group_id}/users").normalized("list_grants"),
    // Activity.
    get("get_activity_logs", "/activity_logs").normalized("list_activity"),
    get("get_identity_events", "/identity_events").normalized("list_activity"),
    // It sets when accounts were last used.
    post("activity_records", "/activity_records")
        .idempotent()
        .read_back_by("get_accounts"),
    get(
        "get_activity_records_job_state",
        "/activity_records/job/{job_id}",
    ),
    // Webhooks, and signs of life.
    get("get_inline_webhooks", "/inline_webhooks"),
    get("lumos_art", "/art").by(NONE),
    get("lumos_liveness_check", "/info").by(NONE),
    // Called by other vendors when a purchase is through.
    post(
        "process_airbase_milestone_event",
        "/webhooks/airbase/purchase_request_approved/{domain_app_uuid}",
    )
    .by(NONE),
    post(
        "process_vendr_request_completed",
        "/webhooks/vendr/request_completed/{domain_app_uuid}",
    )
    .by(NONE),
];
