//! Rows that sync runs did not meet.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::{in_between, of_table};
use crate::domain::{ExternalKey, Noun};
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

/// Marks a thing as gone that a sync run missed, if nothing was written since the run looked; `false` otherwise.
/// A write may leave the content, and so the version, as it was: its time is looked at as well.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_missed(
    connection: &mut PgConnection,
    noun: Noun,
    absence: &Absence,
) -> Result<bool> {
    let statement = of_table!(
        noun,
        "update",
        concat!(
            "t set status = 'deleted', source = 'sync', version = version + 1, missed_runs = 0,
             changed_at = clock_timestamp()
         where id = $1 and status <> 'deleted' and version = $2 and written_at is not distinct from $3 and not ",
            in_between!()
        )
    );
    let done = sqlx::query(statement)
        .bind(absence.id)
        .bind(absence.version)
        .bind(absence.written_at)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts this complete run for the rows that it missed and no single read can tell of. Part of the transaction that ends the
/// run's part: a judgement that is cut short and made anew must not count as two runs.
///
/// # Errors
/// When the database fails.
pub async fn mark_missed(connection: &mut PgConnection, noun: Noun, run_id: Uuid) -> Result<()> {
    let statement = of_table!(
        noun,
        "update",
        "t set missed_runs = t.missed_runs + 1 from sync_missed m
         where m.run_id = $1 and m.noun = $2 and m.verdict = 'perhaps' and t.id = m.row_id
             and t.version = m.version and t.written_at is not distinct from m.written_at"
    );
    sqlx::query(statement)
        .bind(run_id)
        .bind(noun.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets earlier absences of the rows that a run met.
///
/// # Errors
/// When the database fails.
pub async fn reset_missed(connection: &mut PgConnection, noun: Noun, run_id: Uuid) -> Result<()> {
    let statement = of_table!(
        noun,
        "update",
        "t set missed_runs = 0 from sync_runs r, sync_seen s
         where r.id = $1 and s.run_id = r.id and t.connection_id = r.connection_id
             and t.external_key = s.external_key and t.missed_runs > 0"
    );
    sqlx::query(statement)
        .bind(run_id)
        .execute(connection)
        .await?;
    Ok(())
}
