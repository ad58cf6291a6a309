//! The operations that the connector API documents (contract §B7): what the pass-through lets through.
//!
//! All of them are POSTs, so what reads is told from what writes here and nowhere else. A write that sets a state is
//! idempotent, for connectors answer `noop` when it is so already (§B3).

#[cfg(test)]
mod tests;

use crate::adapters::contract::UpstreamOperation;

const API: &str = "connector";
/// The contract's word for the third party's credential, which travels in the body (§B2).
const CREDENTIAL: &str = "auth_credential";
/// These are served to whoever can reach the connector (§B2).
const NONE: &str = "none";

const fn read(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "POST", path).by(CREDENTIAL)
}

const fn write(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "POST", path).by(CREDENTIAL)
}

/// Makes or renews a credential of the third party, and answers it.
const fn issue(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "POST", path)
        .by(NONE)
        .secret()
        .dangerous()
}

/// Everything, in the order of the contract's list.
pub(in crate::adapters::lumos) const OPERATIONS: &[UpstreamOperation] = &[
    read("list_connector_app_ids", "/list-connector-app-ids").by(NONE),
    write("activate_account", "/{connector_id}/activate_account")
        .idempotent()
        .read_back_by("get_account")
        .normalized("activate_account"),
    read("app_info", "/{connector_id}/app_info")
        .by(NONE)
        .normalized("check_connection"),
    write("assign_application", "/{connector_id}/assign_application")
        .idempotent()
        .read_back_by("get_application_account"),
    write(
        "assign_application_entitlement",
        "/{connector_id}/assign_application_entitlement",
    )
    .idempotent()
    .read_back_by("list_applications_entitlement_associations"),
    write("assign_entitlement", "/{connector_id}/assign_entitlement")
        .idempotent()
        .read_back_by("get_account_entitlement_associations")
        .normalized("create_grant"),
    read("get_connected_info", "/{connector_id}/connected_info").normalized("check_connection"),
    write("create_account", "/{connector_id}/create_account")
        .read_back_by("list_accounts")
        .normalized("create_account"),
    write("deactivate_account", "/{connector_id}/deactivate_account")
        .idempotent()
        .read_back_by("get_account")
        .normalized("deactivate_account"),
    write("delete_account", "/{connector_id}/delete_account")
        .idempotent()
        .read_back_by("get_account")
        .normalized("delete_account"),
    // Twice may well be two steps down.
    write("downgrade_license", "/{connector_id}/downgrade_license")
        .read_back_by("get_account_entitlement_associations"),
    read(
        "find_entitlement_assignments",
        "/{connector_id}/find_entitlement_assignments",
    ),
    read(
        "find_entitlement_associations",
        "/{connector_id}/find_entitlement_associations",
    )
    .normalized("list_grants"),
    read(
        "find_entitlement_graph",
        "/{connector_id}/find_entitlement_graph",
    ),
    read("find_resource_graph", "/{connector_id}/find_resource_graph"),
    // The contract lists it under reading, yet its caller may choose POST and any address: whatever may happen then.
    write(
        "fulfill_arbitrary_endpoint",
        "/{connector_id}/fulfill_arbitrary_endpoint",
    )
    .secret()
    .dangerous(),
    read("get_account", "/{connector_id}/get_account").normalized("find_account"),
    read(
        "get_account_entitlement_associations",
        "/{connector_id}/get_account_entitlement_associations",
    )
    .normalized("find_grant"),
    read("get_application", "/{connector_id}/get_application"),
    read(
        "get_application_account",
        "/{connector_id}/get_application_account",
    ),
    // Its answer may hold the `code_verifier` of the authorization to come.
    read(
        "get_authorization_url",
        "/{connector_id}/get_authorization_url",
    )
    .by(NONE)
    .secret(),
    read(
        "get_credential_last_activity",
        "/{connector_id}/get_credential_last_activity",
    ),
    read("get_data_recency", "/{connector_id}/get_data_recency"),
    read("get_last_activity", "/{connector_id}/get_last_activity").normalized("list_accounts"),
    read(
        "get_non_human_account_last_activity",
        "/{connector_id}/get_non_human_account_last_activity",
    )
    .normalized("list_accounts"),
    issue(
        "handle_authorization_callback",
        "/{connector_id}/handle_authorization_callback",
    ),
    issue(
        "handle_client_credentials_request",
        "/{connector_id}/handle_client_credentials_request",
    ),
    read("info", "/{connector_id}/info")
        .by(NONE)
        .normalized("check_connection"),
    read("list_accounts", "/{connector_id}/list_accounts").normalized("list_accounts"),
    read(
        "list_activity_records",
        "/{connector_id}/list_activity_records",
    )
    .normalized("list_activity"),
    read("list_applications", "/{connector_id}/list_applications"),
    read(
        "list_applications_accounts",
        "/{connector_id}/list_applications_accounts",
    ),
    read(
        "list_applications_activity_records",
        "/{connector_id}/list_applications_activity_records",
    ),
    read(
        "list_applications_entitlement_associations",
        "/{connector_id}/list_applications_entitlement_associations",
    ),
    read(
        "list_applications_entitlements",
        "/{connector_id}/list_applications_entitlements",
    ),
    read(
        "list_applications_resources",
        "/{connector_id}/list_applications_resources",
    ),
    read("list_credentials", "/{connector_id}/list_credentials"),
    read(
        "list_custom_attributes_schema",
        "/{connector_id}/list_custom_attributes_schema",
    ),
    read("list_entitlements", "/{connector_id}/list_entitlements").normalized("list_entitlements"),
    read("list_expenses", "/{connector_id}/list_expenses"),
    read(
        "list_non_human_accounts",
        "/{connector_id}/list_non_human_accounts",
    )
    .normalized("list_accounts"),
    read("list_resources", "/{connector_id}/list_resources").normalized("list_resources"),
    read(
        "list_updated_accounts",
        "/{connector_id}/list_updated_accounts",
    ),
    read("probe_integration", "/{connector_id}/probe_integration"),
    issue(
        "refresh_access_token",
        "/{connector_id}/refresh_access_token",
    ),
    write("release_resources", "/{connector_id}/release_resources"),
    write("transfer_data", "/{connector_id}/transfer_data"),
    write(
        "unassign_application",
        "/{connector_id}/unassign_application",
    )
    .idempotent()
    .read_back_by("get_application_account"),
    write(
        "unassign_application_entitlement",
        "/{connector_id}/unassign_application_entitlement",
    )
    .idempotent()
    .read_back_by("list_applications_entitlement_associations"),
    write(
        "unassign_entitlement",
        "/{connector_id}/unassign_entitlement",
    )
    .idempotent()
    .read_back_by("get_account_entitlement_associations")
    .normalized("delete_grant"),
    write("update_account", "/{connector_id}/update_account")
        .idempotent()
        .read_back_by("get_account")
        .normalized("update_account"),
    read(
        "validate_credential_config",
        "/{connector_id}/validate_credential_config",
    ),
    read(
        "validate_credentials",
        "/{connector_id}/validate_credentials",
    )
    .normalized("check_connection"),
];
