//! Accounts that sync runs did not meet.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::ExternalKey;
use crate::error::Result;

/// A row that a complete run did not meet.
#[derive(Clone, Debug, FromRow)]
pub struct Absence {
    /// The row.
    pub id: Uuid,
    /// Its key at the vendor.
    pub external_key: String,
    /// As it was when the run missed it.
    pub version: i64,
    /// When the last operation on it had ended by then.
    pub written_at: Option<DateTime<Utc>>,
    /// How many complete runs in a row missed it before this one.
    pub missed_runs: i16,
}

impl Absence {
    /// The key at the vendor.
    pub fn key(&self) -> ExternalKey {
        ExternalKey::from_stored(self.external_key.clone())
    }
}

/// Marks an account as gone that a sync run missed, if nothing was written since the run looked; `false` otherwise.
/// A write may leave the content, and so the version, as it was: its time is looked at as well.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_missed(connection: &mut PgConnection, absence: &Absence) -> Result<bool> {
    let done = sqlx::query(
        "update accounts set status = 'deleted', source = 'sync', version = version + 1, missed_runs = 0,
             changed_at = clock_timestamp()
         where id = $1 and status <> 'deleted' and version = $2 and written_at is not distinct from $3",
    )
    .bind(absence.id)
    .bind(absence.version)
    .bind(absence.written_at)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts this complete run for the rows that it missed and no single read can tell of. Part of the transaction that ends the
/// run: a judgement that is cut short and made anew must not count as two runs.
///
/// # Errors
/// When the database fails.
pub async fn mark_missed(connection: &mut PgConnection, run_id: Uuid) -> Result<()> {
    sqlx::query(
        "update accounts a set missed_runs = a.missed_runs + 1 from sync_missed m
         where m.run_id = $1 and m.verdict = 'perhaps' and a.id = m.row_id
             and a.version = m.version and a.written_at is not distinct from m.written_at",
    )
    .bind(run_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets earlier absences of the rows that a run met.
///
/// # Errors
/// When the database fails.
pub async fn reset_missed(connection: &mut PgConnection, run_id: Uuid) -> Result<()> {
    sqlx::query(
        "update accounts a set missed_runs = 0 from sync_runs r, sync_seen s
         where r.id = $1 and s.run_id = r.id and a.connection_id = r.connection_id
             and a.external_key = s.external_key and a.missed_runs > 0",
    )
    .bind(run_id)
    .execute(connection)
    .await?;
    Ok(())
}
