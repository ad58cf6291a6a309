//! Grants: who holds what, as vendors say it and as the gateway did it.

mod acts;
mod read;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

pub use acts::{
    Rival, begin_granting, begin_revoking, note_displaced, rivals, settle, step_back,
    tombstone_of_account, tombstone_of_entitlement,
};
pub use read::{
    GrantFilter, find, find_pair, list, live_of_account, live_of_accounts, live_of_entitlement,
};
pub use write::{set_managed, set_status, upsert_page, upsert_read, upsert_written};

use crate::domain::{ExternalKey, Grant, GrantRecord, GrantStatus};
use crate::error::Error;

#[derive(FromRow)]
struct GrantRow {
    id: Uuid,
    connection_id: Uuid,
    vendor: String,
    account_key: String,
    entitlement_key: String,
    account_id: Uuid,
    entitlement_id: Uuid,
    status: String,
    vendor_status: Option<String>,
    managed: bool,
    ambiguous: bool,
    displaced_id: Option<Uuid>,
    attributes: Value,
    vendor_created_at: Option<DateTime<Utc>>,
    vendor_updated_at: Option<DateTime<Utc>>,
    raw: Value,
    source: String,
    changed_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl TryFrom<GrantRow> for Grant {
    type Error = Error;

    fn try_from(row: GrantRow) -> Result<Self, Error> {
        let status = GrantStatus::parse(&row.status)
            .ok_or_else(|| Error::internal(format!("a grant with status {}", row.status)))?;
        let attributes = match row.attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Ok(Self {
            id: row.id,
            connection_id: row.connection_id,
            vendor: row.vendor,
            record: GrantRecord {
                account_key: ExternalKey::from_stored(row.account_key),
                entitlement_key: ExternalKey::from_stored(row.entitlement_key),
                status,
                vendor_status: row.vendor_status,
                ambiguous: row.ambiguous,
                attributes,
                created_at: row.vendor_created_at,
                updated_at: row.vendor_updated_at,
                raw: row.raw,
            },
            account_id: row.account_id,
            entitlement_id: row.entitlement_id,
            managed: row.managed,
            displaced_id: row.displaced_id,
            changed_at: row.changed_at,
            seen_at: row.seen_at,
            source: row.source,
        })
    }
}
