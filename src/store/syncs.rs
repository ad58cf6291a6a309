//! Sync runs: claimed with an epoch like operations, resumed at their cursor.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::WORK_CHANNEL;
use super::accounts::PageWritten;
use crate::domain::AccountRecord;
use crate::error::Result;

/// A run as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SyncRun {
    /// UUIDv7.
    pub id: Uuid,
    /// The connection.
    pub connection_id: Uuid,
    /// What is synced: `accounts`.
    pub noun: String,
    /// `demand` or `schedule`.
    pub cause: String,
    /// `pending`, `running`, `complete`, `incomplete` (page defects: it proved no absence) or `failed`.
    pub status: String,
    /// Counts claims; the fence.
    pub epoch: i64,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When its first page was asked for.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Where the listing goes on.
    pub cursor: Option<String>,
    /// The vendor's own count.
    pub total: Option<i64>,
    /// Pages read.
    pub pages: i32,
    /// Different items met.
    pub seen: i64,
    /// Rows that were new.
    pub created: i64,
    /// Rows that changed.
    pub changed: i64,
    /// Rows marked deleted.
    pub removed: i64,
    /// Why it proves no absence: a list of texts.
    pub defects: Value,
    /// Why it failed.
    pub error: Option<Value>,
}

const COLUMNS: &str = "id, connection_id, noun, cause, status, epoch, attempts, requested_at, started_at, finished_at,
    cursor, total, pages, seen, created, changed, removed, defects, error";

/// Asks for a run.
///
/// # Errors
/// A conflict when one of this connection is open.
pub async fn request(
    connection: &mut PgConnection,
    connection_id: Uuid,
    cause: &str,
) -> Result<SyncRun> {
    let mut query =
        QueryBuilder::new("insert into sync_runs (id, connection_id, noun, cause) values (");
    query
        .push_bind(Uuid::now_v7())
        .push(", ")
        .push_bind(connection_id)
        .push(", 'accounts', ")
        .push_bind(cause)
        .push(") returning ")
        .push(COLUMNS);
    let run: SyncRun = query.build_query_as().fetch_one(&mut *connection).await?;
    sqlx::query("select pg_notify($1, 'sync')")
        .bind(WORK_CHANNEL)
        .execute(connection)
        .await?;
    Ok(run)
}

/// The open run of a connection, asked for if there is none; whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn request_or_join(
    connection: &mut PgConnection,
    connection_id: Uuid,
) -> Result<(Uuid, bool)> {
    loop {
        let made: Option<Uuid> = sqlx::query_scalar(
            "insert into sync_runs (id, connection_id, noun, cause) values ($1, $2, 'accounts', 'demand')
             on conflict (connection_id) where status in ('pending', 'running') do nothing returning id",
        )
        .bind(Uuid::now_v7())
        .bind(connection_id)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(id) = made {
            sqlx::query("select pg_notify($1, 'sync')")
                .bind(WORK_CHANNEL)
                .execute(connection)
                .await?;
            return Ok((id, true));
        }
        let open: Option<Uuid> = sqlx::query_scalar(
            "select id from sync_runs where connection_id = $1 and status in ('pending', 'running')",
        )
        .bind(connection_id)
        .fetch_optional(&mut *connection)
        .await?;
        // Ended between the two looks: then a new one can be asked for.
        if let Some(id) = open {
            return Ok((id, false));
        }
    }
}

/// Whether one of these runs goes on.
///
/// # Errors
/// When the database fails.
pub async fn any_open(pool: &PgPool, ids: &[Uuid]) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "select exists (select 1 from sync_runs where id = any($1) and status in ('pending', 'running'))",
    )
    .bind(ids)
    .fetch_one(pool)
    .await?)
}

/// Turns schedules that are due into runs and sets their next time; connections with an open run wait for the next time.
///
/// # Errors
/// When the database fails.
pub async fn request_due(pool: &PgPool) -> Result<u64> {
    let done = sqlx::query(
        "with due as (
             select id, sync_every_seconds from connections
             where sync_due_at <= clock_timestamp() and sync_every_seconds > 0
             order by sync_due_at limit 20 for update skip locked
         ), next as (
             update connections c set sync_due_at = clock_timestamp() + make_interval(secs => due.sync_every_seconds)
             from due where c.id = due.id
         )
         insert into sync_runs (id, connection_id, noun, cause)
         select gen_random_uuid(), due.id, 'accounts', 'schedule' from due
         on conflict (connection_id) where status in ('pending', 'running') do nothing",
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Claims the run that is longest due, also one whose owner died.
///
/// # Errors
/// When the database fails.
pub async fn claim(pool: &PgPool, owner: Uuid, lease_seconds: f64) -> Result<Option<SyncRun>> {
    let mut query = QueryBuilder::new("update sync_runs set status = 'running', owner = ");
    query
        .push_bind(owner)
        .push(", epoch = epoch + 1, attempts = attempts + 1, started_at = coalesce(started_at, clock_timestamp()), lease_until = clock_timestamp() + make_interval(secs => ")
        .push_bind(lease_seconds)
        .push(") where id = (select id from sync_runs where due_at <= clock_timestamp() and (status = 'pending' or (status = 'running' and lease_until < clock_timestamp())) order by due_at limit 1 for update skip locked) returning ")
        .push(COLUMNS);
    Ok(query.build_query_as().fetch_optional(pool).await?)
}

/// Extends the lease; `false` when the run belongs to another owner now, or to nobody.
///
/// # Errors
/// When the database fails.
pub async fn extend(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    lease_seconds: f64,
) -> Result<bool> {
    let done = sqlx::query(
        "update sync_runs set lease_until = clock_timestamp() + make_interval(secs => $4)
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(lease_seconds)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands a run over to whoever claims it next.
///
/// # Errors
/// When the database fails.
pub async fn release(pool: &PgPool, id: Uuid, owner: Uuid, epoch: i64) -> Result<()> {
    sqlx::query(
        "update sync_runs set lease_until = clock_timestamp(), attempts = attempts - 1
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .execute(pool)
    .await?;
    Ok(())
}

/// Keeps a run ours until the transaction ends; `false` when it is another's already. Whatever a run writes is written
/// behind this fence: a replica that was stopped and goes on must not act on what it read before.
///
/// # Errors
/// When the database fails.
pub async fn hold(connection: &mut PgConnection, run: &SyncRun, owner: Uuid) -> Result<bool> {
    let held: Option<Uuid> = sqlx::query_scalar(
        "select id from sync_runs where id = $1 and owner = $2 and epoch = $3 and status = 'running' for update",
    )
    .bind(run.id)
    .bind(owner)
    .bind(run.epoch)
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}

/// What one page brought.
#[derive(Clone, Debug)]
pub struct PageRead<'a> {
    /// The run.
    pub run: &'a SyncRun,
    /// Its owner.
    pub owner: Uuid,
    /// The vendor of the connection.
    pub vendor: &'a str,
    /// When the page was asked for, by the database's clock.
    pub asked_at: DateTime<Utc>,
    /// Its items.
    pub records: &'a [AccountRecord],
    /// Where the listing goes on.
    pub next: Option<&'a str>,
    /// The vendor's own count.
    pub total: Option<i64>,
    /// What is wrong with it.
    pub defects: &'a [String],
}

/// Keeps one page and the place where the listing goes on, in one transaction. `None` when the run is no longer ours.
///
/// # Errors
/// When the database fails.
pub async fn keep_page(
    connection: &mut PgConnection,
    page: PageRead<'_>,
) -> Result<Option<SyncRun>> {
    if !hold(&mut *connection, page.run, page.owner).await? {
        return Ok(None);
    }
    let keys: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.external_key.as_str())
        .collect();
    let new: Vec<String> = sqlx::query_scalar(
        "insert into sync_seen (run_id, external_key) select $1, unnest($2::text[]) on conflict do nothing
         returning external_key",
    )
    .bind(page.run.id)
    .bind(&keys)
    .fetch_all(&mut *connection)
    .await?;
    let PageWritten { created, changed } = super::accounts::upsert_page(
        &mut *connection,
        page.run.connection_id,
        page.vendor,
        page.asked_at,
        page.records,
    )
    .await?;
    let mut defects = page.defects.to_vec();
    let repeated = keys.len() - new.len();
    if repeated > 0 {
        defects.push(format!(
            "page {} repeats {repeated} accounts that were on a page before",
            page.run.pages + 1
        ));
    }
    let mut query = QueryBuilder::new("update sync_runs set pages = pages + 1, cursor = ");
    query
        .push_bind(page.next)
        .push(", total = coalesce(")
        .push_bind(page.total)
        .push(", total), seen = seen + ")
        .push_bind(new.len() as i64)
        .push(", created = created + ")
        .push_bind(created)
        .push(", changed = changed + ")
        .push_bind(changed)
        .push(", defects = case when jsonb_array_length(defects) < 20 then defects || ")
        .push_bind(Value::from(defects))
        .push(" else defects end where id = ")
        .push_bind(page.run.id)
        .push(" returning ")
        .push(COLUMNS);
    Ok(query.build_query_as().fetch_optional(connection).await?)
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// `complete`, `incomplete` or `failed`.
    pub status: &'a str,
    /// Rows marked deleted.
    pub removed: i64,
    /// Why it proves no absence.
    pub defects: Value,
    /// Why it failed.
    pub error: Option<Value>,
}

/// Ends a run and says so in the coverage of its connection; `false` when it is no longer ours.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    connection: &mut PgConnection,
    run: &SyncRun,
    owner: Uuid,
    ending: &Ending<'_>,
) -> Result<bool> {
    let done = sqlx::query(
        "update sync_runs set status = $4, removed = $5, defects = $6, error = $7, cursor = null,
             finished_at = clock_timestamp(), lease_until = null
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(run.id)
    .bind(owner)
    .bind(run.epoch)
    .bind(ending.status)
    .bind(ending.removed)
    .bind(&ending.defects)
    .bind(&ending.error)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("delete from sync_seen where run_id = $1")
        .bind(run.id)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into coverage (connection_id, noun, as_of, last_run_failed)
         values ($1, $2, case when $4 then $3::timestamptz end, not $4)
         on conflict (connection_id, noun) do update set
             as_of = coalesce(excluded.as_of, coverage.as_of), last_run_failed = excluded.last_run_failed",
    )
    .bind(run.connection_id)
    .bind(&run.noun)
    .bind(run.started_at)
    .bind(ending.status == "complete")
    .execute(connection)
    .await?;
    Ok(true)
}

/// Lists the runs of a connection, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    connection_id: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<SyncRun>> {
    let mut query = QueryBuilder::new("select ");
    query
        .push(COLUMNS)
        .push(" from sync_runs where connection_id = ")
        .push_bind(connection_id);
    if let Some(before) = before {
        query
            .push(" and (requested_at, id) < (select requested_at, id from sync_runs where id = ")
            .push_bind(before)
            .push(")");
    }
    query
        .push(" order by requested_at desc, id desc limit ")
        .push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// One run.
///
/// # Errors
/// When the database fails.
pub async fn find(executor: impl PgExecutor<'_>, id: Uuid) -> Result<Option<SyncRun>> {
    let mut query = QueryBuilder::new("select ");
    query
        .push(COLUMNS)
        .push(" from sync_runs where id = ")
        .push_bind(id);
    Ok(query.build_query_as().fetch_optional(executor).await?)
}
