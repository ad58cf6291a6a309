//! Audit events on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::paging::{Limit, Time, page};
use crate::services::{PageSpec, audit};

/// One line of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// UUIDv7, in order.
    id: Uuid,
    /// When, by the database's clock.
    at: DateTime<Utc>,
    /// The API key that acted; the nil UUID for the service itself.
    actor_id: Uuid,
    /// Its name.
    #[schema(example = "sandbox")]
    actor_name: String,
    /// The person whose key it is, by e-mail; null for a service's.
    #[schema(required)]
    actor_person: Option<String>,
    /// `<noun>.<verb>`.
    #[schema(example = "account.create")]
    action: String,
    /// What kind of thing it was done to.
    #[schema(example = "account")]
    noun: String,
    /// Which one.
    #[schema(required)]
    noun_id: Option<Uuid>,
    /// Through which connection.
    #[schema(required)]
    connection_id: Option<Uuid>,
    /// The operation behind it.
    #[schema(required)]
    operation_id: Option<Uuid>,
    /// `requested`, `succeeded`, `failed` or `outcome_unknown`.
    #[schema(example = "succeeded")]
    outcome: String,
    /// More, without secrets.
    #[schema(value_type = Object)]
    detail: Value,
    /// The request that led to it.
    request_id: String,
}

impl From<audit::AuditEvent> for AuditEvent {
    fn from(event: audit::AuditEvent) -> Self {
        let audit::AuditEvent {
            id,
            at,
            actor_id,
            actor_name,
            actor_person,
            action,
            noun,
            noun_id,
            connection_id,
            operation_id,
            outcome,
            detail,
            request_id,
        } = event;
        Self {
            id,
            at,
            actor_id,
            actor_name,
            actor_person,
            action,
            noun,
            noun_id,
            connection_id,
            operation_id,
            outcome,
            detail,
            request_id,
        }
    }
}

/// Which events are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only those of this API key.
    actor_id: Option<Uuid>,
    /// Only those of this action, such as `account.create`.
    action: Option<String>,
    /// Only those done to this kind of thing, such as `account`.
    noun: Option<String>,
    /// Only those done to this thing.
    noun_id: Option<Uuid>,
    /// Only those through this connection, by id or name.
    connection_id: Option<String>,
    /// Only those of this operation.
    operation_id: Option<Uuid>,
    /// Only those that ended so.
    outcome: Option<String>,
    /// Only those at this time or later (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    at_after: Option<Time>,
    /// Only those before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    at_before: Option<Time>,
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before; give the same filters with it.
    cursor: Option<String>,
}

impl From<AuditQuery> for (Option<String>, audit::AuditFilter, PageSpec) {
    fn from(query: AuditQuery) -> Self {
        let AuditQuery {
            actor_id,
            action,
            noun,
            noun_id,
            connection_id,
            operation_id,
            outcome,
            at_after,
            at_before,
            limit,
            cursor,
        } = query;
        let filter = audit::AuditFilter {
            actor_id,
            action,
            noun,
            noun_id,
            // The use case finds it by id or name.
            connection_id: None,
            operation_id,
            outcome,
            after: at_after.map(|Time(at)| at),
            before: at_before.map(|Time(at)| at),
        };
        (connection_id, filter, page(limit, cursor))
    }
}
