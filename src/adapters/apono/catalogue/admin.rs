//! The administration API, `/api/admin/**`.

use super::{ACCOUNT, delete, get, post, put};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    get("list_access_scopes_v1", "/api/admin/v1/access-scopes")
        .normalized("list_resources")
        .by(ACCOUNT),
    post("create_access_scopes_v1", "/api/admin/v1/access-scopes")
        .read_back_by("list_access_scopes_v1")
        .by(ACCOUNT),
    get("get_access_scopes_v1", "/api/admin/v1/access-scopes/{id}")
        .normalized("find_resource")
        .by(ACCOUNT),
    put(
        "update_access_scopes_v1",
        "/api/admin/v1/access-scopes/{id}",
    )
    .read_back_by("get_access_scopes_v1")
    .by(ACCOUNT),
    delete(
        "delete_access_scopes_v1",
        "/api/admin/v1/access-scopes/{id}",
    )
    .read_back_by("get_access_scopes_v1")
    .by(ACCOUNT),
    get("list_activity_reports", "/api/admin/v1/activity-reports").by(ACCOUNT),
    post("create_activity_report", "/api/admin/v1/activity-reports")
        .read_back_by("list_activity_reports")
        .by(ACCOUNT),
    get("get_activity_report", "/api/admin/v1/activity-reports/{id}").by(ACCOUNT),
    put(
        "update_activity_report",
        "/api/admin/v1/activity-reports/{id}",
    )
    .read_back_by("get_activity_report")
    .by(ACCOUNT),
    delete(
        "delete_activity_report",
        "/api/admin/v1/activity-reports/{id}",
    )
    .read_back_by("get_activity_report")
    .by(ACCOUNT),
    get("list_attributes_v1", "/api/admin/v1/attributes").by(ACCOUNT),
    get("list_groups_v1", "/api/admin/v1/groups")
        .normalized("list_entitlements")
        .by(ACCOUNT),
    post("create_group_v1", "/api/admin/v1/groups")
        .read_back_by("list_groups_v1")
        .by(ACCOUNT),
    get("get_group_v1", "/api/admin/v1/groups/{id}")
        .normalized("find_entitlement")
        .by(ACCOUNT),
    delete("delete_group_v1", "/api/admin/v1/groups/{id}")
        .read_back_by("get_group_v1")
        .by(ACCOUNT),
    get("list_group_members_v1", "/api/admin/v1/groups/{id}/members")
        .normalized("list_grants")
        .by(ACCOUNT),
    put(
        "update_group_members_v1",
        "/api/admin/v1/groups/{id}/members",
    )
    .read_back_by("list_group_members_v1")
    .normalized("replace_grants")
    .by(ACCOUNT),
    put(
        "add_group_member_v1",
        "/api/admin/v1/groups/{id}/members/{email}",
    )
    .read_back_by("list_group_members_v1")
    .normalized("create_grant")
    .by(ACCOUNT),
    delete(
        "remove_group_member_v1",
        "/api/admin/v1/groups/{id}/members/{email}",
    )
    .read_back_by("list_group_members_v1")
    .normalized("delete_grant")
    .by(ACCOUNT),
    put("update_group_v1", "/api/admin/v1/groups/{id}/name")
        .read_back_by("get_group_v1")
        .normalized("update_entitlement")
        .by(ACCOUNT),
    get("list_access_flows_v2", "/api/admin/v2/access-flows").by(ACCOUNT),
    post("create_access_flow_v2", "/api/admin/v2/access-flows")
        .read_back_by("list_access_flows_v2")
        .by(ACCOUNT),
    get("get_access_flow_v2", "/api/admin/v2/access-flows/{id}").by(ACCOUNT),
    put("update_access_flow_v2", "/api/admin/v2/access-flows/{id}")
        .read_back_by("get_access_flow_v2")
        .by(ACCOUNT),
    delete("delete_access_flow_v2", "/api/admin/v2/access-flows/{id}")
        .read_back_by("get_access_flow_v2")
        .by(ACCOUNT),
    get("list_bundles_v2", "/api/admin/v2/bundles")
        .normalized("list_entitlements")
        .by(ACCOUNT),
    post("create_bundle_v2", "/api/admin/v2/bundles")
        .read_back_by("list_bundles_v2")
        .by(ACCOUNT),
    get("get_bundle_v2", "/api/admin/v2/bundles/{id}")
        .normalized("find_entitlement")
        .by(ACCOUNT),
    put("update_bundle_v2", "/api/admin/v2/bundles/{id}")
        .read_back_by("get_bundle_v2")
        .by(ACCOUNT),
    delete("delete_bundle_v2", "/api/admin/v2/bundles/{id}")
        .read_back_by("get_bundle_v2")
        .by(ACCOUNT),
    get("list_connectors_v3", "/api/admin/v3/connectors").by(ACCOUNT),
    get("get_connector_v3", "/api/admin/v3/connectors/{id}").by(ACCOUNT),
    put("update_connector_v3", "/api/admin/v3/connectors/{id}")
        .read_back_by("get_connector_v3")
        .by(ACCOUNT),
    delete("delete_connector_v3", "/api/admin/v3/connectors/{id}")
        .read_back_by("get_connector_v3")
        .by(ACCOUNT),
    get("list_users_v3", "/api/admin/v3/users")
        .normalized("list_accounts")
        .by(ACCOUNT),
    get("get_user_v3", "/api/admin/v3/users/{id}")
        .normalized("find_account")
        .by(ACCOUNT),
    get("list_integrations_v4", "/api/admin/v4/integrations")
        .secret()
        .normalized("list_resources")
        .by(ACCOUNT),
    post("create_integration_v4", "/api/admin/v4/integrations")
        .read_back_by("list_integrations_v4")
        .secret()
        .by(ACCOUNT),
    get(
        "get_integrations_by_id_v4",
        "/api/admin/v4/integrations/{id}",
    )
    .secret()
    .normalized("find_resource")
    .by(ACCOUNT),
    put("update_integration_v4", "/api/admin/v4/integrations/{id}")
        .read_back_by("get_integrations_by_id_v4")
        .secret()
        .by(ACCOUNT),
    delete("delete_integration_v4", "/api/admin/v4/integrations/{id}")
        .read_back_by("get_integrations_by_id_v4")
        .by(ACCOUNT),
];
