//! What a run did not meet: counted once, judged row by row, and kept, so that a judgement that is cut short goes on.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{SyncRun, columns};
use crate::domain::Noun;
use crate::error::Result;
use crate::store::copies::{Absence, in_between, of_table};

/// Notes the rows of a noun that a run, which is held, did not meet, and how many are live; those written or first seen after
/// this part of it began are not judged by it, nor those with an operation under way. Of a row that the lifted run named, and
/// that is as it was then, that run was the first to miss it.
///
/// # Errors
/// When the database fails.
pub async fn note_missed(
    connection: &mut PgConnection,
    run_id: Uuid,
    noun: Noun,
) -> Result<SyncRun> {
    let statement = of_table!(
        noun,
        "insert into sync_missed (run_id, noun, row_id, version, written_at, missed_runs)
         select r.id, $2, t.id, t.version, t.written_at, t.missed_runs + (named.row_id is not null)::integer
         from sync_runs r join",
        concat!(
            "t on t.connection_id = r.connection_id
             left join sync_runs braked on braked.lifted_into = r.id
             left join sync_missed named on named.run_id = braked.id and named.noun = $2 and named.row_id = t.id
                 and named.version = t.version and named.written_at is not distinct from t.written_at
         where r.id = $1 and t.status <> 'deleted' and not ",
            in_between!(),
            " and t.first_seen_at < coalesce(r.part_started_at, r.started_at)
             and (t.written_at is null or t.written_at < coalesce(r.part_started_at, r.started_at))
             and not exists (select 1 from sync_seen s where s.run_id = r.id and s.external_key = t.external_key)"
        )
    );
    let missing = sqlx::query(statement)
        .bind(run_id)
        .bind(noun.as_str())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let statement = of_table!(
        noun,
        "select count(*) from",
        "t join sync_runs r on r.connection_id = t.connection_id where r.id = $1 and t.status <> 'deleted'"
    );
    let live: i64 = sqlx::query_scalar(statement)
        .bind(run_id)
        .fetch_one(&mut *connection)
        .await?;
    Ok(sqlx::query_as(concat!(
        "update sync_runs set missing = $2, live = $3 where id = $1 returning ",
        columns!()
    ))
    .bind(run_id)
    .bind(i64::try_from(missing).unwrap_or(i64::MAX))
    .bind(live)
    .fetch_one(connection)
    .await?)
}

/// How many of the rows of a noun that a run missed the lifted run did not name; `None` when no brake was lifted for it.
///
/// # Errors
/// When the database fails.
pub async fn outside_lift(pool: &PgPool, run_id: Uuid, noun: Noun) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "select (select count(*) from sync_missed m where m.run_id = $1 and m.noun = $2 and not exists (
                 select 1 from sync_missed named
                 where named.run_id = braked.id and named.noun = $2 and named.row_id = m.row_id))
         from sync_runs braked where braked.lifted_into = $1",
    )
    .bind(run_id)
    .bind(noun.as_str())
    .fetch_optional(pool)
    .await?)
}

/// How many rows of a noun that a run missed it found to be gone.
///
/// # Errors
/// When the database fails.
pub async fn found_gone(connection: &mut PgConnection, run_id: Uuid, noun: Noun) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*) from sync_missed where run_id = $1 and noun = $2 and verdict = 'gone'",
    )
    .bind(run_id)
    .bind(noun.as_str())
    .fetch_one(connection)
    .await?)
}

/// The next rows of a noun after `after` that a run missed and nobody has looked at yet.
///
/// # Errors
/// When the database fails.
pub async fn unjudged(
    pool: &PgPool,
    run_id: Uuid,
    noun: Noun,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Absence>> {
    let statement = of_table!(
        noun,
        "select t.id, t.external_key, m.version, m.written_at, m.missed_runs from sync_missed m join",
        "t on t.id = m.row_id
         where m.run_id = $1 and m.noun = $2 and m.verdict is null and ($3::uuid is null or m.row_id > $3)
         order by m.row_id limit $4"
    );
    Ok(sqlx::query_as(statement)
        .bind(run_id)
        .bind(noun.as_str())
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
