//! Apono: contract §6.

use std::collections::BTreeMap;

use iam_gateway::simulators::kit::people;
use serde_json::{Value, json};

use super::{Arrival, Contract, Direct, Exchange, exchange_all};
use crate::support::app::text;
use crate::support::{APONO, Vendor};

struct Apono;

const ADA: &str = "ada.lind@example.org";
const BRUNO: &str = "bruno.keller@example.org";
const CHIARA: &str = "chiara.moretti@example.org";

impl Contract for Apono {
    const VENDOR: Vendor = APONO;
    /// Documented for every request (§1).
    const WITHOUT_BODY: Option<&'static str> = Some("application/json");
    /// Who reads credentials has seen them.
    const UNUSUAL: &'static [&'static str] = &["get_access_session_access_details_v1"];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let made = request(direct, None).await;
        let delegated = request(direct, Some(CHIARA)).await;
        [
            of_scopes_and_reports(),
            of_groups(),
            of_flows_and_bundles(),
            of_the_inventory(),
            of_user_api(&made, &delegated),
            of_older_policies(),
            of_identities(),
            of_older_integrations(),
            of_older_requests(&made),
        ]
        .concat()
    }

    /// The personal token below `/api/user`, the account's elsewhere (§1).
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        let name = match arrival.operation.credential {
            "personal" => "personal_token",
            _ => "account_token",
        };
        let token = text(&arrival.connection["credentials"][name]);
        BTreeMap::from([("authorization", format!("Bearer {token}"))])
    }
}

/// The simulator's nth seeded thing of a kind.
fn seeded(kind: &str, n: usize) -> String {
    people::uuid(&format!("apono/{kind}"), n).to_string()
}

/// What anybody on call may ask for, and gets at once.
fn wish(grantee: Option<&str>) -> Value {
    let mut wish = json!({
        "entitlements": [{ "resource_id": seeded("resource", 14), "permission_id": seeded("permission", 8) }],
        "custom_fields": {}
    });
    if let Some(grantee) = grantee {
        wish["grantee"] = json!(grantee);
    }
    wish
}

/// Has the connection's user make an access request; its id.
async fn request(direct: &Direct<'_>, grantee: Option<&str>) -> String {
    let make = direct
        .request("POST", "/api/user/v4/access-requests")
        .bearer_auth(direct.credential("personal_token"))
        .json(&wish(grantee));
    let made = Direct::json(make).await;
    text(&made[0]["id"]).to_owned()
}

/// A target of the current API.
fn target() -> Value {
    json!({ "integration": {
        "integration_reference": "orders-db", "resource_type": "postgresql-database", "permissions": ["ReadOnly"],
        "resources_scopes": [{ "scope_mode": "include_resources", "type": "TAG", "key": "env", "values": ["prod"] }]
    }})
}

/// A target of the older API.
fn older_target() -> Value {
    json!({
        "integration_id": seeded("integration", 2), "resource_type": "postgresql-table", "permissions": ["SELECT"],
        "resource_tag_includes": [{ "name": "env", "value": "prod" }], "resource_tag_excludes": []
    })
}

fn of_scopes_and_reports() -> Vec<Exchange> {
    let of = Exchange::of;
    let (scope, report) = (seeded("scope", 0), seeded("report", 0));
    let tests = json!({ "name": "tests", "query": "resource_tag[\"env\"] = \"test\"" });
    let day = json!({
        "name": "a day", "fields": ["request_id"], "filters": {},
        "timeframe": { "relative": { "last": 1, "unit": "day", "rounded": false } }
    });
    vec![
        of("list_access_scopes_v1").asking(&[("name", "*o & p*"), ("limit", "7")]),
        of("create_access_scopes_v1").json(&tests),
        of("get_access_scopes_v1").at(&[&scope]),
        of("update_access_scopes_v1").at(&[&scope]).json(&tests),
        of("delete_access_scopes_v1").at(&[&scope]).answered(204),
        of("list_activity_reports").asking(&[("name", "*a*"), ("limit", "7")]),
        of("create_activity_report").json(&day),
        of("get_activity_report").at(&[&report]),
        of("update_activity_report").at(&[&report]).json(&day),
        of("delete_activity_report").at(&[&report]),
        of("list_attributes_v1").asking(&[("type", "group"), ("search", "*a*"), ("limit", "7")]),
    ]
}

fn of_groups() -> Vec<Exchange> {
    let of = Exchange::of;
    let group = seeded("group", 5);
    vec![
        of("list_groups_v1").asking(&[("name", "*o*"), ("limit", "7")]),
        of("create_group_v1").json(&json!({ "name": "night shift", "members_emails": [ADA] })),
        of("get_group_v1").at(&[&group]),
        of("delete_group_v1").at(&[&group]).answered(204),
        of("list_group_members_v1")
            .at(&[&group])
            .asking(&[("limit", "7")]),
        of("update_group_members_v1")
            .at(&[&group])
            .json(&json!({ "members_emails": [BRUNO, CHIARA] }))
            .answered(204),
        of("add_group_member_v1").at(&[&group, BRUNO]).answered(204),
        of("remove_group_member_v1")
            .at(&[&group, ADA])
            .answered(204),
        of("update_group_v1")
            .at(&[&group])
            .json(&json!({ "name": "on call now" })),
    ]
}

fn of_flows_and_bundles() -> Vec<Exchange> {
    let of = Exchange::of;
    let (flow, bundle) = (seeded("flow", 0), seeded("bundle", 0));
    let night = json!({
        "name": "night", "active": true, "trigger": "SELF_SERVE", "request_for_others": false,
        "requestors": { "logical_operator": "OR", "conditions": [
            { "source_integration_reference": "Okta", "type": "group", "match_operator": "is", "values": ["sales"] }
        ]},
        "access_targets": [target()], "grant_duration_in_min": 60,
        "settings": { "justification_required": true, "require_approver_reason": false,
            "requestor_cannot_approve_himself": true, "require_mfa": false, "labels": [] }
    });
    let kit = json!({ "name": "night kit", "access_targets": [target()] });
    vec![
        of("list_access_flows_v2").asking(&[("limit", "7")]),
        of("create_access_flow_v2").json(&night),
        of("get_access_flow_v2").at(&[&flow]),
        of("update_access_flow_v2").at(&[&flow]).json(&night),
        of("delete_access_flow_v2").at(&[&flow]).answered(204),
        of("list_bundles_v2").asking(&[("name", "*desk*"), ("limit", "7")]),
        of("create_bundle_v2").json(&kit),
        of("get_bundle_v2").at(&[&bundle]),
        of("update_bundle_v2").at(&[&bundle]).json(&kit),
        of("delete_bundle_v2").at(&[&bundle]).answered(204),
    ]
}

fn of_the_inventory() -> Vec<Exchange> {
    let of = Exchange::of;
    let (connector, integration) = (seeded("connector", 0), seeded("integration", 2));
    vec![
        of("list_connectors_v3").asking(&[
            ("status", "CONNECTED"),
            ("status", "DISCONNECTED"),
            ("limit", "7"),
        ]),
        of("get_connector_v3").at(&[&connector]),
        of("update_connector_v3")
            .at(&[&connector])
            .json(&json!({ "name": "renamed" })),
        of("delete_connector_v3").at(&[&connector]).answered(204),
        of("list_users_v3").asking(&[
            ("first_name", "A*"),
            ("role", "admin"),
            ("role", "user"),
            ("limit", "7"),
        ]),
        of("get_user_v3").at(&[&seeded("user", 0)]),
        of("list_integrations_v4").asking(&[
            ("type", "postgresql"),
            ("type", "aws*"),
            ("limit", "7"),
        ]),
        of("create_integration_v4").json(&json!({
            "name": "new-db", "type": "postgresql", "integration_config": { "hostname": "new" },
            "secret_store_config": { "apono": { "parameters": { "password": "not-a-real-one" } } }
        })),
        of("get_integrations_by_id_v4").at(&[&integration]),
        of("update_integration_v4")
            .at(&[&integration])
            .json(&json!({ "name": "orders-db-2", "integration_config": { "hostname": "other" } })),
        of("delete_integration_v4")
            .at(&[&integration])
            .answered(204),
    ]
}

fn of_user_api(made: &str, delegated: &str) -> Vec<Exchange> {
    let of = Exchange::of;
    let session = seeded("session", 0);
    vec![
        of("list_access_sessions_v1").asking(&[
            ("request_ids", made),
            ("request_ids", delegated),
            ("limit", "7"),
        ]),
        of("get_access_session_v1").at(&[&session]),
        of("get_access_session_access_details_v1").at(&[&session]),
        of("reset_access_session_credentials_v1").at(&[&session]),
        of("list_available_bundles_v1").asking(&[
            ("name", "*desk*"),
            ("name", "*kit*"),
            ("limit", "7"),
        ]),
        of("list_available_entitlements_v1").asking(&[("resource_name", "orders"), ("limit", "7")]),
        of("list_delegated_access_requests_v1").asking(&[("grantee", CHIARA), ("limit", "7")]),
        of("get_delegated_access_requests_v1").at(&[delegated]),
        of("list_access_requests_v4").asking(&[
            ("statuses", "Active"),
            ("statuses", "Pending"),
            ("limit", "7"),
        ]),
        of("create_access_request_v4").json(&wish(None)),
        of("get_access_requests_v4").at(&[made]),
        of("get_access_request_entitlements_v4")
            .at(&[made])
            .asking(&[("limit", "7")]),
        of("request_access_again_v4")
            .at(&[made])
            .json(&json!({ "custom_fields": {} })),
        of("revoke_access_request_v4").at(&[made]),
    ]
}

fn of_older_policies() -> Vec<Exchange> {
    let of = Exchange::of;
    // It has no place for the first bundle's access scope.
    let (flow, bundle) = (seeded("flow", 0), seeded("bundle", 1));
    vec![
        of("list_access_bundles"),
        of("create_access_bundle").json(&json!({ "name": "desk", "integration_targets": [older_target()] })),
        of("get_access_bundle").at(&[&bundle]),
        of("update_access_bundle").at(&[&bundle]).json(&json!({ "name": "billing desk by night" })),
        of("delete_access_bundle").at(&[&bundle]),
        of("list_access_flows_v1"),
        of("create_access_flow_v1").json(&json!({
            "name": "older", "active": true, "trigger": { "type": "user_request" },
            "grantees": [{ "id": seeded("group", 5), "type": "group" }], "integration_targets": [older_target()],
            "revoke_after_in_sec": 3600
        })),
        of("get_access_flow_v1").at(&[&flow]),
        of("update_access_flow_v1").at(&[&flow]).json(&json!({ "revoke_after_in_sec": 1800 })),
        of("delete_access_flow_v1").at(&[&flow]),
    ]
}

fn of_identities() -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("list_attributes_for_identities").asking(&[
            ("emails", ADA),
            ("emails", BRUNO),
            ("limit", "7"),
            ("skip", "0"),
        ]),
        of("bulk_upsert_attributes_for_identities").json(&json!([
            { "email": ADA, "attributes": { "shift": "night" } }, { "email": "nobody@example.org", "attributes": {} }
        ])),
        // A body, although it deletes.
        of("bulk_delete_attributes_form_identities")
            .json(&json!([{ "email": ADA, "attribute_types": ["office"] }])),
        of("list_identities"),
        of("list_users"),
        of("get_user").at(&[&seeded("user", 0)]),
    ]
}

fn of_older_integrations() -> Vec<Exchange> {
    let of = Exchange::of;
    let (integration, resource) = (seeded("integration", 2), seeded("resource", 0));
    let database = [("resource-type", "postgresql-database")];
    vec![
        of("list_connectors"),
        of("list_integrations_v2"),
        of("create_integration_v2").json(&json!({
            "name": "new-db", "type": "postgresql", "metadata": { "hostname": "new" }
        })),
        of("list_integration_configs"),
        of("get_integration_config").at(&["postgresql"]),
        of("get_integration_v2").at(&[&integration]),
        of("update_integration_v2")
            .at(&[&integration])
            .json(&json!({ "name": "orders-db-2", "metadata": { "hostname": "other" } })),
        of("delete_integration_v2").at(&[&integration]),
        of("refresh_integration_v2").at(&[&integration]),
        of("get_resource_user_tags").at(&[&resource]),
        of("update_resource_user_tags")
            .at(&[&resource])
            .json(&json!({ "tags": { "env": "stage" } })),
        of("get_integration_permissions")
            .at(&[&integration])
            .asking(&database),
        of("get_integration_resources")
            .at(&[&integration])
            .asking(&database),
    ]
}

fn of_older_requests(made: &str) -> Vec<Exchange> {
    let of = Exchange::of;
    let integration = seeded("integration", 2);
    let of_type = [integration.as_str(), "postgresql-database"];
    // One that has credentials.
    let granted = seeded("request", 4);
    let user = [("user_id", BRUNO)];
    vec![
        of("list_access_requests").asking(&[("days_offset", "7"), ("user_id", &seeded("user", 1))]),
        of("create_access_request").json(&json!({
            "user_id": seeded("user", 1), "integration_id": integration, "resource_ids": [seeded("resource", 0)],
            "permissions": ["ReadOnly"], "justification": "a look"
        })),
        of("revoke_access_requests").json(&json!({ "request_ids": [granted] })),
        of("get_access_request").at(&[made]),
        of("get_access_request_details").at(&[&granted]),
        of("reset_access_request_credentials").at(&[&granted]),
        // Brackets in names are percent-encoded (§2).
        of("list_activity").asking(&[
            ("start_date", "1700000000"),
            ("filter[status]", "Active"),
            ("filter[status]", "Pending"),
            ("fields", "request_id"),
            ("fields", "status"),
        ]),
        of("get_selectable_integrations").asking(&user),
        of("get_selectable_resource_types").at(&[&integration]).asking(&user),
        of("get_selectable_permissions").at(&of_type).asking(&user),
        of("get_selectable_resources").at(&of_type).asking(&user),
    ]
}

#[tokio::test]
async fn every_operation_of_apono_is_exchanged_as_documented() {
    exchange_all::<Apono>().await;
}
