//! What a run did not meet: counted once, judged row by row, and kept, so that a judgement that is cut short goes on.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{SyncRun, columns};
use crate::error::Result;
use crate::store::copies::Absence;

/// Notes the rows that a run, which is held, did not meet, and how many are live; those written or first seen after it began
/// are not judged by it. Of a row that the lifted run named, and that is as it was then, that run was the first to miss it.
///
/// # Errors
/// When the database fails.
pub async fn note_missed(connection: &mut PgConnection, run_id: Uuid) -> Result<SyncRun> {
    let missing = sqlx::query(
        "insert into sync_missed (run_id, row_id, version, written_at, missed_runs)
         select r.id, a.id, a.version, a.written_at, a.missed_runs + (named.row_id is not null)::integer
         from sync_runs r
             join accounts a on a.connection_id = r.connection_id
             left join sync_runs braked on braked.lifted_into = r.id
             left join sync_missed named on named.run_id = braked.id and named.row_id = a.id
                 and named.version = a.version and named.written_at is not distinct from a.written_at
         where r.id = $1 and a.status <> 'deleted'
             and a.first_seen_at < r.started_at
             and (a.written_at is null or a.written_at < r.started_at)
             and not exists (select 1 from sync_seen s where s.run_id = r.id and s.external_key = a.external_key)",
    )
    .bind(run_id)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    Ok(sqlx::query_as(concat!(
        "update sync_runs set missing = $2, live = (
             select count(*) from accounts a
             where a.connection_id = sync_runs.connection_id and a.status <> 'deleted')
         where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(i64::try_from(missing).unwrap_or(i64::MAX))
    .fetch_one(connection)
    .await?)
}

/// How many of the rows that a run missed the lifted run did not name; `None` when no brake was lifted for it.
///
/// # Errors
/// When the database fails.
pub async fn outside_lift(pool: &PgPool, run_id: Uuid) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "select (select count(*) from sync_missed m where m.run_id = $1 and not exists (
                 select 1 from sync_missed named where named.run_id = braked.id and named.row_id = m.row_id))
         from sync_runs braked where braked.lifted_into = $1",
    )
    .bind(run_id)
    .fetch_optional(pool)
    .await?)
}

/// The next rows after `after` that a run missed and nobody has looked at yet.
///
/// # Errors
/// When the database fails.
pub async fn unjudged(
    pool: &PgPool,
    run_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Absence>> {
    Ok(sqlx::query_as(
        "select a.id, a.external_key, m.version, m.written_at, m.missed_runs
         from sync_missed m join accounts a on a.id = m.row_id
         where m.run_id = $1 and m.verdict is null and ($2::uuid is null or m.row_id > $2)
         order by m.row_id limit $3",
    )
    .bind(run_id)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await?)
}

/// What is made of a row that a run missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is gone.
    Gone,
    /// It is there.
    There,
    /// The next complete run decides.
    Perhaps,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::There => "there",
            Self::Perhaps => "perhaps",
        }
    }
}

/// Keeps what was made of some rows, and how many of them were marked deleted for it, on a run that is held.
///
/// # Errors
/// When the database fails.
pub async fn judged(
    connection: &mut PgConnection,
    run_id: Uuid,
    verdicts: &[(Uuid, Verdict)],
    removed: i64,
) -> Result<SyncRun> {
    let (rows, words): (Vec<Uuid>, Vec<&str>) = verdicts
        .iter()
        .map(|(row, verdict)| (*row, verdict.as_str()))
        .unzip();
    sqlx::query(
        "update sync_missed m set verdict = v.verdict from unnest($2::uuid[], $3::text[]) as v (row_id, verdict)
         where m.run_id = $1 and m.row_id = v.row_id",
    )
    .bind(run_id)
    .bind(rows)
    .bind(words)
    .execute(&mut *connection)
    .await?;
    Ok(sqlx::query_as(concat!(
        "update sync_runs set removed = removed + $2 where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(removed)
    .fetch_one(connection)
    .await?)
}
