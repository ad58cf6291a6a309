//! Ending a run.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::SyncRun;
use crate::error::Result;

/// How a run or a part of it ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// `complete`, `incomplete` or `failed`.
    pub status: &'static str,
    /// Why it proves no absence: a list of texts.
    pub defects: Value,
    /// Why it failed.
    pub error: Option<Value>,
    /// The brake stopped it: its list of missing rows is kept, until a newer run ends.
    pub braked: bool,
}

/// Ends a run whose parts have ended; `false` when it is no longer ours. What earlier runs missed is forgotten.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    connection: &mut PgConnection,
    run: &SyncRun,
    owner: Uuid,
    ending: &Ending,
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
    sqlx::query(
        "delete from sync_missed m using sync_runs r
         where r.id = m.run_id and r.connection_id = $1 and m.run_id <> $2",
    )
    .bind(run.connection_id)
    .bind(run.id)
    .execute(connection)
    .await?;
    Ok(true)
}
