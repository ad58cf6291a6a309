//! Lumos connectors: contract §B1–§B8.

use std::collections::BTreeMap;

use iam_gateway::services::catalogue::UpstreamOperation;
use serde_json::{Value, json};

use super::{Arrival, Contract, Direct, Exchange, exchange_all};
use crate::support::app::text;
use crate::support::{LUMOS, Vendor};

struct LumosConnector;

/// The one operation of the host around the connectors: no parameters, no body (§B1).
const OF_HOST: &str = "list_connector_app_ids";

impl Contract for LumosConnector {
    const VENDOR: Vendor = LUMOS;
    /// Everything that a connector can have.
    const QUIRKS: &'static [(&'static str, &'static str)] = &[
        ("lacks", "none"),
        ("non_human", "some"),
        ("path_style", "id"),
        ("outer_token", "simulated-outer"),
    ];

    /// Acts on others, and on what the connector itself does not hold.
    const UNUSUAL: &'static [&'static str] = &[
        "fulfill_arbitrary_endpoint",
        "handle_authorization_callback",
        "handle_client_credentials_request",
        "refresh_access_token",
        "release_resources",
    ];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let state = direct.simulator.state();
        let account = |n: usize| text(&state.accounts[n]["integration_specific_id"]);
        let inactive = state
            .accounts
            .iter()
            .find(|one| one["user_status"] == "INACTIVE");
        let inactive = text(&inactive.expect("somebody")["integration_specific_id"]);
        let requests = requests(account(0), account(2), inactive, &state.grants[0]);
        let exchanges = requests.into_iter().map(|(id, request)| {
            let envelope = json!({ "page": { "size": 3 }, "request": request });
            Exchange::of(id).at(&["acme_directory"]).json(&envelope)
        });
        exchanges.chain([Exchange::of(OF_HOST)]).collect()
    }

    /// The caller's envelope, and behind it the connection's own parts: the credential where one is asked for, and the
    /// connector's settings (§B2).
    fn is_body(operation: &UpstreamOperation, exchange: &Exchange, received: &str) -> bool {
        if operation.id == OF_HOST {
            return received.is_empty();
        }
        let theirs = exchange.body.trim().strip_suffix('}').expect("an object");
        let mut own = json!({ "settings": { "region": "eu" } });
        if operation.credential != "none" {
            own["auth"] = json!({ "token": { "token": "simulated-connector-token" } });
        }
        let added = received
            .strip_prefix(theirs)
            .and_then(|rest| rest.strip_prefix(','));
        let added = added.map(|rest| serde_json::from_str::<Value>(&format!("{{{rest}")));
        matches!(added, Some(Ok(added)) if own == added)
    }

    /// The token for whatever stands in front of the connector (§B1); the connector's own credential is in the body.
    fn headers(_arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("authorization", "Bearer simulated-outer".to_owned())])
    }
}

/// The `request` of every capability (§B8). The account is in the first application and has the role of a reader there; the
/// other one is in none.
fn requests(
    account: &str,
    other: &str,
    inactive: &str,
    held: &Value,
) -> Vec<(&'static str, Value)> {
    let of_account = || json!({ "account_id": account });
    let in_application =
        |account: &str| json!({ "application_instance_id": "app-1", "account_id": account });
    let team = json!({
        "account_integration_specific_id": other, "resource_type": "", "resource_integration_specific_id": "",
        "entitlement_type": "team", "entitlement_integration_specific_id": "support"
    });
    let held = json!({
        "account_integration_specific_id": held["account_id"], "resource_type": held["resource_type"],
        "resource_integration_specific_id": held["integration_specific_resource_id"],
        "entitlement_type": held["entitlement_type"],
        "entitlement_integration_specific_id": held["integration_specific_entitlement_id"]
    });
    let role = |account: &str, id: &str| {
        json!({
            "application_instance_id": "app-1", "account_integration_specific_id": account, "resource_type": "",
            "resource_integration_specific_id": "", "entitlement_type": "application_role",
            "entitlement_integration_specific_id": id
        })
    };
    let since = || json!({ "since_date": "2025-01-01", "actors": [{ "account_id": account }] });
    let secret = ("c", "simulated-client-secret");
    vec![
        ("activate_account", json!({ "account_id": inactive })),
        ("app_info", json!({})),
        ("assign_application", in_application(other)),
        ("assign_application_entitlement", role(account, "editor")),
        ("assign_entitlement", team),
        ("get_connected_info", json!({})),
        (
            "create_account",
            json!({ "email": "zoe@example.org", "department": "sales", "entitlements": [] }),
        ),
        ("deactivate_account", of_account()),
        ("delete_account", of_account()),
        ("downgrade_license", of_account()),
        ("find_entitlement_assignments", json!({})),
        ("find_entitlement_associations", json!({})),
        ("find_entitlement_graph", json!({ "custom_attributes": [] })),
        ("find_resource_graph", json!({ "custom_attributes": [] })),
        (
            "fulfill_arbitrary_endpoint",
            json!({ "url": "https://acme.example/x", "method": "POST" }),
        ),
        ("get_account", of_account()),
        ("get_account_entitlement_associations", of_account()),
        (
            "get_application",
            json!({ "application_instance_id": "app-1" }),
        ),
        ("get_application_account", in_application(account)),
        (
            "get_authorization_url",
            json!({
                "client_id": "c", "scopes": ["a"], "redirect_uri": "https://gw.example/cb", "state": "s"
            }),
        ),
        ("get_credential_last_activity", json!({})),
        ("get_data_recency", json!({})),
        ("get_last_activity", json!({ "account_ids": [account] })),
        ("get_non_human_account_last_activity", json!({})),
        (
            "handle_authorization_callback",
            json!({
                "client_id": secret.0, "client_secret": secret.1,
                "redirect_uri_with_code": "https://gw.example/cb?code=x"
            }),
        ),
        (
            "handle_client_credentials_request",
            json!({ "client_id": secret.0, "client_secret": secret.1, "scopes": ["a"] }),
        ),
        ("info", json!({})),
        (
            "list_accounts",
            json!({ "custom_attributes": ["department"] }),
        ),
        ("list_activity_records", since()),
        ("list_applications", json!({})),
        ("list_applications_accounts", json!({})),
        ("list_applications_activity_records", since()),
        ("list_applications_entitlement_associations", json!({})),
        ("list_applications_entitlements", json!({})),
        ("list_applications_resources", json!({})),
        ("list_credentials", json!({})),
        ("list_custom_attributes_schema", json!({})),
        ("list_entitlements", json!({})),
        ("list_expenses", json!({})),
        ("list_non_human_accounts", json!({})),
        ("list_resources", json!({})),
        (
            "list_updated_accounts",
            json!({ "since": "2025-01-01T00:00:00Z" }),
        ),
        ("probe_integration", json!({})),
        (
            "refresh_access_token",
            json!({ "client_id": secret.0, "client_secret": secret.1, "refresh_token": "r" }),
        ),
        ("release_resources", of_account()),
        (
            "transfer_data",
            json!({ "source_account_id": account, "target_account_id": other }),
        ),
        ("unassign_application", in_application(account)),
        ("unassign_application_entitlement", role(account, "reader")),
        ("unassign_entitlement", held),
        ("update_account", json!({ "id": account, "cost_center": 1 })),
        (
            "validate_credential_config",
            json!({ "credential": { "token": { "token": "t" } } }),
        ),
        ("validate_credentials", json!({})),
    ]
}

#[tokio::test]
async fn every_operation_of_a_lumos_connector_is_exchanged_as_documented() {
    exchange_all::<LumosConnector>().await;
}
