//! What people can ask for, who is approved beforehand, and what they asked for.

use super::{delete, get, patch, post};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    // Apps in the AppStore.
    get("get_appstore_apps", "/appstore/apps"),
    post("add_app_to_appstore", "/appstore/apps")
        .idempotent()
        .read_back_by("get_appstore_apps"),
    get("get_appstore_app", "/appstore/apps/{app_id}"),
    delete("remove_app_from_appstore", "/appstore/apps/{app_id}").read_back_by("get_appstore_app"),
    get(
        "get_appstore_app_settings",
        "/appstore/apps/{app_id}/settings",
    ),
    patch(
        "update_appstore_app_settings",
        "/appstore/apps/{app_id}/settings",
    )
    .read_back_by("get_appstore_app_settings"),
    get(
        "get_appstore_permissions_for_app",
        "/appstore/apps/{app_id}/requestable_permissions",
    ),
    // Requestable permissions.
    get(
        "get_appstore_permissions",
        "/appstore/requestable_permissions",
    )
    .normalized("list_entitlements"),
    post(
        "create_appstore_requestable_permission",
        "/appstore/requestable_permissions",
    )
    .read_back_by("get_appstore_permissions"),
    get(
        "get_appstore_permission",
        "/appstore/requestable_permissions/{permission_id}",
    )
    .normalized("find_entitlement"),
    patch(
        "update_appstore_permission",
        "/appstore/requestable_permissions/{permission_id}",
    )
    .read_back_by("get_appstore_permission"),
    delete(
        "delete_appstore_permission",
        "/appstore/requestable_permissions/{permission_id}",
    )
    .read_back_by("get_appstore_permission"),
    // Pre-approval rules.
    get(
        "get_appstore_pre_approval_rules_for_app",
        "/appstore/pre_approval_rules",
    ),
    post("create_pre_approval_rule", "/appstore/pre_approval_rules")
        .read_back_by("get_appstore_pre_approval_rules_for_app"),
    get(
        "get_appstore_pre_approval_rule",
        "/appstore/pre_approval_rules/{pre_approval_rule_id}",
    ),
    patch(
        "update_pre_approval_rule",
        "/appstore/pre_approval_rules/{pre_approval_rule_id}",
    )
    .read_back_by("get_appstore_pre_approval_rule"),
    delete(
        "delete_pre_approval_rule",
        "/appstore/pre_approval_rules/{pre_approval_rule_id}",
    )
    .read_back_by("get_appstore_pre_approval_rule"),
    // Access requests. The one that makes them is spelled in the singular.
    get("get_access_requests", "/appstore/access_requests").normalized("list_grants"),
    post("create_access_request", "/appstore/access_request").read_back_by("get_access_requests"),
    get("get_access_request", "/appstore/access_requests/{id}"),
    delete("cancel_access_request", "/appstore/access_requests/{id}")
        .read_back_by("get_access_request"),
];
