//! Keeping what a run reads. A page is safe as soon as it is parked; only then is the next one asked for. So whatever kills
//! the owner costs one page read again, though a page is written while the next one is on its way.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Records, SyncRun, columns};
use crate::domain::SyncPart;
use crate::error::{Error, Result};
use crate::store::copies::PageWritten;
use crate::store::{accounts, activity, entitlements, grants, resources};

/// A page that is safe and not in the table of its noun yet.
#[derive(Clone, Debug)]
pub struct Unwritten {
    /// When it was asked for, by the database's clock.
    pub asked_at: DateTime<Utc>,
    /// Its items.
    pub records: Records,
}

/// What a page says of the listing.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// How many items it has.
    pub items: i64,
    /// Where the listing goes on.
    pub next: Option<&'a str>,
    /// The vendor's own count.
    pub total: Option<i64>,
    /// Whether the listing shifted since the page before.
    pub shifted: bool,
    /// What is wrong with it.
    pub defects: Vec<String>,
}

/// Moves a run that is held to the page after this one.
///
/// # Errors
/// When the database fails.
pub async fn advance(
    connection: &mut PgConnection,
    run_id: Uuid,
    page: Page<'_>,
) -> Result<SyncRun> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set pages = pages + 1, pass_pages = pass_pages + 1, pass_items = pass_items + $2,
             cursor = $3, total = coalesce($4, total), shifted = shifted or $5,
             defects = case when jsonb_array_length(defects) < 20 then defects || $6 else defects end
         where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(page.items)
    .bind(page.next)
    .bind(page.total)
    .bind(page.shifted)
    .bind(Value::from(page.defects))
    .fetch_one(connection)
    .await?)
}

/// Keeps the items of the page that a run is past now, until they are written.
///
/// # Errors
/// When the database fails.
pub async fn park(connection: &mut PgConnection, run_id: Uuid, page: &Unwritten) -> Result<()> {
    let records = page.records.to_bytes().map_err(Error::internal)?;
    sqlx::query("insert into sync_pages (run_id, asked_at, records) values ($1, $2, $3)")
        .bind(run_id)
        .bind(page.asked_at)
        .bind(records)
        .execute(connection)
        .await?;
    Ok(())
}

/// The page that an earlier owner of the run parked and did not write.
///
/// # Errors
/// When the database fails.
pub async fn unwritten(pool: &PgPool, run_id: Uuid, part: SyncPart) -> Result<Option<Unwritten>> {
    let parked: Option<(DateTime<Utc>, Vec<u8>)> =
        sqlx::query_as("select asked_at, records from sync_pages where run_id = $1")
            .bind(run_id)
            .fetch_optional(pool)
            .await?;
    parked
        .map(|(asked_at, records)| {
            Ok(Unwritten {
                asked_at,
                records: Records::from_bytes(part, &records).map_err(Error::internal)?,
            })
        })
        .transpose()
}

/// Writes the last page that a run, which is held, got past. A page of nothing but repetitions ends the pass: whatever
/// follows, the listing is not to be trusted. Reports of what was done may come again, and shift as they please.
///
/// # Errors
/// When the database fails.
pub async fn write(
    connection: &mut PgConnection,
    run: &SyncRun,
    vendor: &str,
    page: &Unwritten,
) -> Result<SyncRun> {
    let keys: BTreeSet<String> = page.records.keys().into_iter().collect();
    // Answers for each key that this pass had not met; `xmax` is 0 where the row is new, so where no pass had.
    let met: Vec<bool> = sqlx::query_scalar(
        "insert into sync_seen (run_id, external_key, pass) select $1, key, $3 from unnest($2::text[]) as key
         on conflict (run_id, external_key) do update set pass = excluded.pass where sync_seen.pass < excluded.pass
         returning xmax = 0",
    )
    .bind(run.id)
    .bind(Vec::from_iter(keys))
    .bind(run.pass)
    .fetch_all(&mut *connection)
    .await?;
    let written = write_records(&mut *connection, run.connection_id, vendor, page).await?;
    let repeated = page.records.len() - met.len();
    let may_repeat = matches!(page.records, Records::Activity(_));
    let shifted = repeated > 0 && !may_repeat;
    let defects = Vec::from_iter(shifted.then(|| {
        format!(
            "page {} repeats {repeated} {} that were met before",
            run.pass_pages, run.noun
        )
    }));
    sqlx::query("delete from sync_pages where run_id = $1")
        .bind(run.id)
        .execute(&mut *connection)
        .await?;
    Ok(sqlx::query_as(concat!(
        "update sync_runs set seen = seen + $2, pass_seen = pass_seen + $3, created = created + $4,
             changed = changed + $5, unresolved = unresolved + $6, shifted = shifted or $7,
             cursor = case when $8 then null else cursor end,
             defects = case when jsonb_array_length(defects) < 20 then defects || $9 else defects end
         where id = $1 returning ",
        columns!()
    ))
    .bind(run.id)
    .bind(met.iter().filter(|new| **new).count() as i64)
    .bind(met.len() as i64)
    .bind(written.created)
    .bind(written.changed)
    .bind(written.unresolved)
    .bind(shifted)
    .bind(met.is_empty() && repeated > 0)
    .bind(Value::from(defects))
    .fetch_one(connection)
    .await?)
}

async fn write_records(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    page: &Unwritten,
) -> Result<PageWritten> {
    let asked_at = page.asked_at;
    match &page.records {
        Records::Resources(records) => {
            resources::upsert_page(connection, connection_id, vendor, asked_at, records).await
        }
        Records::Entitlements(records) => {
            entitlements::upsert_page(connection, connection_id, vendor, asked_at, records).await
        }
        Records::Accounts(records) => {
            accounts::upsert_page(connection, connection_id, vendor, asked_at, records).await
        }
        Records::Grants(records) => {
            grants::upsert_page(connection, connection_id, vendor, asked_at, records).await
        }
        Records::Activity(records) => {
            activity::write_page(connection, connection_id, vendor, records).await
        }
    }
}

/// Lets a run, which is held, go over the listing again. What was wrong with the pass before is forgotten with it.
///
/// # Errors
/// When the database fails.
pub async fn next_pass(connection: &mut PgConnection, run_id: Uuid) -> Result<SyncRun> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set pass = pass + 1, pass_pages = 0, pass_items = 0, pass_seen = 0, shifted = false,
             unresolved = 0, cursor = null, defects = '[]'
         where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .fetch_one(connection)
    .await?)
}
