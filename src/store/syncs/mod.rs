//! Sync runs: claimed with an epoch like operations, resumed at their cursor.
//!
//! `claim` asks for runs and owns them, `page` keeps what was read (`records`), `missed` what was not met, `part` goes from
//! one part of a run to the next, `brake` keeps who lifts it, `end` ends it.

mod brake;
mod claim;
mod end;
mod missed;
mod page;
mod part;
mod records;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::error::Result;

pub use brake::{add_lift, has_newer, lifted_into};
pub use claim::{any_open, claim, extend, hold, release, request, request_due, request_or_join};
pub use end::{Ending, finish};
pub use missed::{Verdict, found_gone, judged, note_missed, outside_lift, unjudged};
pub use page::{Page, Unwritten, advance, next_pass, park, unwritten, write};
pub use part::{PartRow, begin_part, end_part, miss_parts};
pub use records::Records;

/// A run as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct SyncRun {
    /// UUIDv7.
    pub id: Uuid,
    /// The connection.
    pub connection_id: Uuid,
    /// The part at hand; of one that ended the last.
    pub noun: String,
    /// `demand` or `schedule`.
    pub cause: String,
    /// `pending`, `running`, or the worst of its parts: `complete`, `incomplete` (defects: it proved no absence) or `failed`.
    pub status: String,
    /// Counts claims; the fence.
    pub epoch: i64,
    /// How often it was claimed.
    pub attempts: i32,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// The person who asked for it, by e-mail.
    pub requested_by: Option<String>,
    /// When its first page was asked for.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Where the listing goes on.
    pub cursor: Option<String>,
    /// The vendor's own count, in the part at hand.
    pub total: Option<i64>,
    /// Pages read, in all passes of all parts.
    pub pages: i32,
    /// Different items met.
    pub seen: i64,
    /// Rows that were new.
    pub created: i64,
    /// Rows that changed.
    pub changed: i64,
    /// Rows marked deleted.
    pub removed: i64,
    /// Which time the listing of the part at hand is gone over, from 1.
    pub pass: i16,
    /// Pages read in this pass.
    pub pass_pages: i32,
    /// Items on them.
    pub pass_items: i64,
    /// Different items met in this pass.
    pub pass_seen: i64,
    /// Whether the listing shifted during this pass.
    pub shifted: bool,
    /// Why this pass proves no absence: a list of texts. Of a run that ended: those of the first part that was not complete.
    pub defects: Value,
    /// Why the first part failed that did.
    pub error: Option<Value>,
    /// How many pages the last complete runs let expect.
    pub expected_pages: Option<i32>,
    /// How many seconds.
    pub expected_seconds: Option<f64>,
    /// Rows that the part at hand did not meet; `None` until they were counted.
    pub missing: Option<i64>,
    /// Rows that were live then.
    pub live: Option<i64>,
    /// Who wants its brake lifted, in order.
    pub lifts: Json<Vec<Lift>>,
    /// The run that may remove what this one named.
    pub lifted_into: Option<Uuid>,
    /// When the part at hand began; `None` before the first.
    pub part_started_at: Option<DateTime<Utc>>,
    /// From when on the part at hand asks for what happened.
    pub since: Option<DateTime<Utc>>,
    /// Items of this pass that name others of which there is no row.
    pub unresolved: i64,
    /// The parts that ended, in order.
    pub parts: Json<Vec<PartRow>>,
    /// The database's time when the row was read.
    pub observed_at: DateTime<Utc>,
}

/// A person's word that a brake shall be lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// By e-mail, in lower case.
    pub person: String,
    /// Why.
    pub reason: String,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
}

impl SyncRun {
    /// The parts of a run that ended which the brake stopped.
    pub fn braked_parts(&self) -> impl Iterator<Item = &PartRow> {
        let ended = self.finished_at.is_some();
        self.parts
            .iter()
            .filter(move |part| ended && part.is_braked())
    }

    /// Whether the brake stopped a part of it.
    pub fn is_braked(&self) -> bool {
        self.braked_parts().next().is_some()
    }
}

/// The columns of [`SyncRun`].
macro_rules! columns {
    () => {
        "id, connection_id, noun, cause, status, epoch, attempts, requested_at, requested_by, started_at, finished_at,
             cursor, total, pages, seen, created, changed, removed, pass, pass_pages, pass_items, pass_seen, shifted,
             defects, error, expected_pages, expected_seconds, missing, live, lifts, lifted_into, part_started_at, since,
             unresolved,
             (select coalesce(jsonb_agg(to_jsonb(p) order by p.seq), '[]') from sync_parts p
              where p.run_id = sync_runs.id) as parts,
             clock_timestamp() as observed_at"
    };
}

/// What the last complete runs of a connection (`$connection`) took on average; nulls without any.
macro_rules! last_runs {
    ($connection:literal) => {
        concat!(
            "select round(avg(pages))::integer as pages, avg(seconds)::double precision as seconds from (
                 select pages, extract(epoch from finished_at - started_at) as seconds from sync_runs
                 where connection_id = ",
            $connection,
            " and status = 'complete' order by requested_at desc, id desc limit 5) as last"
        )
    };
}

use {columns, last_runs};

/// What a full run takes, as the last complete ones let expect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Pages.
    pub pages: i32,
    /// Seconds from the first page to the end.
    pub seconds: f64,
}

/// What a full run of a connection takes; `None` before there was a complete one.
///
/// # Errors
/// When the database fails.
pub async fn forecast(pool: &PgPool, connection_id: Uuid) -> Result<Option<Forecast>> {
    let (pages, seconds): (Option<i32>, Option<f64>) = sqlx::query_as(last_runs!("$1"))
        .bind(connection_id)
        .fetch_one(pool)
        .await?;
    Ok(pages
        .zip(seconds)
        .map(|(pages, seconds)| Forecast { pages, seconds }))
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
    Ok(sqlx::query_as(concat!(
        "select ",
        columns!(),
        " from sync_runs where connection_id = $1
             and ($2::uuid is null
                 or (requested_at, id) < (select requested_at, id from sync_runs where id = $2))
         order by requested_at desc, id desc limit $3"
    ))
    .bind(connection_id)
    .bind(before)
    .bind(limit)
    .fetch_all(pool)
    .await?)
}

/// One run of a connection.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    connection_id: Uuid,
    id: Uuid,
) -> Result<Option<SyncRun>> {
    Ok(sqlx::query_as(concat!(
        "select ",
        columns!(),
        " from sync_runs where connection_id = $1 and id = $2"
    ))
    .bind(connection_id)
    .bind(id)
    .fetch_optional(executor)
    .await?)
}

/// One run, held against concurrent changes until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<SyncRun>> {
    Ok(sqlx::query_as(concat!(
        "select ",
        columns!(),
        " from sync_runs where id = $1 for update"
    ))
    .bind(id)
    .fetch_optional(connection)
    .await?)
}
