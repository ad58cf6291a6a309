//! Ending a run, and what it leaves behind.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::SyncRun;
use crate::error::Result;

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// `complete`, `incomplete` or `failed`.
    pub status: &'a str,
    /// Why it proves no absence.
    pub defects: Value,
    /// Why it failed.
    pub error: Option<Value>,
    /// The brake stopped it: its list of missing rows is kept, until a newer run ends.
    pub braked: bool,
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
        "update sync_runs set status = $4, defects = $5, error = $6, cursor = null,
             finished_at = clock_timestamp(), lease_until = null
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(run.id)
    .bind(owner)
    .bind(run.epoch)
    .bind(ending.status)
    .bind(&ending.defects)
    .bind(&ending.error)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for statement in [
        "delete from sync_seen where run_id = $1",
        "delete from sync_pages where run_id = $1",
    ] {
        sqlx::query(statement)
            .bind(run.id)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "delete from sync_missed m using sync_runs r
         where r.id = m.run_id and r.connection_id = $1 and r.noun = $2 and not (m.run_id = $3 and $4)",
    )
    .bind(run.connection_id)
    .bind(&run.noun)
    .bind(run.id)
    .bind(ending.braked)
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
