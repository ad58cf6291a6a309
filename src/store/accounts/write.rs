//! Writing accounts: by syncs, page by page, and by operations, one at a time.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::succession::follow;
use crate::domain::AccountRecord;
use crate::error::{Error, Result};

/// The source of what a reading of a single account showed.
const READ_THROUGH: &str = "read_through";

/// What writing a page changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageWritten {
    /// Rows that are new to us.
    pub created: i64,
    /// Rows whose content changed, or that came back.
    pub changed: i64,
}

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
    // One statement can't touch a row twice.
    let by_key: BTreeMap<&str, &AccountRecord> = records
        .iter()
        .map(|record| (record.external_key.as_str(), record))
        .filter(|(key, _)| !held_back.contains(*key))
        .collect();
    let rows = by_key.into_values().map(row_json).map(storable).collect();
    let touched: Vec<bool> = sqlx::query_scalar(
        "insert into accounts (id, connection_id, vendor, external_key, external_id, login, email, display_name,
             given_name, family_name, kind, status, vendor_status, attributes, last_activity_at,
             vendor_created_at, vendor_updated_at, raw, fingerprint, source)
         select r.id, $1, $2, r.external_key, r.external_id, r.login, r.email, r.display_name,
             r.given_name, r.family_name, r.kind, r.status, r.vendor_status, r.attributes, r.last_activity_at,
             r.vendor_created_at, r.vendor_updated_at, r.raw, decode(r.fingerprint, 'hex'), 'sync'
         from jsonb_to_recordset($3) as r(id uuid, external_key text, external_id text, login text, email text,
             display_name text, given_name text, family_name text, kind text, status text, vendor_status text,
             attributes jsonb, last_activity_at timestamptz, vendor_created_at timestamptz,
             vendor_updated_at timestamptz, raw jsonb, fingerprint text)
         on conflict on constraint accounts_external_key do update set
             external_id = excluded.external_id, login = excluded.login, email = excluded.email,
             display_name = excluded.display_name, given_name = excluded.given_name,
             family_name = excluded.family_name, kind = excluded.kind, status = excluded.status,
             vendor_status = excluded.vendor_status, attributes = excluded.attributes,
             last_activity_at = excluded.last_activity_at, vendor_created_at = excluded.vendor_created_at,
             vendor_updated_at = excluded.vendor_updated_at, raw = excluded.raw,
             fingerprint = excluded.fingerprint, source = excluded.source, missed_runs = 0,
             version = accounts.version + 1, changed_at = clock_timestamp()
         where (accounts.fingerprint <> excluded.fingerprint
                 or (accounts.status = 'deleted' and excluded.status <> 'deleted'))
             and (accounts.written_at is null or accounts.written_at < $4)
         returning version = 1",
    )
    .bind(connection_id)
    .bind(vendor)
    .bind(Value::Array(rows))
    .bind(asked_at)
    .fetch_all(connection)
    .await?;
    let created = touched.iter().filter(|new| **new).count() as i64;
    Ok(PageWritten {
        created,
        changed: touched.len() as i64 - created,
    })
}

/// Makes the identities of new addresses before any row is written, in one order: two transactions that meet the same new
/// people must not wait for each other.
async fn find_identities(connection: &mut PgConnection, records: &[AccountRecord]) -> Result<()> {
    let emails: Vec<String> = records
        .iter()
        .filter_map(|record| text(&record.email))
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
        READ_THROUGH,
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
    Ok(sqlx::query_scalar(
        "insert into accounts (id, connection_id, vendor, external_key, external_id, login, email, display_name,
             given_name, family_name, kind, status, vendor_status, attributes, last_activity_at,
             vendor_created_at, vendor_updated_at, raw, fingerprint, source, written_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             coalesce($21, clock_timestamp()))
         on conflict on constraint accounts_external_key do update set
             external_id = excluded.external_id, login = excluded.login, email = excluded.email,
             display_name = excluded.display_name, given_name = excluded.given_name,
             family_name = excluded.family_name, kind = excluded.kind, status = excluded.status,
             vendor_status = excluded.vendor_status, attributes = excluded.attributes,
             last_activity_at = excluded.last_activity_at, vendor_created_at = excluded.vendor_created_at,
             vendor_updated_at = excluded.vendor_updated_at, raw = excluded.raw,
             fingerprint = excluded.fingerprint, missed_runs = 0, written_at = excluded.written_at,
             source = case when accounts.fingerprint <> excluded.fingerprint or accounts.status = 'deleted'
                 then excluded.source else accounts.source end,
             version = case when accounts.fingerprint <> excluded.fingerprint or accounts.status = 'deleted'
                 then accounts.version + 1 else accounts.version end,
             changed_at = case when accounts.fingerprint <> excluded.fingerprint or accounts.status = 'deleted'
                 then clock_timestamp() else accounts.changed_at end
         where $21::timestamptz is null or greatest(accounts.changed_at, accounts.written_at) < $21
         returning id",
    )
    .bind(Uuid::now_v7())
    .bind(connection_id)
    .bind(vendor)
    .bind(record.external_key.as_str())
    .bind(record.external_id.replace('\0', "\u{fffd}"))
    .bind(text(&record.login))
    .bind(text(&record.email))
    .bind(text(&record.display_name))
    .bind(text(&record.given_name))
    .bind(text(&record.family_name))
    .bind(record.kind.as_str())
    .bind(record.status.as_str())
    .bind(text(&record.vendor_status))
    .bind(storable(Value::Object(record.attributes.clone())))
    .bind(record.last_activity_at)
    .bind(record.created_at)
    .bind(record.updated_at)
    .bind(storable(record.raw.clone()))
    .bind(fingerprint(record).as_ref())
    .bind(source)
    .bind(asked_at)
    .fetch_optional(connection)
    .await?)
}

/// Marks an account as gone at the vendor, as an operation has proven by its answer or by a reading.
///
/// # Errors
/// When the database fails.
pub async fn tombstone(connection: &mut PgConnection, id: Uuid, source: &str) -> Result<()> {
    sqlx::query(
        "update accounts set source = case when status = 'deleted' then source else $2 end,
             version = case when status = 'deleted' then version else version + 1 end,
             changed_at = case when status = 'deleted' then changed_at else clock_timestamp() end,
             status = 'deleted', missed_runs = 0, written_at = clock_timestamp()
         where id = $1",
    )
    .bind(id)
    .bind(source)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks an account as gone, as a reading of its own has proven, unless the row was written or changed since the vendor was
/// asked.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_read(
    connection: &mut PgConnection,
    id: Uuid,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "update accounts set source = case when status = 'deleted' then source else $3 end,
             version = case when status = 'deleted' then version else version + 1 end,
             changed_at = case when status = 'deleted' then changed_at else clock_timestamp() end,
             status = 'deleted', missed_runs = 0, written_at = $2
         where id = $1 and greatest(changed_at, written_at) < $2",
    )
    .bind(id)
    .bind(asked_at)
    .bind(READ_THROUGH)
    .execute(connection)
    .await?;
    Ok(())
}

/// PostgreSQL's text has no NUL; a vendor's may. The replacement character shows that something was there.
fn storable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name.replace('\0', "\u{fffd}"), storable(value)))
            .collect(),
        other => other,
    }
}

/// As [`storable`], for a column of its own.
fn text(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.replace('\0', "\u{fffd}"))
}

fn row_json(record: &AccountRecord) -> Value {
    json!({
        "id": Uuid::now_v7(),
        "external_key": record.external_key.as_str(),
        "external_id": record.external_id,
        "login": record.login,
        "email": record.email,
        "display_name": record.display_name,
        "given_name": record.given_name,
        "family_name": record.family_name,
        "kind": record.kind.as_str(),
        "status": record.status.as_str(),
        "vendor_status": record.vendor_status,
        "attributes": record.attributes,
        "last_activity_at": record.last_activity_at,
        "vendor_created_at": record.created_at,
        "vendor_updated_at": record.updated_at,
        "raw": record.raw,
        "fingerprint": hex::encode(fingerprint(record)),
    })
}

fn fingerprint(record: &AccountRecord) -> digest::Digest {
    let said = json!([
        record.external_id,
        record.login,
        record.email,
        record.display_name,
        record.given_name,
        record.family_name,
        record.kind.as_str(),
        record.status.as_str(),
        record.vendor_status,
        record.attributes,
        record.last_activity_at,
        record.created_at,
        record.updated_at,
        record.raw,
    ]);
    digest::digest(&digest::SHA256, said.to_string().as_bytes())
}
