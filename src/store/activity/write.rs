//! Keeping what vendors report.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::ActivityRecord;
use crate::error::Result;
use crate::store::copies::{PageWritten, storable};

/// Keeps the reports of a page that are not here yet, with the account and the resource that they name. Where one shows that
/// an account was used, the account was last active then at the earliest.
///
/// # Errors
/// When the database fails.
pub async fn write_page(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    records: &[ActivityRecord],
) -> Result<PageWritten> {
    let by_key: BTreeMap<&str, &ActivityRecord> = records
        .iter()
        .map(|record| (record.external_key.as_str(), record))
        .collect();
    let rows: Vec<Value> = by_key.into_values().map(row).map(storable).collect();
    // Of several accounts with the address that is there longest which is not gone.
    let kept: Vec<Uuid> = sqlx::query_scalar(
        "insert into activity (id, connection_id, vendor, external_key, happened_at, action, outcome, account_key,
             account_id, actor_email, actor_name, resource_key, resource_id, target, is_use, attributes, raw)
         select r.id, $1, $2, r.external_key, r.happened_at, r.action, r.outcome, r.account_key, coalesce(
                 (select a.id from accounts a where a.connection_id = $1 and a.external_key = r.account_key),
                 (select a.id from accounts a where a.connection_id = $1 and lower(a.email) = lower(r.actor_email)
                  order by a.status = 'deleted', a.id limit 1)),
             r.actor_email, r.actor_name, r.resource_key,
             (select p.id from resources p where p.connection_id = $1 and p.external_key = r.resource_key),
             r.target, r.is_use, r.attributes, coalesce(r.raw, 'null')
         from jsonb_to_recordset($3) as r(id uuid, external_key text, happened_at timestamptz, action text, outcome text,
             account_key text, actor_email text, actor_name text, resource_key text, target text, is_use boolean,
             attributes jsonb, raw jsonb)
         on conflict (connection_id, external_key) do nothing
         returning id",
    )
    .bind(connection_id)
    .bind(vendor)
    .bind(Value::Array(rows))
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query(
        "update accounts t set last_activity_at = used.at, source = 'sync', version = t.version + 1,
             changed_at = clock_timestamp()
         from (select account_id, max(happened_at) as at from activity
               where id = any($1) and is_use and account_id is not null group by account_id) as used
         where t.id = used.account_id and (t.last_activity_at is null or t.last_activity_at < used.at)",
    )
    .bind(&kept)
    .execute(connection)
    .await?;
    Ok(PageWritten {
        created: kept.len() as i64,
        ..PageWritten::default()
    })
}

/// When the newest thing happened that a connection reported; `None` before there was any.
///
/// # Errors
/// When the database fails.
pub async fn newest(
    executor: impl PgExecutor<'_>,
    connection_id: Uuid,
) -> Result<Option<DateTime<Utc>>> {
    // A vendor whose clock is ahead must not hide what it reports meanwhile.
    Ok(sqlx::query_scalar(
        "select least(max(happened_at), clock_timestamp()) from activity where connection_id = $1 having max(happened_at) is not null",
    )
    .bind(connection_id)
    .fetch_optional(executor)
    .await?)
}

/// Forgets what a connection reported that happened before then; how many reports.
///
/// # Errors
/// When the database fails.
pub async fn forget_before(
    connection: &mut PgConnection,
    connection_id: Uuid,
    before: DateTime<Utc>,
) -> Result<u64> {
    let done = sqlx::query("delete from activity where connection_id = $1 and happened_at < $2")
        .bind(connection_id)
        .bind(before)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// What is kept of a report, by column.
fn row(record: &ActivityRecord) -> Value {
    json!({
        "id": Uuid::now_v7(),
        "external_key": record.external_key,
        "happened_at": record.happened_at,
        "action": record.action,
        "outcome": record.outcome,
        "account_key": record.account_key,
        "actor_email": record.actor_email,
        "actor_name": record.actor_name,
        "resource_key": record.resource_key,
        "target": record.target,
        "is_use": record.is_use,
        "attributes": record.attributes,
        "raw": record.raw,
    })
}
