//! Owning an operation: claim, lease, the sent mark. Every write is a compare-and-set on (owner, epoch).

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::OperationRow;
use crate::error::Result;

/// What may be claimed: due, pending or left by its owner, and first of its serial key.
macro_rules! claimable {
    ($narrow:literal) => {
        concat!(
            "update operations set status = 'running', owner = $1, epoch = epoch + 1, attempts = attempts + 1,
                 lease_until = clock_timestamp() + make_interval(secs => $2)
             where id = (
                 select o.id from operations o
                 where ",
            $narrow,
            " o.due_at <= clock_timestamp()
                     and (o.status = 'pending' or (o.status = 'running' and o.lease_until < clock_timestamp()))
                     and not exists (
                         select 1 from operations q
                         where q.connection_id = o.connection_id and q.serial_key = o.serial_key and q.id <> o.id
                             and (q.status = 'running' or (q.status = 'pending' and q.seq < o.seq)))
                 order by o.due_at, o.seq limit 1 for update skip locked)
             returning *"
        )
    };
}

/// Claims the operation that is longest due, also one whose owner died.
///
/// # Errors
/// When the database fails.
pub async fn claim(pool: &PgPool, owner: Uuid, lease_seconds: f64) -> Result<Option<OperationRow>> {
    let claimed = sqlx::query_as(claimable!(""))
        .bind(owner)
        .bind(lease_seconds)
        .fetch_optional(pool)
        .await;
    beaten_is_none(claimed)
}

/// Claims one certain operation, if it is due and its turn.
///
/// # Errors
/// When the database fails.
pub async fn claim_one(
    pool: &PgPool,
    owner: Uuid,
    lease_seconds: f64,
    id: Uuid,
) -> Result<Option<OperationRow>> {
    let claimed = sqlx::query_as(claimable!("o.id = $3 and"))
        .bind(owner)
        .bind(lease_seconds)
        .bind(id)
        .fetch_optional(pool)
        .await;
    beaten_is_none(claimed)
}

/// Two claims of one serial key at the same moment: the partial unique index lets one of them through.
fn beaten_is_none(
    claimed: Result<Option<OperationRow>, sqlx::Error>,
) -> Result<Option<OperationRow>> {
    match claimed {
        Err(sqlx::Error::Database(error))
            if error.constraint() == Some("operations_one_running") =>
        {
            Ok(None)
        }
        other => Ok(other?),
    }
}

/// Extends the lease; `false` when the operation is another's now, or ended.
///
/// # Errors
/// When the database fails.
pub async fn extend(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    lease_seconds: f64,
) -> Result<bool> {
    let done = sqlx::query(
        "update operations set lease_until = clock_timestamp() + make_interval(secs => $4)
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'
             and lease_until > clock_timestamp()",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(lease_seconds)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands an operation over to whoever claims it next, now or after `delay_seconds`.
///
/// # Errors
/// When the database fails.
pub async fn release(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    delay_seconds: f64,
) -> Result<()> {
    sqlx::query(
        "update operations set lease_until = clock_timestamp(), attempts = attempts - 1,
             due_at = clock_timestamp() + make_interval(secs => $4)
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(delay_seconds)
    .execute(pool)
    .await?;
    Ok(())
}

/// Marks an operation as sent, right before the first byte of its mutating request leaves. `None` when it is not ours to
/// send: then nothing may leave.
///
/// # Errors
/// When the database fails.
pub async fn mark_sent(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    before: &Value,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar(
        "update operations set sent_at = clock_timestamp(), sends = sends + 1, absent_at = null,
             before = coalesce(before, $4)
         where id = $1 and owner = $2 and epoch = $3 and status = 'running' and lease_until > clock_timestamp()
         returning sent_at",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(before)
    .fetch_optional(pool)
    .await?)
}

/// Notes a reading that saw no effect, late enough after the sending to count; returns when the first such was.
/// `None` when the operation is no longer ours.
///
/// # Errors
/// When the database fails.
pub async fn mark_absent(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar(
        "update operations set absent_at = coalesce(absent_at, clock_timestamp())
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'
         returning absent_at",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .fetch_optional(pool)
    .await?)
}
