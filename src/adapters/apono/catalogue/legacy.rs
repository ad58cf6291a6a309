//! The older API, `/api/v1`, `/api/v2` and `/api/v3`. Legacy is what has a newer sibling (§5); the rest is first-class.

use super::{ADMINISTRATOR, delete, get, patch, post, put};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    get("list_access_bundles", "/api/v1/access-bundles")
        .legacy()
        .by(ADMINISTRATOR),
    post("create_access_bundle", "/api/v1/access-bundles")
        .read_back_by("list_access_bundles")
        .legacy()
        .by(ADMINISTRATOR),
    get("get_access_bundle", "/api/v1/access-bundles/{id}")
        .legacy()
        .by(ADMINISTRATOR),
    patch("update_access_bundle", "/api/v1/access-bundles/{id}")
        .read_back_by("get_access_bundle")
        .legacy()
        .by(ADMINISTRATOR),
    delete("delete_access_bundle", "/api/v1/access-bundles/{id}")
        .read_back_by("get_access_bundle")
        .legacy()
        .by(ADMINISTRATOR),
    get("list_access_flows_v1", "/api/v1/access-flows")
        .legacy()
        .by(ADMINISTRATOR),
    post("create_access_flow_v1", "/api/v1/access-flows")
        .read_back_by("list_access_flows_v1")
        .legacy()
        .by(ADMINISTRATOR),
    get("get_access_flow_v1", "/api/v1/access-flows/{id}")
        .legacy()
        .by(ADMINISTRATOR),
    patch("update_access_flow_v1", "/api/v1/access-flows/{id}")
        .read_back_by("get_access_flow_v1")
        .legacy()
        .by(ADMINISTRATOR),
    delete("delete_access_flow_v1", "/api/v1/access-flows/{id}")
        .read_back_by("get_access_flow_v1")
        .legacy()
        .by(ADMINISTRATOR),
    get(
        "list_attributes_for_identities",
        "/api/v2/bulk/identities/attributes",
    )
    .by(ADMINISTRATOR),
    put(
        "bulk_upsert_attributes_for_identities",
        "/api/v2/bulk/identities/attributes",
    )
    .read_back_by("list_attributes_for_identities")
    .normalized("update_accounts")
    .by(ADMINISTRATOR),
    delete(
        "bulk_delete_attributes_form_identities",
        "/api/v2/bulk/identities/attributes",
    )
    .read_back_by("list_attributes_for_identities")
    .normalized("update_accounts")
    .by(ADMINISTRATOR),
    get("list_connectors", "/api/v2/connectors")
        .legacy()
        .by(ADMINISTRATOR),
    get("list_identities", "/api/v2/identities").by(ADMINISTRATOR),
    get("list_integrations_v2", "/api/v2/integrations")
        .secret()
        .legacy()
        .by(ADMINISTRATOR),
    post("create_integration_v2", "/api/v2/integrations")
        .read_back_by("list_integrations_v2")
        .secret()
        .legacy()
        .by(ADMINISTRATOR),
    get("list_integration_configs", "/api/v2/integrations-catalog").by(ADMINISTRATOR),
    get(
        "get_integration_config",
        "/api/v2/integrations-catalog/{type}",
    )
    .by(ADMINISTRATOR),
    get("get_integration_v2", "/api/v2/integrations/{id}")
        .secret()
        .legacy()
        .by(ADMINISTRATOR),
    put("update_integration_v2", "/api/v2/integrations/{id}")
        .read_back_by("get_integration_v2")
        .secret()
        .legacy()
        .by(ADMINISTRATOR),
    delete("delete_integration_v2", "/api/v2/integrations/{id}")
        .read_back_by("get_integration_v2")
        .legacy()
        .by(ADMINISTRATOR),
    post(
        "refresh_integration_v2",
        "/api/v2/integrations/{id}/refresh",
    )
    .read_back_by("get_integration_v2")
    .by(ADMINISTRATOR),
    get("list_users", "/api/v2/users")
        .legacy()
        .normalized("list_accounts")
        .by(ADMINISTRATOR),
    get("get_user", "/api/v2/users/{id}")
        .legacy()
        .normalized("find_account")
        .by(ADMINISTRATOR),
    get("list_access_requests", "/api/v3/access-requests")
        .legacy()
        .by(ADMINISTRATOR),
    post("create_access_request", "/api/v3/access-requests")
        .read_back_by("list_access_requests")
        .legacy()
        .by(ADMINISTRATOR),
    post(
        "revoke_access_requests",
        "/api/v3/access-requests-bulk/revoke",
    )
    .read_back_by("list_access_requests")
    .legacy()
    .by(ADMINISTRATOR),
    get("get_access_request", "/api/v3/access-requests/{id}")
        .legacy()
        .by(ADMINISTRATOR),
    get(
        "get_access_request_details",
        "/api/v3/access-requests/{id}/access-details",
    )
    .secret()
    .legacy()
    .by(ADMINISTRATOR),
    post(
        "reset_access_request_credentials",
        "/api/v3/access-requests/{id}/reset",
    )
    .read_back_by("list_access_sessions_v1")
    .legacy()
    .by(ADMINISTRATOR),
    get("list_activity", "/api/v3/activity")
        .normalized("list_activity")
        .by(ADMINISTRATOR),
    get(
        "get_resource_user_tags",
        "/api/v3/integrations/resources/{resource_id}/user-tags",
    )
    .by(ADMINISTRATOR),
    put(
        "update_resource_user_tags",
        "/api/v3/integrations/resources/{resource_id}/user-tags",
    )
    .read_back_by("get_resource_user_tags")
    .by(ADMINISTRATOR),
    get(
        "get_integration_permissions",
        "/api/v3/integrations/{id}/permissions",
    )
    .normalized("list_entitlements")
    .by(ADMINISTRATOR),
    get(
        "get_integration_resources",
        "/api/v3/integrations/{id}/resources",
    )
    .normalized("list_resources")
    .by(ADMINISTRATOR),
    get(
        "get_selectable_integrations",
        "/api/v3/selectable-integrations",
    )
    .legacy()
    .by(ADMINISTRATOR),
    get(
        "get_selectable_resource_types",
        "/api/v3/selectable-integrations/{integration_id}/resource-types",
    )
    .legacy()
    .by(ADMINISTRATOR),
    get(
        "get_selectable_permissions",
        "/api/v3/selectable-integrations/{integration_id}/{resource_type}/permissions",
    )
    .legacy()
    .by(ADMINISTRATOR),
    get(
        "get_selectable_resources",
        "/api/v3/selectable-integrations/{integration_id}/{resource_type}/resources",
    )
    .legacy()
    .by(ADMINISTRATOR),
];
