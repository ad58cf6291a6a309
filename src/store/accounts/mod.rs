//! Accounts: our copies of what vendors say.

mod read;
mod succession;
mod write;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

pub use read::{AccountFilter, find, find_all, ids_of_emails, list};
pub use write::{tombstone, upsert_page, upsert_read, upsert_written};

use crate::domain::{Account, AccountKind, AccountRecord, AccountStatus, ExternalKey};

#[derive(FromRow)]
struct AccountRow {
    id: Uuid,
    connection_id: Uuid,
    vendor: String,
    external_key: String,
    external_id: String,
    login: Option<String>,
    email: Option<String>,
    display_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    kind: String,
    status: String,
    vendor_status: Option<String>,
    resource_key: Option<String>,
    resource_id: Option<Uuid>,
    attributes: Value,
    last_activity_at: Option<DateTime<Utc>>,
    vendor_created_at: Option<DateTime<Utc>>,
    vendor_updated_at: Option<DateTime<Utc>>,
    raw: Value,
    source: String,
    version: i64,
    changed_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let attributes = match row.attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Self {
            id: row.id,
            connection_id: row.connection_id,
            vendor: row.vendor,
            record: AccountRecord {
                external_key: ExternalKey::from_stored(row.external_key),
                external_id: row.external_id,
                login: row.login,
                email: row.email,
                display_name: row.display_name,
                given_name: row.given_name,
                family_name: row.family_name,
                kind: AccountKind::parse(&row.kind),
                status: AccountStatus::parse(&row.status),
                vendor_status: row.vendor_status,
                attributes,
                last_activity_at: row.last_activity_at,
                created_at: row.vendor_created_at,
                updated_at: row.vendor_updated_at,
                raw: row.raw,
                resource_key: row.resource_key.map(ExternalKey::from_stored),
                succeeds: None,
            },
            resource_id: row.resource_id,
            changed_at: row.changed_at,
            seen_at: row.seen_at,
            source: row.source,
            version: row.version,
        }
    }
}
