//! What an `Idempotency-Key` led to. A row is written in the transaction of the operation or the stored thing.

use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::error::Result;

/// Whose key, for which act.
#[derive(Clone, Copy, Debug)]
pub struct KeyScope<'a> {
    /// The caller.
    pub caller_id: Uuid,
    /// HTTP method.
    pub method: &'a str,
    /// Path without query.
    pub path: &'a str,
    /// The caller's key.
    pub key: &'a str,
}

/// What is known of a key.
#[derive(Clone, Debug, FromRow)]
pub struct Recorded {
    /// Keyed hash of the body.
    pub body_hmac: Vec<u8>,
    /// The operation that came of it.
    pub operation_id: Option<Uuid>,
    /// The stored thing that came of it.
    pub thing_id: Option<Uuid>,
}

/// Days that a key is kept.
const KEPT_DAYS: i32 = 7;

/// Records a key, or tells what it was recorded with. An equal key in another open transaction is waited for.
///
/// # Errors
/// When the database fails.
pub async fn record(
    connection: &mut PgConnection,
    scope: KeyScope<'_>,
    body_hmac: &[u8],
    operation_id: Option<Uuid>,
    thing_id: Option<Uuid>,
) -> Result<Option<Recorded>> {
    sqlx::query(
        "delete from idempotency_keys where caller_id = $1 and method = $2 and path = $3 and key = $4
         and created_at < clock_timestamp() - make_interval(days => $5)",
    )
    .bind(scope.caller_id)
    .bind(scope.method)
    .bind(scope.path)
    .bind(scope.key)
    .bind(KEPT_DAYS)
    .execute(&mut *connection)
    .await?;
    let inserted = sqlx::query(
        "insert into idempotency_keys (caller_id, method, path, key, body_hmac, operation_id, thing_id)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(scope.caller_id)
    .bind(scope.method)
    .bind(scope.path)
    .bind(scope.key)
    .bind(body_hmac)
    .bind(operation_id)
    .bind(thing_id)
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(None);
    }
    find(&mut *connection, scope).await
}

/// What a key was recorded with.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl sqlx::PgExecutor<'_>,
    scope: KeyScope<'_>,
) -> Result<Option<Recorded>> {
    Ok(sqlx::query_as(
        "select body_hmac, operation_id, thing_id from idempotency_keys
         where caller_id = $1 and method = $2 and path = $3 and key = $4
         and created_at >= clock_timestamp() - make_interval(days => $5)",
    )
    .bind(scope.caller_id)
    .bind(scope.method)
    .bind(scope.path)
    .bind(scope.key)
    .bind(KEPT_DAYS)
    .fetch_optional(executor)
    .await?)
}

/// Frees a key whose operation failed in a way that may be repeated; only while it still names that operation.
///
/// # Errors
/// When the database fails.
pub async fn free(pool: &PgPool, scope: KeyScope<'_>, operation_id: Uuid) -> Result<()> {
    sqlx::query(
        "delete from idempotency_keys where caller_id = $1 and method = $2 and path = $3 and key = $4
         and operation_id = $5",
    )
    .bind(scope.caller_id)
    .bind(scope.method)
    .bind(scope.path)
    .bind(scope.key)
    .bind(operation_id)
    .execute(pool)
    .await?;
    Ok(())
}

/// Removes keys that are older than they are kept.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(pool: &PgPool) -> Result<u64> {
    let done = sqlx::query(
        "delete from idempotency_keys where created_at < clock_timestamp() - make_interval(days => $1)",
    )
    .bind(KEPT_DAYS)
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
