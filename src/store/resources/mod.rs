//! Resources: our copies of what vendors say.

mod read;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

pub use read::{ResourceFilter, find, list};
pub use write::{upsert_page, upsert_read};

use crate::domain::{ExternalKey, Resource, ResourceRecord, ThingStatus};

#[derive(FromRow)]
struct ResourceRow {
    id: Uuid,
    connection_id: Uuid,
    vendor: String,
    external_key: String,
    external_id: String,
    parent_key: Option<String>,
    parent_id: Option<Uuid>,
    kind: String,
    name: Option<String>,
    description: Option<String>,
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

impl From<ResourceRow> for Resource {
    fn from(row: ResourceRow) -> Self {
        let attributes = match row.attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            id: row.id,
            connection_id: row.connection_id,
            vendor: row.vendor,
            record: ResourceRecord {
                external_key: ExternalKey::from_stored(row.external_key),
                external_id: row.external_id,
                parent_key: row.parent_key.map(ExternalKey::from_stored),
                kind: row.kind,
                name: row.name,
                description: row.description,
                status: ThingStatus::parse(&row.status),
                vendor_status: row.vendor_status,
                attributes,
                created_at: row.vendor_created_at,
                updated_at: row.vendor_updated_at,
                raw: row.raw,
            },
            parent_id: row.parent_id,
            changed_at: row.changed_at,
            seen_at: row.seen_at,
            source: row.source,
        }
    }
}
