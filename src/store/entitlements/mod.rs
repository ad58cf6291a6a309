//! Entitlements: our copies of what vendors say.

mod read;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

pub use read::{EntitlementFilter, find, find_rest, list};
pub use write::{upsert_page, upsert_read, upsert_written};

use crate::domain::{
    Bounds, Entitlement, EntitlementKind, EntitlementRecord, ExternalKey, ThingStatus,
};
use crate::error::Error;

#[derive(FromRow)]
struct EntitlementRow {
    id: Uuid,
    connection_id: Uuid,
    vendor: String,
    external_key: String,
    external_id: String,
    kind: String,
    name: String,
    description: Option<String>,
    resource_key: Option<String>,
    resource_id: Option<Uuid>,
    assignable: bool,
    requestable: bool,
    exclusive_group: Option<String>,
    is_rest: bool,
    min: Option<i32>,
    max: Option<i32>,
    requirements: Value,
    status: String,
    vendor_status: Option<String>,
    attributes: Value,
    vendor_created_at: Option<DateTime<Utc>>,
    vendor_updated_at: Option<DateTime<Utc>>,
    raw: Value,
    source: String,
    changed_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl TryFrom<EntitlementRow> for Entitlement {
    type Error = Error;

    fn try_from(row: EntitlementRow) -> Result<Self, Error> {
        let kind = EntitlementKind::parse(&row.kind)
            .ok_or_else(|| Error::internal(format!("an entitlement of kind {}", row.kind)))?;
        let attributes = match row.attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        // The columns hold no more than what came out of a `u32`.
        let bound = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
        Ok(Self {
            id: row.id,
            connection_id: row.connection_id,
            vendor: row.vendor,
            record: EntitlementRecord {
                external_key: ExternalKey::from_stored(row.external_key),
                external_id: row.external_id,
                kind,
                name: row.name,
                description: row.description,
                resource_key: row.resource_key.map(ExternalKey::from_stored),
                assignable: row.assignable,
                requestable: row.requestable,
                exclusive_group: row.exclusive_group,
                is_rest: row.is_rest,
                bounds: Bounds {
                    min: bound(row.min),
                    max: bound(row.max),
                },
                requirements: serde_json::from_value(row.requirements).map_err(Error::internal)?,
                status: ThingStatus::parse(&row.status),
                vendor_status: row.vendor_status,
                attributes,
                created_at: row.vendor_created_at,
                updated_at: row.vendor_updated_at,
                raw: row.raw,
            },
            resource_id: row.resource_id,
            changed_at: row.changed_at,
            seen_at: row.seen_at,
            source: row.source,
        })
    }
}
