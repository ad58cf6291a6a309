//! The connector API as it is spelled on the wire. Null and absent are alike everywhere (contract §B3).

use serde::Deserialize;
use serde_json::{Map, Value};

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

/// What `info` and `connected_info` say of the connector.
#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) capabilities: Option<Vec<String>>,
    pub(super) capability_schema: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
pub(super) struct AppInfo {
    pub(super) app_schema: Option<Value>,
}
