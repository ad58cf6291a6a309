//! Activity on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::services::activity;

/// Something that a vendor reports that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// UUIDv7.
    id: Uuid,
    /// The connection that reports it.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "apono")]
    vendor: String,
    /// When it happened.
    happened_at: DateTime<Utc>,
    /// What happened, as the vendor says it.
    #[schema(example = "login")]
    action: String,
    /// How it ended, as the vendor says it.
    #[schema(required)]
    outcome: Option<String>,
    /// The account that did it: the one that the vendor names, else the one with the actor's e-mail address. Null where it was
    /// not known when this came.
    #[schema(required)]
    account_id: Option<Uuid>,
    /// The e-mail address of who did it, where the vendor tells one.
    #[schema(required, example = "ada.lovelace@example.com")]
    actor_email: Option<String>,
    /// What the vendor calls who did it.
    #[schema(required)]
    actor_name: Option<String>,
    /// The resource that it was done at, where it was known when this came.
    #[schema(required)]
    resource_id: Option<Uuid>,
    /// What the vendor calls what it was done to.
    #[schema(required)]
    target: Option<String>,
    /// Whether it shows that the account was used: then the account's `last_activity_at` is no earlier.
    is_use: bool,
    /// What else the vendor says, by the vendor's names.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    /// When it was first seen here.
    seen_at: DateTime<Utc>,
    /// The vendor's payload as it came, with `include=raw` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
}

impl From<activity::Activity> for Activity {
    fn from(report: activity::Activity) -> Self {
        let activity::Activity {
            id,
            connection_id,
            vendor,
            happened_at,
            action,
            outcome,
            account_id,
            actor_email,
            actor_name,
            resource_id,
            target,
            is_use,
            attributes,
            raw,
            seen_at,
        } = report;
        Self {
            id,
            connection_id,
            vendor,
            happened_at,
            action,
            outcome,
            account_id,
            actor_email,
            actor_name,
            resource_id,
            target,
            is_use,
            attributes: match attributes {
                Value::Object(map) => map,
                _ => Map::new(),
            },
            seen_at,
            // Read from the database only when it was asked for.
            raw: Some(raw).filter(|raw| !raw.is_null()),
        }
    }
}
