//! Writing entitlements: by syncs, page by page, and by readings and operations, one at a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::EntitlementRecord;
use crate::error::Result;
use crate::store::copies::{Batch, PageWritten, fingerprint, upsert, write};

const UPSERT: &str = upsert!(
    "entitlements",
    said: [
        "external_id" "text", "kind" "text", "name" "text", "description" "text", "resource_key" "text",
        "assignable" "boolean", "requestable" "boolean", "exclusive_group" "text", "is_rest" "boolean",
        "min" "integer", "max" "integer", "requirements" "jsonb",
    ],
    rising: [],
    found: ["resource_id" = "p.id"],
    joins: "left join resources p on p.connection_id = $1 and p.external_key = r.resource_key",
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
    records: &[EntitlementRecord],
) -> Result<PageWritten> {
    let by_key: BTreeMap<&str, &EntitlementRecord> = records
        .iter()
        .map(|record| (record.external_key.as_str(), record))
        .collect();
    let batch = Batch {
        connection_id,
        vendor,
        source: "sync",
        asked_at: Some(asked_at),
        is_alone: false,
        rows: by_key.into_values().map(row).collect(),
    };
    let touched = write(connection, UPSERT, batch).await?;
    Ok(PageWritten::of(&touched))
}

/// Writes what the reading of a single entitlement showed, unless the row was written or changed since the vendor was asked.
///
/// # Errors
/// When the database fails.
pub async fn upsert_read(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &EntitlementRecord,
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
    write(connection, UPSERT, batch).await?;
    Ok(())
}

/// Writes what an operation showed, whatever the row says.
///
/// # Errors
/// When the database fails.
pub async fn upsert_written(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &EntitlementRecord,
    source: &str,
) -> Result<()> {
    let batch = Batch {
        connection_id,
        vendor,
        source,
        asked_at: None,
        is_alone: true,
        rows: vec![row(record)],
    };
    write(connection, UPSERT, batch).await?;
    Ok(())
}

/// What is kept of a record, by column.
fn row(record: &EntitlementRecord) -> Value {
    // More than the column holds is as good as no bound.
    let bound = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    let mut row = json!({
        "external_key": record.external_key,
        "external_id": record.external_id,
        "kind": record.kind.as_str(),
        "name": record.name,
        "description": record.description,
        "resource_key": record.resource_key,
        "assignable": record.assignable,
        "requestable": record.requestable,
        "exclusive_group": record.exclusive_group,
        "is_rest": record.is_rest,
        "min": bound(record.bounds.min),
        "max": bound(record.bounds.max),
        "requirements": record.requirements,
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
