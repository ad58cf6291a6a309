//! The budgets of connections: blocks of calls that replicas took.

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::error::Result;

/// How many seconds of blocks are kept; what is shown of waits goes back so far.
pub const KEPT_SECONDS: i64 = 600;

/// What a replica wants.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The connection.
    pub connection_id: Uuid,
    /// The word of the urgency.
    pub urgency: &'a str,
    /// How many calls.
    pub calls: i32,
    /// How many calls of all urgencies there may be within the span.
    pub allowed: i32,
    /// How many of them each urgency is guaranteed.
    pub guaranteed: i32,
    /// The span, in seconds.
    pub span_seconds: f64,
    /// How many calls of this urgency there may be within the shorter span; `None`: any number.
    pub pace_cap: Option<i32>,
    /// The shorter span, in seconds.
    pub pace_seconds: f64,
    /// What callers waited since the last block.
    pub waits: Waits,
}

/// What callers waited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// How many got leave.
    pub calls: i32,
    /// How long they waited together, in milliseconds.
    pub total_ms: i64,
    /// How long the longest waited, in milliseconds.
    pub longest_ms: i64,
}

/// What a replica got.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Granted {
    /// So many calls; 0: none now.
    #[sqlx(rename = "granted")]
    pub calls: i32,
    /// Where there are none: how many milliseconds later there may be some.
    pub retry_ms: i64,
}

/// Takes a block of calls.
///
/// # Errors
/// When the database fails.
pub async fn take(pool: &PgPool, wanted: Wanted<'_>) -> Result<Granted> {
    Ok(sqlx::query_as(
        "select granted, retry_ms from take_quota($1, $2, $3, $4, $5, make_interval(secs => $6), $7,
             make_interval(secs => $8), $9, $10, $11, make_interval(secs => $12))",
    )
    .bind(wanted.connection_id)
    .bind(wanted.urgency)
    .bind(wanted.calls)
    .bind(wanted.allowed)
    .bind(wanted.guaranteed)
    .bind(wanted.span_seconds)
    .bind(wanted.pace_cap)
    .bind(wanted.pace_seconds)
    .bind(wanted.waits.calls)
    .bind(wanted.waits.total_ms)
    .bind(wanted.waits.longest_ms)
    .bind(KEPT_SECONDS as f64)
    .fetch_one(pool)
    .await?)
}

/// What one urgency used of late.
#[derive(Clone, Debug, FromRow)]
pub struct Use {
    /// The word of the urgency.
    pub urgency: String,
    /// Calls taken within the span.
    pub used: i64,
    /// Calls that got leave within the last [`KEPT_SECONDS`], as far as it was told.
    pub calls: i64,
    /// How long they waited together, in milliseconds.
    pub waited_ms: i64,
    /// How long the longest waited, in milliseconds.
    pub longest_wait_ms: i64,
}

/// What a connection used of late, by urgency.
///
/// # Errors
/// When the database fails.
pub async fn used(pool: &PgPool, connection_id: Uuid, span_seconds: f64) -> Result<Vec<Use>> {
    Ok(sqlx::query_as(
        "select urgency,
             coalesce(sum(calls) filter (where taken_at > clock_timestamp() - make_interval(secs => $2)), 0)::bigint as used,
             sum(waited_calls)::bigint as calls, sum(waited_ms)::bigint as waited_ms,
             max(longest_wait_ms) as longest_wait_ms
         from quota_blocks
         where connection_id = $1 and taken_at > clock_timestamp() - make_interval(secs => $3)
         group by urgency",
    )
    .bind(connection_id)
    .bind(span_seconds)
    .bind(KEPT_SECONDS as f64)
    .fetch_all(pool)
    .await?)
}
