//! What vendors answered to writes that were passed through, as long as a repetition may ask for it.

use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::error::Result;

/// An answer as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct AnswerRow {
    /// HTTP status.
    pub status: i16,
    /// `Content-Type`, where the vendor named one.
    pub content_type: Option<String>,
    /// Master key of the sealed body.
    pub key_id: String,
    /// Wrapped data key of the sealed body.
    pub wrapped_key: Vec<u8>,
    /// The sealed body.
    pub ciphertext: Vec<u8>,
}

/// Days that an answer is kept: as long as an idempotency key.
const KEPT_DAYS: i32 = 7;

/// Keeps the answer of an operation; `body` is sealed: key id, wrapped key, ciphertext.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    connection: &mut PgConnection,
    operation_id: Uuid,
    status: u16,
    content_type: Option<&str>,
    (key_id, wrapped_key, ciphertext): (String, Vec<u8>, Vec<u8>),
) -> Result<()> {
    sqlx::query(
        "insert into upstream_answers (operation_id, status, content_type, key_id, wrapped_key, ciphertext)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(operation_id)
    .bind(status.cast_signed())
    .bind(content_type)
    .bind(key_id)
    .bind(wrapped_key)
    .bind(ciphertext)
    .execute(connection)
    .await?;
    Ok(())
}

/// The kept answer of an operation.
///
/// # Errors
/// When the database fails.
pub async fn find(pool: &PgPool, operation_id: Uuid) -> Result<Option<AnswerRow>> {
    Ok(sqlx::query_as(
        "select status, content_type, key_id, wrapped_key, ciphertext from upstream_answers where operation_id = $1",
    )
    .bind(operation_id)
    .fetch_optional(pool)
    .await?)
}

/// Removes answers that are older than they are kept.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(pool: &PgPool) -> Result<u64> {
    let done = sqlx::query(
        "delete from upstream_answers where created_at < clock_timestamp() - make_interval(days => $1)",
    )
    .bind(KEPT_DAYS)
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
