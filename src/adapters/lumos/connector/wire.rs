//! The connector API as it is spelled on the wire. Null and absent are alike everywhere (contract §B3).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::Bounds;

/// The response envelope, as far as it is read.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) response: Option<Value>,
    pub(super) page: Option<PageInfo>,
    #[serde(default)]
    pub(super) execution_summary: Value,
}

#[derive(Deserialize)]
pub(super) struct PageInfo {
    pub(super) token: Option<String>,
}

/// What tells an error from an answer, whatever the HTTP status.
#[derive(Deserialize)]
pub(super) struct Verdict {
    pub(super) is_error: Option<bool>,
    pub(super) error: Option<Value>,
}

/// An error, as far as it is read. Read member by member, so that one odd member does not hide the code.
#[derive(Default)]
pub(super) struct ErrorBody {
    pub(super) message: Option<String>,
    pub(super) error_code: Option<String>,
    pub(super) metadata: ErrorMetadata,
}

/// Older connectors omit it (contract §B4).
#[derive(Default)]
pub(super) struct ErrorMetadata {
    pub(super) fault: Option<String>,
    pub(super) category: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) retryable: Option<bool>,
    pub(super) throttled: Option<bool>,
    pub(super) retry_after_seconds: Option<f64>,
}

impl ErrorBody {
    pub(super) fn read(error: &Value) -> Self {
        let metadata = &error["error_metadata"];
        Self {
            message: text(error, "message"),
            error_code: text(error, "error_code"),
            metadata: ErrorMetadata {
                fault: text(metadata, "fault"),
                category: text(metadata, "category"),
                hint: text(metadata, "hint"),
                retryable: metadata["retryable"].as_bool(),
                throttled: metadata["throttled"].as_bool(),
                retry_after_seconds: metadata["retry_after_seconds"].as_f64(),
            },
        }
    }
}

/// What a write did, where the connector says so. It decorates a success, so nothing odd in it is an error.
#[derive(Default)]
pub(super) struct ExecutionSummary {
    pub(super) effect: Option<String>,
    /// Parts that failed although the whole counts as a success.
    pub(super) caught_errors: Vec<ErrorBody>,
}

impl ExecutionSummary {
    pub(super) fn read(summary: &Value) -> Self {
        let caught = summary["caught_errors"].as_array();
        Self {
            effect: text(&summary["effect"], "kind"),
            caught_errors: caught.into_iter().flatten().map(ErrorBody::read).collect(),
        }
    }
}

fn text(object: &Value, name: &str) -> Option<String> {
    object[name].as_str().map(str::to_owned)
}

#[derive(Deserialize)]
pub(super) struct FoundAccount {
    pub(super) integration_specific_id: String,
    pub(super) resource_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) user_status: Option<String>,
    pub(super) account_type: Option<String>,
    pub(super) extra_data: Option<Map<String, Value>>,
    pub(super) custom_attributes: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct CreatedAccount {
    pub(super) id: Option<String>,
    pub(super) status: Option<String>,
}

/// The answer of activate, deactivate and delete. The flags beside `status` are legacy and only say the same (contract §B7).
#[derive(Deserialize)]
pub(super) struct StatusAnswer {
    pub(super) status: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ValidatedCredentials {
    pub(super) valid: Option<bool>,
    pub(super) unique_tenant_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct FoundResource {
    pub(super) integration_specific_id: String,
    pub(super) resource_type: String,
    pub(super) label: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extra_data: Option<Map<String, Value>>,
    pub(super) custom_attributes: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct FoundEntitlement {
    pub(super) entitlement_type: String,
    pub(super) integration_specific_id: String,
    pub(super) integration_specific_resource_id: Option<String>,
    pub(super) is_assignable: Option<bool>,
    pub(super) label: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extra_data: Option<Map<String, Value>>,
    pub(super) custom_attributes: Option<Map<String, Value>>,
}

/// Names no type (contract §B7).
#[derive(Deserialize)]
pub(super) struct FoundAssociation {
    pub(super) account_id: String,
    pub(super) integration_specific_entitlement_id: String,
    pub(super) integration_specific_resource_id: Option<String>,
}

/// The request of `assign_entitlement` and `unassign_entitlement`: `""` names what holds everywhere.
pub(super) struct Assignment<'a> {
    pub(super) account: &'a str,
    pub(super) entitlement_type: &'a str,
    pub(super) resource_type: &'a str,
    pub(super) resource_id: &'a str,
    pub(super) id: &'a str,
}

impl Assignment<'_> {
    pub(super) fn request(&self) -> Map<String, Value> {
        [
            ("account_integration_specific_id", self.account),
            ("resource_integration_specific_id", self.resource_id),
            ("resource_type", self.resource_type),
            ("entitlement_type", self.entitlement_type),
            ("entitlement_integration_specific_id", self.id),
        ]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into()))
        .collect()
    }
}

#[derive(Deserialize)]
pub(super) struct Assigned {
    pub(super) assigned: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Unassigned {
    pub(super) unassigned: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct FoundNonHumanAccount {
    pub(super) id: String,
    pub(super) resource_id: Option<String>,
    pub(super) label: Option<String>,
    pub(super) workload_name: Option<String>,
    pub(super) workload_id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) status: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) last_login: Option<String>,
    pub(super) last_activity: Option<String>,
    pub(super) extra_data: Option<Map<String, Value>>,
    pub(super) custom_attributes: Option<Map<String, Value>>,
}

/// One event of `get_last_activity` or `get_non_human_account_last_activity`.
#[derive(Deserialize)]
pub(super) struct LastActivity {
    #[serde(alias = "non_human_account_id")]
    pub(super) account_id: String,
    pub(super) happened_at: String,
}

#[derive(Deserialize)]
pub(super) struct FoundActivity {
    pub(super) id: String,
    pub(super) activity_type: String,
    pub(super) timestamp: String,
    pub(super) actor: Option<Actor>,
    pub(super) targets: Option<Vec<Target>>,
    pub(super) metadata: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct Actor {
    pub(super) account_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Target {
    pub(super) account_id: Option<String>,
    pub(super) entitlement: Option<TargetEntitlement>,
}

#[derive(Deserialize)]
pub(super) struct TargetEntitlement {
    pub(super) id: Option<String>,
    pub(super) resource_id: Option<String>,
    pub(super) resource_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CustomAttribute {
    pub(super) customized_type: String,
    pub(super) name: String,
}

/// A type of entitlement, as `info` declares it or the operator does.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct EntitlementType {
    pub(super) type_id: String,
    pub(super) type_label: Option<String>,
    pub(super) resource_type_id: Option<String>,
    pub(super) min: Option<u32>,
    pub(super) max: Option<u32>,
    pub(super) requirements: Option<BTreeMap<String, Bounds>>,
}

/// What `info` and `connected_info` say of the connector.
#[derive(Deserialize)]
pub(super) struct Info {
    /// Read type by type, so that an odd one does not hide the others.
    pub(super) entitlement_types: Option<Vec<Value>>,
    pub(super) capabilities: Option<Vec<String>>,
    pub(super) capability_schema: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct AppInfo {
    pub(super) app_schema: Option<Value>,
}
