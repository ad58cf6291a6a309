//! Writing accounts: by syncs, page by page, and by operations, one at a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::succession::follow;
use crate::domain::{AccountRecord, Noun};
use crate::error::{Error, Result};
use crate::store::copies::{self, Batch, PageWritten, fingerprint, text, upsert, write};

const UPSERT: &str = upsert!(
    "accounts",
    said: [
        "external_id" "text", "login" "text", "email" "text", "display_name" "text", "given_name" "text",
        "family_name" "text", "kind" "text", "resource_key" "text",
    ],
    // What vendors report that was done tells of later uses than the account itself.
    rising: ["last_activity_at" "timestamptz"],
    found: ["resource_id" = "p.id"],
    joins: "left join resources p on p.connection_id = $1 and p.external_key = r.resource_key",
    ours: [],
    except: "false",
);

/// Writes what a page of a listing said; of several records with one key the last counts. A row is touched only if it
/// changed, and never if an operation on it ended after the page was asked for: the page may be older than the write.
///
/// # Errors
/// When the database fails.
pub async fn upsert_page(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    asked_at: DateTime<Utc>,
    records: &[AccountRecord],
) -> Result<PageWritten> {
    find_identities(&mut *connection, records).await?;
    let held_back = follow(&mut *connection, connection_id, Some(asked_at), records).await?;
    let by_key: BTreeMap<&str, &AccountRecord> = records
        .iter()
        .map(|record| (record.external_key.as_str(), record))
        .filter(|(key, _)| !held_back.contains(*key))
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

/// Makes the identities of new addresses before any row is written, in one order: two transactions that meet the same new
/// people must not wait for each other.
async fn find_identities(connection: &mut PgConnection, records: &[AccountRecord]) -> Result<()> {
    let emails: Vec<String> = records
        .iter()
        .filter_map(|record| record.email.as_deref().map(text))
        .collect();
    sqlx::query(
        "insert into identities (id, email)
         select iam_uuid_v7(), email from (
             select distinct identity_email(said) as email from unnest($1::text[]) as said
         ) as found where email is not null order by email
         on conflict on constraint identities_email do nothing",
    )
    .bind(emails)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what an operation showed. Returns the row's id.
///
/// # Errors
/// When the database fails.
pub async fn upsert_written(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &AccountRecord,
    source: &str,
) -> Result<Uuid> {
    upsert_one(connection, connection_id, vendor, record, source, None)
        .await?
        .ok_or_else(|| Error::internal("an upsert without a condition wrote nothing"))
}

/// Writes what the reading of a single account showed, unless the row was written or changed since the vendor was asked. A
/// page of a listing that was asked for before it is older from now on.
///
/// # Errors
/// When the database fails.
pub async fn upsert_read(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &AccountRecord,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let asked_at = Some(asked_at);
    upsert_one(
        connection,
        connection_id,
        vendor,
        record,
        "read_through",
        asked_at,
    )
    .await?;
    Ok(())
}

/// Without `asked_at` it is true by now, whatever the row says; `None` when the row is younger than `asked_at`.
async fn upsert_one(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &AccountRecord,
    source: &str,
    asked_at: Option<DateTime<Utc>>,
) -> Result<Option<Uuid>> {
    let alone = std::slice::from_ref(record);
    find_identities(&mut *connection, alone).await?;
    let held_back = follow(&mut *connection, connection_id, asked_at, alone).await?;
    if held_back.contains(record.external_key.as_str()) {
        return Ok(None);
    }
    let batch = Batch {
        connection_id,
        vendor,
        source,
        asked_at,
        is_alone: true,
        rows: vec![row(record)],
    };
    let touched = write(connection, UPSERT, batch).await?;
    Ok(touched.first().map(|(id, _)| *id))
}

/// Marks an account as gone at the vendor, as an operation has proven by its answer or by a reading.
///
/// # Errors
/// When the database fails.
pub async fn tombstone(connection: &mut PgConnection, id: Uuid, source: &str) -> Result<()> {
    copies::tombstone(connection, Noun::Accounts, id, source).await
}

/// What is kept of a record, by column.
fn row(record: &AccountRecord) -> Value {
    json!({
        "external_key": record.external_key,
        "external_id": record.external_id,
        "login": record.login,
        "email": record.email,
        "display_name": record.display_name,
        "given_name": record.given_name,
        "family_name": record.family_name,
        "kind": record.kind.as_str(),
        "status": record.status.as_str(),
        "vendor_status": record.vendor_status,
        "resource_key": record.resource_key,
        "attributes": record.attributes,
        "last_activity_at": record.last_activity_at,
        "vendor_created_at": record.created_at,
        "vendor_updated_at": record.updated_at,
        "raw": record.raw,
        "fingerprint": fingerprint(&said(record)),
    })
}

/// What the fingerprint is made of. Its shape is that of the rows that are there already: another one would have the first sync
/// after an update write them all.
fn said(record: &AccountRecord) -> Value {
    let mut said = vec![
        json!(record.external_id),
        json!(record.login),
        json!(record.email),
        json!(record.display_name),
        json!(record.given_name),
        json!(record.family_name),
        json!(record.kind.as_str()),
        json!(record.status.as_str()),
        json!(record.vendor_status),
        json!(record.attributes),
        json!(record.last_activity_at),
        json!(record.created_at),
        json!(record.updated_at),
        json!(record.raw),
    ];
    said.extend(record.resource_key.as_ref().map(|key| json!(key)));
    Value::Array(said)
}
