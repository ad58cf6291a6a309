//! Operations on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::paging::{Limit, Time, page};
use crate::http::v1::failure::Failure;
use crate::services::PageSpec;
use crate::services::operations::{About, OperationFilter, OperationRow};

/// One act toward a vendor, from intent to proven outcome.
#[derive(Debug, Serialize, ToSchema)]
pub struct Operation {
    /// UUIDv7.
    id: Uuid,
    /// The connection that it goes through.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// What is done, such as `account.create`, `entitlement.update`, `grant.replace` or `upstream.write`.
    #[schema(example = "account.create")]
    kind: String,
    /// `pending` and `running` go on; `succeeded` and `failed` are proven; `outcome_unknown` waits for a person.
    #[schema(example = "succeeded")]
    status: String,
    /// What it did at the vendor: `created`, `updated`, `deleted`, or `noop` where it was so already.
    #[schema(required, example = "created")]
    effect: Option<String>,
    /// The account that it is about, once there is one.
    #[schema(required)]
    account_id: Option<Uuid>,
    /// The entitlement that is changed, given or taken away; null where none is.
    #[schema(required)]
    entitlement_id: Option<Uuid>,
    /// The grant that it is about; null where it is about none.
    #[schema(required)]
    grant_id: Option<Uuid>,
    /// What was asked for, without secrets.
    #[schema(value_type = Object)]
    payload: Value,
    /// How often the mutating request was sent. More than once only where the vendor makes repeating safe, or a reading had
    /// shown that the time before did nothing.
    sends: i32,
    /// When it was last sent; null: never, so it did nothing yet.
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    /// Why it failed, or why its outcome is not known.
    #[schema(required)]
    error: Option<Failure>,
    /// What it did where that is more than one thing, as the answer to its request tells it: `added`, `removed` and
    /// `removed_unknown` of a replacement, `summary` and `items` of a change of several accounts; null elsewhere.
    #[schema(required, value_type = Option<Object>)]
    result: Option<Value>,
    /// Who ended it by hand, how and why: `{by, outcome, reason}`.
    #[schema(required, value_type = Option<Object>)]
    resolution: Option<Value>,
    /// The API key that asked for it.
    caller_id: Uuid,
    /// The name of that key.
    #[schema(example = "sandbox")]
    caller_name: String,
    /// The request that led to it.
    request_id: String,
    /// When it was recorded, before anything was sent.
    created_at: DateTime<Utc>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<OperationRow> for Operation {
    fn from(row: OperationRow) -> Self {
        let OperationRow {
            id,
            connection_id,
            vendor,
            kind,
            status,
            about,
            payload,
            sent_at,
            sends,
            effect,
            error,
            result,
            resolution,
            caller_id,
            caller_name,
            request_id,
            created_at,
            finished_at,
            // How replicas share the work, and what they keep to prove an outcome, is their own business.
            serial_key: _,
            secret_key_id: _,
            secret_wrapped_key: _,
            secret_ciphertext: _,
            epoch: _,
            attempts: _,
            before: _,
            absent_at: _,
        } = row;
        let About {
            account_id,
            entitlement_id,
            grant_id,
        } = about;
        Self {
            id,
            connection_id,
            vendor,
            kind,
            status,
            effect,
            account_id,
            entitlement_id,
            grant_id,
            payload,
            sends,
            sent_at,
            error: error.map(Failure::of_stored),
            result,
            resolution,
            caller_id,
            caller_name,
            request_id,
            created_at,
            finished_at,
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// Recorded, not begun.
    Pending,
    /// Being worked on.
    Running,
    /// Done, and proven.
    Succeeded,
    /// Not done, and proven.
    Failed,
    /// Sent, and nobody knows what became of it.
    OutcomeUnknown,
}

impl OperationStatus {
    const fn as_str(self) -> &'static str {
        use crate::domain::OperationStatus as Known;
        match self {
            Self::Pending => Known::Pending.as_str(),
            Self::Running => Known::Running.as_str(),
            Self::Succeeded => Known::Succeeded.as_str(),
            Self::Failed => Known::Failed.as_str(),
            Self::OutcomeUnknown => Known::OutcomeUnknown.as_str(),
        }
    }
}

/// Which operations are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OperationQuery {
    /// Only those through this connection, by id or name.
    #[param(example = "luna")]
    connection_id: Option<String>,
    /// Only those at this vendor.
    vendor: Option<String>,
    /// Only those of this kind, such as `account.create`.
    kind: Option<String>,
    /// Only those that stand so.
    #[param(inline)]
    status: Option<OperationStatus>,
    /// Only those about this account.
    account_id: Option<Uuid>,
    /// Only those about this grant.
    grant_id: Option<Uuid>,
    /// Only those that this API key asked for.
    caller_id: Option<Uuid>,
    /// Only those recorded at this time or later (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    created_after: Option<Time>,
    /// Only those recorded before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    created_before: Option<Time>,
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before; give the same filters with it.
    cursor: Option<String>,
}

impl From<OperationQuery> for (Option<String>, OperationFilter, PageSpec) {
    fn from(query: OperationQuery) -> Self {
        let OperationQuery {
            connection_id,
            vendor,
            kind,
            status,
            account_id,
            grant_id,
            caller_id,
            created_after,
            created_before,
            limit,
            cursor,
        } = query;
        let filter = OperationFilter {
            // The use case finds it by id or name.
            connection_id: None,
            vendor,
            kind,
            status: status.map(|status| status.as_str().to_owned()),
            account_id,
            grant_id,
            caller_id,
            created_after: created_after.map(|Time(at)| at),
            created_before: created_before.map(|Time(at)| at),
        };
        (connection_id, filter, page(limit, cursor))
    }
}

/// How an operation did end that nobody but a person can tell.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// What became of it.
    #[schema(inline)]
    pub outcome: Outcome,
    /// How you know, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Succeeded,
    /// It was not done.
    Failed,
}
