//! Lifting the brake of a run: who wants it, and which run may remove what the braked one named.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{SyncRun, columns};
use crate::error::Result;

/// Whether a run of the same connection was asked for after this one.
///
/// # Errors
/// When the database fails.
pub async fn has_newer(executor: impl PgExecutor<'_>, run: &SyncRun) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "select exists (select 1 from sync_runs
             where connection_id = $1 and requested_at > $2 and id <> $3)",
    )
    .bind(run.connection_id)
    .bind(run.requested_at)
    .bind(run.id)
    .fetch_one(executor)
    .await?)
}

/// Adds a person's word to a braked run that is locked.
///
/// # Errors
/// When the database fails.
pub async fn add_lift(
    connection: &mut PgConnection,
    run_id: Uuid,
    person: &str,
    reason: &str,
) -> Result<SyncRun> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set lifts = lifts || jsonb_build_array(jsonb_build_object(
             'person', $2::text, 'reason', $3::text, 'at', clock_timestamp()))
         where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(person)
    .bind(reason)
    .fetch_one(connection)
    .await?)
}

/// Lets a run remove what a braked one, which is locked, named.
///
/// # Errors
/// When the database fails.
pub async fn lifted_into(
    connection: &mut PgConnection,
    braked: Uuid,
    into: Uuid,
) -> Result<SyncRun> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set lifted_into = $2 where id = $1 returning ",
        columns!()
    ))
    .bind(braked)
    .bind(into)
    .fetch_one(connection)
    .await?)
}
