//! Writing grants: by syncs, page by page, and by readings and operations, one at a time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::{GrantRecord, GrantStatus};
use crate::error::{Error, Result};
use crate::store::copies::{Batch, PageWritten, fingerprint, in_between, text, upsert, write};

/// Whom it names must be there, else it is not kept. What is ambiguous is no proof: it makes nothing certain doubtful, and
/// brings nothing back that the gateway took away.
const UPSERT: &str = upsert!(
    "grants",
    said: ["account_key" "text", "entitlement_key" "text", "ambiguous" "boolean"],
    rising: [],
    found: ["account_id" = "a.id", "entitlement_id" = "e.id"],
    joins: "join accounts a on a.connection_id = $1 and a.external_key = r.account_key
                 and ($5::timestamptz is null or a.status <> 'deleted')
             join entitlements e on e.connection_id = $1 and e.external_key = r.entitlement_key
                 and ($5::timestamptz is null or e.status <> 'deleted')",
    ours: [
        "managed" = "t.managed and t.status <> 'deleted'",
        "displaced_id" = "case when t.status <> 'deleted' then t.displaced_id end",
    ],
    except: concat!(
        in_between!(),
        " or (excluded.ambiguous and not t.ambiguous and (t.status <> 'deleted' or t.source = 'write'))"
    ),
);

/// Writes what a page of a listing said; of several records with one key the last counts. Those whose account or entitlement
/// has no live row are counted and not kept.
///
/// # Errors
/// When the database fails.
pub async fn upsert_page(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    asked_at: DateTime<Utc>,
    records: &[GrantRecord],
) -> Result<PageWritten> {
    let by_key: BTreeMap<String, &GrantRecord> = records
        .iter()
        .map(|record| (record.external_key().as_str().to_owned(), record))
        .collect();
    let unresolved = count_unresolved(&mut *connection, connection_id, &by_key).await?;
    let batch = Batch {
        connection_id,
        vendor,
        source: "sync",
        asked_at: Some(asked_at),
        is_alone: false,
        rows: by_key.into_values().map(row).collect(),
    };
    let touched = write(connection, UPSERT, batch).await?;
    Ok(PageWritten {
        unresolved,
        ..PageWritten::of(&touched)
    })
}

async fn count_unresolved(
    connection: &mut PgConnection,
    connection_id: Uuid,
    records: &BTreeMap<String, &GrantRecord>,
) -> Result<i64> {
    let (accounts, entitlements): (Vec<String>, Vec<String>) = records
        .values()
        .map(|record| {
            let (account, entitlement) = (&record.account_key, &record.entitlement_key);
            (text(account.as_str()), text(entitlement.as_str()))
        })
        .unzip();
    Ok(sqlx::query_scalar(
        "select count(*) from unnest($2::text[], $3::text[]) as r(account_key, entitlement_key)
         where not exists (select 1 from accounts a
                 where a.connection_id = $1 and a.external_key = r.account_key and a.status <> 'deleted')
             or not exists (select 1 from entitlements e
                 where e.connection_id = $1 and e.external_key = r.entitlement_key and e.status <> 'deleted')",
    )
    .bind(connection_id)
    .bind(accounts)
    .bind(entitlements)
    .fetch_one(connection)
    .await?)
}

/// Writes what the reading of a single grant showed, unless the row was written or changed since the vendor was asked, or an
/// operation on it is under way.
///
/// # Errors
/// When the database fails.
pub async fn upsert_read(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &GrantRecord,
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

/// Writes what an operation showed or is about to do, whatever the row says. A grant that was deleted comes back with its id,
/// unmanaged. Returns the row's id.
///
/// # Errors
/// When the database fails, or there is no row of the account or the entitlement.
pub async fn upsert_written(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &GrantRecord,
    source: &str,
) -> Result<Uuid> {
    let batch = Batch {
        connection_id,
        vendor,
        source,
        asked_at: None,
        is_alone: true,
        rows: vec![row(record)],
    };
    let touched = write(connection, UPSERT, batch).await?;
    let (id, _) = touched.first().ok_or_else(|| {
        Error::internal("a grant of an account or an entitlement that has no row")
    })?;
    Ok(*id)
}

/// Says where a grant stands for which an operation is under way or has ended.
///
/// # Errors
/// When the database fails.
pub async fn set_status(
    connection: &mut PgConnection,
    id: Uuid,
    status: GrantStatus,
) -> Result<()> {
    sqlx::query(
        "update grants set status = $2, source = 'write', version = version + 1, missed_runs = 0,
             changed_at = clock_timestamp(), written_at = clock_timestamp()
         where id = $1 and (status <> $2 or source <> 'write')",
    )
    .bind(id)
    .bind(status.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Says whether the gateway gave a grant, and what it took the place of; `None` leaves what was noted when it began.
///
/// # Errors
/// When the database fails.
pub async fn set_managed(
    connection: &mut PgConnection,
    id: Uuid,
    managed: bool,
    displaced_id: Option<Uuid>,
) -> Result<()> {
    sqlx::query(
        "update grants set managed = $2, displaced_id = coalesce($3, displaced_id), version = version + 1,
             changed_at = clock_timestamp()
         where id = $1 and (managed <> $2 or displaced_id is distinct from coalesce($3, displaced_id))",
    )
    .bind(id)
    .bind(managed)
    .bind(displaced_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// What is kept of a record, by column.
fn row(record: &GrantRecord) -> Value {
    let mut row = json!({
        "external_key": record.external_key(),
        "account_key": record.account_key,
        "entitlement_key": record.entitlement_key,
        "status": record.status.as_str(),
        "vendor_status": record.vendor_status,
        "ambiguous": record.ambiguous,
        "attributes": record.attributes,
        "vendor_created_at": record.created_at,
        "vendor_updated_at": record.updated_at,
        "raw": record.raw,
    });
    row["fingerprint"] = fingerprint(&row).into();
    row
}
