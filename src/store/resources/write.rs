//! Writing resources: by syncs, page by page, and by readings, one at a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::ResourceRecord;
use crate::error::Result;
use crate::store::copies::{Batch, PageWritten, fingerprint, upsert, write};

const UPSERT: &str = upsert!(
    "resources",
    said: [
        "external_id" "text", "parent_key" "text", "kind" "text", "name" "text", "description" "text",
    ],
    rising: [],
    found: ["parent_id" = "p.id"],
    joins: "left join resources p on p.connection_id = $1 and p.external_key = r.parent_key",
    ours: [],
    except: "false",
);

/// Writes what a page of a listing said; of several records with one key the last counts.
///
/// # Errors
/// When the database fails.
pub async fn upsert_page(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    asked_at: DateTime<Utc>,
    records: &[ResourceRecord],
) -> Result<PageWritten> {
    let by_key: BTreeMap<&str, &ResourceRecord> = records
        .iter()
        .map(|record| (record.external_key.as_str(), record))
        .collect();
    let batch = Batch {
        connection_id,
        vendor,
        source: "sync",
        asked_at: Some(asked_at),
        is_alone: false,
        rows: by_key.values().map(|record| row(record)).collect(),
    };
    let touched = write(&mut *connection, UPSERT, batch).await?;
    let keys: Vec<&str> = by_key.into_keys().collect();
    fill_in(connection, connection_id, &keys).await?;
    Ok(PageWritten::of(&touched))
}

/// Writes what the reading of a single resource showed, unless the row was written or changed since the vendor was asked.
///
/// # Errors
/// When the database fails.
pub async fn upsert_read(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &ResourceRecord,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let batch = Batch {
        connection_id,
        vendor,
        source: "read_through",
        asked_at: Some(asked_at),
        is_alone: true,
        rows: vec![row(record)],
    };
    write(&mut *connection, UPSERT, batch).await?;
    fill_in(connection, connection_id, &[record.external_key.as_str()]).await
}

/// Gives the rows that named these keys before there was a row of them, the row.
async fn fill_in(connection: &mut PgConnection, connection_id: Uuid, keys: &[&str]) -> Result<()> {
    for statement in [
        "update resources t set parent_id = p.id, version = t.version + 1, changed_at = clock_timestamp()
         from resources p where p.connection_id = $1 and p.external_key = any($2)
             and t.connection_id = $1 and t.parent_key = p.external_key and t.parent_id is null",
        "update entitlements t set resource_id = p.id, version = t.version + 1, changed_at = clock_timestamp()
         from resources p where p.connection_id = $1 and p.external_key = any($2)
             and t.connection_id = $1 and t.resource_key = p.external_key and t.resource_id is null",
        "update accounts t set resource_id = p.id, version = t.version + 1, changed_at = clock_timestamp()
         from resources p where p.connection_id = $1 and p.external_key = any($2)
             and t.connection_id = $1 and t.resource_key = p.external_key and t.resource_id is null",
    ] {
        sqlx::query(statement)
            .bind(connection_id)
            .bind(keys)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What is kept of a record, by column.
fn row(record: &ResourceRecord) -> Value {
    let mut row = json!({
        "external_key": record.external_key,
        "external_id": record.external_id,
        "parent_key": record.parent_key,
        "kind": record.kind,
        "name": record.name,
        "description": record.description,
        "status": record.status.as_str(),
        "vendor_status": record.vendor_status,
        "attributes": record.attributes,
        "vendor_created_at": record.created_at,
        "vendor_updated_at": record.updated_at,
        "raw": record.raw,
    });
    row["fingerprint"] = fingerprint(&row).into();
    row
}
