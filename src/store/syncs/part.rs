//! From one part of a run to the next, and what each leaves behind.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Ending, SyncRun, columns};
use crate::domain::SyncPart;
use crate::error::Result;

/// A part of a run that ended.
#[derive(Clone, Debug, Deserialize)]
pub struct PartRow {
    /// What was synced.
    pub noun: String,
    /// `complete`, `incomplete` or `failed`.
    pub status: String,
    /// Pages read, in all passes.
    pub pages: i32,
    /// How often its listing was gone over.
    pub passes: i16,
    /// Different items met.
    pub seen: i64,
    /// Rows that were new.
    pub created: i64,
    /// Rows that changed.
    pub changed: i64,
    /// Rows marked deleted.
    pub removed: i64,
    /// Rows that it did not meet; `None` where they were not counted.
    pub missing: Option<i64>,
    /// Rows that were live then.
    pub live: Option<i64>,
    /// The vendor's own count.
    pub total: Option<i64>,
    /// Why it proves no absence: a list of texts.
    pub defects: Value,
    /// Why it failed.
    pub error: Option<Value>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

impl PartRow {
    /// Whether the brake stopped it.
    pub fn is_braked(&self) -> bool {
        let code = self.error.as_ref().and_then(|error| error.get("code"));
        self.status == "failed"
            && self.missing.is_some()
            && code.and_then(Value::as_str) == Some("change_brake")
    }
}

/// Lets a run, which is held, begin a part.
///
/// # Errors
/// When the database fails.
pub async fn begin_part(
    connection: &mut PgConnection,
    run_id: Uuid,
    part: SyncPart,
    since: Option<DateTime<Utc>>,
) -> Result<SyncRun> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set noun = $2, since = $3, part_started_at = clock_timestamp(), cursor = null, total = null,
             pass = 1, pass_pages = 0, pass_items = 0, pass_seen = 0, shifted = false, unresolved = 0, defects = '[]',
             missing = null, live = null
         where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(part.as_str())
    .bind(since)
    .fetch_one(connection)
    .await?)
}

/// Records how a part of a run, which is held, ended, and says so in the coverage of its connection. The run counts on over
/// all of its parts; what the earlier ones do not account for is this one's.
///
/// # Errors
/// When the database fails.
pub async fn end_part(
    connection: &mut PgConnection,
    run: &SyncRun,
    part: SyncPart,
    ending: &Ending,
) -> Result<SyncRun> {
    sqlx::query(
        "insert into sync_parts (run_id, noun, seq, status, pages, passes, seen, created, changed, removed, missing, live,
             total, defects, error)
         select r.id, $2, count(p.noun) + 1, $3, r.pages - coalesce(sum(p.pages), 0), r.pass,
             r.seen - coalesce(sum(p.seen), 0), r.created - coalesce(sum(p.created), 0),
             r.changed - coalesce(sum(p.changed), 0), r.removed - coalesce(sum(p.removed), 0), r.missing, r.live, r.total,
             $4, $5
         from sync_runs r left join sync_parts p on p.run_id = r.id where r.id = $1 group by r.id",
    )
    .bind(run.id)
    .bind(part.as_str())
    .bind(ending.status)
    .bind(&ending.defects)
    .bind(&ending.error)
    .execute(&mut *connection)
    .await?;
    for statement in [
        "delete from sync_seen where run_id = $1",
        "delete from sync_pages where run_id = $1",
    ] {
        sqlx::query(statement)
            .bind(run.id)
            .execute(&mut *connection)
            .await?;
    }
    if !ending.braked {
        sqlx::query("delete from sync_missed where run_id = $1 and noun = $2")
            .bind(run.id)
            .bind(part.as_str())
            .execute(&mut *connection)
            .await?;
    }
    let observed_at = run.part_started_at.or(run.started_at);
    let as_of = observed_at.filter(|_| ending.status == "complete");
    cover(&mut *connection, run.connection_id, part, as_of).await?;
    Ok(sqlx::query_as(concat!(
        "select ",
        columns!(),
        " from sync_runs where id = $1"
    ))
    .bind(run.id)
    .fetch_one(connection)
    .await?)
}

/// Records the parts that a run, which is held, does not get to any more, for this reason.
///
/// # Errors
/// When the database fails.
pub async fn miss_parts(
    connection: &mut PgConnection,
    run: &SyncRun,
    parts: &[SyncPart],
    defects: &Value,
    error: Option<&Value>,
) -> Result<()> {
    for part in parts {
        sqlx::query(
            "insert into sync_parts (run_id, noun, seq, status, pages, passes, seen, created, changed, removed, defects, error)
             select $1, $2, count(*) + 1, 'failed', 0, 0, 0, 0, 0, 0, $3, $4 from sync_parts where run_id = $1",
        )
        .bind(run.id)
        .bind(part.as_str())
        .bind(defects)
        .bind(error)
        .execute(&mut *connection)
        .await?;
        cover(&mut *connection, run.connection_id, *part, None).await?;
    }
    Ok(())
}

/// Says from when on a part of a connection's things is known whole; `None`: this run failed to know it.
async fn cover(
    connection: &mut PgConnection,
    connection_id: Uuid,
    part: SyncPart,
    as_of: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query(
        "insert into coverage (connection_id, noun, as_of, last_run_failed) values ($1, $2, $3, $3::timestamptz is null)
         on conflict (connection_id, noun) do update set
             as_of = coalesce(excluded.as_of, coverage.as_of), last_run_failed = excluded.last_run_failed",
    )
    .bind(connection_id)
    .bind(part.as_str())
    .bind(as_of)
    .execute(connection)
    .await?;
    Ok(())
}
