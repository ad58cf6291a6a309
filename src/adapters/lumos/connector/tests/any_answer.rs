//! Whatever bytes a connector may answer with.

use serde::Deserialize;
use serde_json::Value;

use super::super::client::{Listed, open, parse};
use super::super::convert;
use super::super::describe::Description;
use super::super::grants::held;
use super::super::judge::ConnectorJudge;
use super::super::learned::Entitlements;
use super::super::settings::AbsentStatus;
use super::super::types::Types;
use super::super::wire::{
    Assigned, CreatedAccount, ExecutionSummary, Info, StatusAnswer, Unassigned,
    ValidatedCredentials,
};
use crate::adapters::contract::AdapterError;
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made};
use crate::domain::ExternalKey;

/// The words for a state (§B8).
const STATES: &[&str] = &[
    "ACTIVE",
    "INACTIVE",
    "SUSPENDED",
    "DEPROVISIONED",
    "PENDING",
    "DELETED",
];

/// A connector says it by its own code inside an envelope (§B4), whatever the status. Beside it may stand a number that is JSON
/// and that no [`Value`] can hold.
fn may_be_gone(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: Code,
    }
    #[derive(Deserialize)]
    struct Code {
        error_code: String,
    }
    let code = serde_json::from_slice(&answer.body).map(|Refusal { error }| error.error_code);
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    code.is_ok_and(|code| code == "not_found") || body["error"]["error_code"] == "not_found"
}

fn family<'a>(name: &'static str, good: &[&str]) -> Family<'a> {
    Family::answers(name, &ConnectorJudge, may_be_gone, good)
}

fn page(answer: &Answer) -> Result<Listed, AdapterError> {
    Listed::read("list", open("list", answer)?)
}

const ACCOUNT: &str = r#"{"integration_specific_id":"acc-1","email":"ada@example.org","given_name":"Ada","family_name":"Lind",
    "username":"ada","user_status":"ACTIVE","account_type":"user","extra_data":{"x":1},"custom_attributes":{"department":"engineering"},
    "resource_id":"res-1"}"#;

#[test]
fn accounts() {
    let listed = format!(
        r#"{{"response":[{ACCOUNT},{{"integration_specific_id":"acc-2"}}],"page":{{"token":"t-2","size":2}},"raw_data":null}}"#
    );
    family(
        "connector accounts",
        &[&listed, r#"{"response":[],"page":null}"#],
    )
    .listing("/response")
    .keeping("/user_status")
    .knowing(STATES)
    .hold(|answer| {
        let convert = |item: &Value| convert::account(item, AbsentStatus::Unknown);
        Ok(page(answer)?.converted(convert).into())
    });
}

#[test]
fn accounts_of_workloads() {
    let listed = r#"{"response":[{"id":"w-1","resource_id":"res-1","label":"ci","workload_name":"ci","workload_id":"7","type":"service",
        "status":"ACTIVE","created_at":"2031-05-02","updated_at":"2031-05-02 07:08:09","last_login":"2031-05-02T07:08:09",
        "last_activity":"2031-05-02T07:08:09+02:00","extra_data":{},"custom_attributes":null}],"page":{"token":null}}"#;
    family("connector workloads", &[listed])
        .listing("/response")
        .keeping("/status")
        .knowing(STATES)
        .hold(|answer| {
            let convert = |item: &Value| convert::non_human(item, AbsentStatus::Unknown);
            Ok(page(answer)?.converted(convert).into())
        });
}

#[test]
fn resources() {
    let listed = r#"{"response":[{"integration_specific_id":"res-1","resource_type":"WorkSpace","label":"Main","description":null,
        "extra_data":{},"custom_attributes":null},{"integration_specific_id":"res-2","resource_type":"Repo"}],"page":{"token":""}}"#;
    family("connector resources", &[listed])
        .listing("/response")
        .hold(|answer| Ok(page(answer)?.converted(convert::resource).into()));
}

fn types() -> Types {
    let mut types = Types::default();
    types.absorb(&[
        serde_json::json!({"type_id": "role", "type_label": "Role", "resource_type_id": "WorkSpace", "min": 0, "max": 3}),
        serde_json::json!({"type_id": "license", "resource_type_id": "", "max": 1, "requirements": {"create_account": {"min": 1}}}),
    ]);
    types
}

#[test]
fn entitlements() {
    let listed = r#"{"response":[
        {"entitlement_type":"role","integration_specific_id":"e-1","integration_specific_resource_id":"res-1","is_assignable":true,
         "label":"Admin","description":"all","extra_data":{},"custom_attributes":null},
        {"entitlement_type":"license","integration_specific_id":"e-2","integration_specific_resource_id":null}
    ],"page":{"token":"t-2"}}"#;
    let types = types();
    family("connector entitlements", &[listed])
        .listing("/response")
        .hold(|answer| {
            Ok(page(answer)?
                .converted(|item| convert::entitlement(item, &types))
                .into())
        });
}

#[test]
fn who_holds_what() {
    let mut known = Entitlements::default();
    for kind in ["role", "group"] {
        known.add(ExternalKey::new(&[kind, "WorkSpace", "res-1", "e-1"]));
    }
    known.add(ExternalKey::new(&["license", "", "", "e-2"]));
    let listed = r#"{"response":[
        {"account_id":"acc-1","integration_specific_entitlement_id":"e-1","integration_specific_resource_id":"res-1"},
        {"account_id":"acc-2","integration_specific_entitlement_id":"e-2","integration_specific_resource_id":null}
    ],"page":{"token":null}}"#;
    family("connector associations", &[listed])
        .listing("/response")
        .hold(|answer| Ok(held(&page(answer)?, &known).into()));
}

#[test]
fn what_accounts_did() {
    let records = r#"{"response":[{"id":"r-1","activity_type":"ACCOUNT_LOGIN","timestamp":"2031-05-02T07:08:09Z",
        "actor":{"account_id":"acc-1"},"targets":[{"account_id":null,"entitlement":{"id":"e-1","resource_id":"res-1","resource_type":"Repo"}}],
        "metadata":{"ip":"x"}}],"page":{"token":null}}"#;
    family("connector activity", &[records])
        .listing("/response")
        .hold(|answer| Ok(page(answer)?.converted(convert::activity).into()));
    let last = r#"{"response":[{"account_id":"acc-1","event_type":"last_login","happened_at":"2031-05-02"},
        {"non_human_account_id":"w-1","happened_at":"2031-05-02T07:08:09Z"}],"page":null}"#;
    family("connector last activity", &[last]).hold(|answer| {
        for item in &page(answer)?.items {
            let _ = convert::last_activity(item);
            let _ = convert::custom_attribute(item);
        }
        Ok(Made::default())
    });
}

#[test]
fn what_a_connector_says_of_itself() {
    let info = r##"{"response":{"app_id":"x","version":"1","capabilities":["list_accounts","create_account","list_entitlements"],
        "capability_schema":{"create_account":{"argument":{"type":"object","required":["email"],"properties":{
            "email":{"type":"string"},"department":{"$ref":"#/$defs/D"},"entitlements":{"type":"array"}},"$defs":{"D":{"type":"string"}}}}},
        "entitlement_types":[{"type_id":"role","type_label":"Role","resource_type_id":"Repo","min":0,"max":3,
            "requirements":{"StandardCapabilityName.ASSIGN_ENTITLEMENT":{"min":0,"max":1}}}]}}"##;
    family("connector info", &[info]).hold(|answer| {
        let info: Info = parse("info", open("info", answer)?.response.unwrap_or_default())?;
        let mut description = Description::default();
        description.absorb_info(&info);
        if let Ok(fields) = description.create_fields() {
            fields.attributes_schema();
        }
        Ok(Made::default())
    });
    let document = r##"{"paths":{"/example/list_accounts":{"post":{}},"/example/create_account":{"post":{"requestBody":{"content":
        {"application/json":{"schema":{"$ref":"#/components/schemas/R"}}}}}}},"components":{"schemas":{
        "R":{"type":"object","properties":{"request":{"$ref":"#/components/schemas/C"}}},
        "C":{"allOf":[{"type":"object","properties":{"email":{"type":"string"},"team":{"$ref":"#/components/schemas/C"}}}]}}}}"##;
    family("connector document", &[document]).hold(|answer| {
        let mut description = Description::default();
        description.absorb_openapi(&answer.json()?, Some(&["example"]));
        if let Ok(fields) = description.create_fields() {
            fields.attributes_schema();
        }
        Ok(Made::default())
    });
}

#[test]
fn what_writes_answer() {
    let answers = [
        r#"{"response":{"id":"acc-1","status":"ACTIVE","created":true},"execution_summary":{"effect":{"kind":"created"},"caught_errors":[]}}"#,
        r#"{"response":{"status":"SUSPENDED","assigned":true,"unassigned":false,"valid":true,"unique_tenant_id":"t"},
            "execution_summary":{"effect":{"kind":"noop"},"caught_errors":[{"message":"x","error_code":"api_error","error_metadata":{"retryable":true}}]}}"#,
    ];
    family("connector writes", &answers).hold(|answer| {
        let envelope = open("write", answer)?;
        let response = envelope.response.unwrap_or_default();
        let created: CreatedAccount = parse("create_account", response.clone())?;
        let _ = created
            .status
            .as_deref()
            .map(|word| convert::status_or(Some(word), AbsentStatus::Unknown));
        parse::<StatusAnswer>("delete_account", response.clone())?;
        parse::<Assigned>("assign_entitlement", response.clone())?;
        parse::<Unassigned>("unassign_entitlement", response.clone())?;
        parse::<ValidatedCredentials>("validate_credentials", response)?;
        let summary = ExecutionSummary::read(&envelope.execution_summary);
        let _ = summary.effect.as_deref().map(convert::effect);
        Ok(Made::default())
    });
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"is_error":true,"error":{"message":"no","error_code":"not_found","error_metadata":{"fault":"caller","category":"x",
            "hint":"look","retryable":false,"throttled":true,"retry_after_seconds":1.5}}}"#,
        r#"{"is_error":true,"error":{"message":"slow","error_code":"rate_limit","error_metadata":null}}"#,
        r#"{"error":"Not Found","status":404}"#,
        r#"{"detail":"Not Found"}"#,
    ];
    Family::refusals("connector refusals", &ConnectorJudge, may_be_gone, &bodies)
        .hold(|_| Ok(Made::default()));
}
