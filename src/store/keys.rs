//! API keys: only keyed hashes of them.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgPool, QueryBuilder};
use uuid::Uuid;

use crate::error::Result;

/// A key as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct ApiKeyRow {
    /// UUIDv7.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// The public beginning of the key.
    pub prefix: String,
    /// Keyed hash of the whole key.
    pub hash: Vec<u8>,
    /// The master key that the hash was made with.
    pub hash_key_id: String,
    /// Words of scopes.
    pub scopes: Vec<String>,
    /// `None`: every connection.
    pub connection_ids: Option<Vec<Uuid>>,
    /// The person whose key it is.
    pub person: Option<String>,
    /// Made by the sandbox, which drops it on its next start.
    pub sandbox: bool,
    /// The key that made it; nil for the command line.
    pub created_by: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; every key does.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key to be kept.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// UUIDv7.
    pub id: Uuid,
    /// See [`ApiKeyRow::name`].
    pub name: String,
    /// See [`ApiKeyRow::prefix`].
    pub prefix: String,
    /// See [`ApiKeyRow::hash`].
    pub hash: Vec<u8>,
    /// See [`ApiKeyRow::hash_key_id`].
    pub hash_key_id: String,
    /// See [`ApiKeyRow::scopes`].
    pub scopes: Vec<String>,
    /// See [`ApiKeyRow::connection_ids`].
    pub connection_ids: Option<Vec<Uuid>>,
    /// See [`ApiKeyRow::person`].
    pub person: Option<String>,
    /// See [`ApiKeyRow::sandbox`].
    pub sandbox: bool,
    /// See [`ApiKeyRow::created_by`].
    pub created_by: Uuid,
    /// Seconds until it ends, counted by the database's clock.
    pub expires_in_seconds: i64,
}

/// Keeps a key.
///
/// # Errors
/// When the database fails.
pub async fn insert(connection: &mut PgConnection, key: NewApiKey) -> Result<ApiKeyRow> {
    Ok(sqlx::query_as(
        "insert into api_keys (id, name, prefix, hash, hash_key_id, scopes, connection_ids, person, sandbox,
             created_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11))
         returning *",
    )
    .bind(key.id)
    .bind(key.name)
    .bind(key.prefix)
    .bind(key.hash)
    .bind(key.hash_key_id)
    .bind(key.scopes)
    .bind(key.connection_ids)
    .bind(key.person)
    .bind(key.sandbox)
    .bind(key.created_by)
    .bind(key.expires_in_seconds as f64)
    .fetch_one(connection)
    .await?)
}

/// The keys with this public beginning that are neither revoked nor expired.
///
/// # Errors
/// When the database fails.
pub async fn find_live_by_prefix(pool: &PgPool, prefix: &str) -> Result<Vec<ApiKeyRow>> {
    Ok(sqlx::query_as(
        "select * from api_keys where prefix = $1 and revoked_at is null and expires_at > clock_timestamp()",
    )
    .bind(prefix)
    .fetch_all(pool)
    .await?)
}

/// Notes that a key was used; at most one write a minute and key.
///
/// # Errors
/// When the database fails.
pub async fn touch(pool: &PgPool, id: Uuid) -> Result<()> {
    sqlx::query(
        "update api_keys set last_used_at = clock_timestamp()
         where id = $1 and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')",
    )
    .bind(id)
    .execute(pool)
    .await?;
    Ok(())
}

/// Lists keys, oldest first; `created_by` narrows to those that one key made, and itself.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    person: Option<&str>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ApiKeyRow>> {
    let mut query = QueryBuilder::new("select * from api_keys where true");
    if let Some(person) = person {
        query.push(" and person = ").push_bind(person);
    }
    if let Some(after) = after {
        query.push(" and id > ").push_bind(after);
    }
    query.push(" order by id limit ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// One key.
///
/// # Errors
/// When the database fails.
pub async fn find(pool: &PgPool, id: Uuid) -> Result<Option<ApiKeyRow>> {
    Ok(sqlx::query_as("select * from api_keys where id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await?)
}

/// Revokes a key; `false` when it was revoked already.
///
/// # Errors
/// When the database fails.
pub async fn revoke(connection: &mut PgConnection, id: Uuid) -> Result<bool> {
    let done = sqlx::query(
        "update api_keys set revoked_at = clock_timestamp() where id = $1 and revoked_at is null",
    )
    .bind(id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Drops the keys that the sandbox made.
///
/// # Errors
/// When the database fails.
pub async fn drop_sandbox(connection: &mut PgConnection) -> Result<()> {
    sqlx::query("delete from api_keys where sandbox")
        .execute(connection)
        .await?;
    Ok(())
}
