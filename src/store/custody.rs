//! The tokens that connections live by: one row per connection, shared by all replicas.
//!
//! Every statement looks at the version of the connection's credentials: a replica that still has replaced ones finds
//! nothing and changes nothing.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::error::Result;
use crate::secrets::Sealed;

/// Which tokens: a connection's, that came of its credentials at this version.
#[derive(Clone, Copy, Debug)]
pub struct TokenPlace {
    /// The connection.
    pub connection_id: Uuid,
    /// How often its credentials had been replaced.
    pub credentials_version: i64,
}

/// What is kept.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// Counts what was saved; 0: nothing yet.
    pub version: i64,
    /// What was saved last.
    pub tokens: Option<SealedTokens>,
    /// Why the credentials are of no use any more.
    pub dead_reason: Option<String>,
}

/// Tokens, sealed one by one.
#[derive(Clone, Debug)]
pub struct SealedTokens {
    /// The access token.
    pub access: Sealed,
    /// When it should be renewed.
    pub due_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The refresh token.
    pub refresh: Option<Sealed>,
}

#[derive(FromRow)]
struct Columns {
    version: Option<i64>,
    access_key_id: Option<String>,
    access_wrapped_key: Option<Vec<u8>>,
    access_ciphertext: Option<Vec<u8>>,
    access_due_at: Option<DateTime<Utc>>,
    access_expires_at: Option<DateTime<Utc>>,
    refresh_key_id: Option<String>,
    refresh_wrapped_key: Option<Vec<u8>>,
    refresh_ciphertext: Option<Vec<u8>>,
    dead_reason: Option<String>,
}

impl From<Columns> for TokenRow {
    fn from(row: Columns) -> Self {
        let refresh = sealed(
            row.refresh_key_id,
            row.refresh_wrapped_key,
            row.refresh_ciphertext,
        );
        let access = sealed(
            row.access_key_id,
            row.access_wrapped_key,
            row.access_ciphertext,
        );
        let tokens = match (access, row.access_due_at, row.access_expires_at) {
            (Some(access), Some(due_at), Some(expires_at)) => Some(SealedTokens {
                access,
                due_at,
                expires_at,
                refresh,
            }),
            _ => None,
        };
        Self {
            version: row.version.unwrap_or_default(),
            tokens,
            dead_reason: row.dead_reason,
        }
    }
}

fn sealed(
    key_id: Option<String>,
    wrapped_key: Option<Vec<u8>>,
    ciphertext: Option<Vec<u8>>,
) -> Option<Sealed> {
    Some(Sealed {
        key_id: key_id?,
        wrapped_key: wrapped_key?,
        ciphertext: ciphertext?,
    })
}

/// What is kept; `None` when the credentials were replaced, or the connection is gone.
///
/// # Errors
/// When the database fails.
pub async fn load(pool: &PgPool, place: TokenPlace) -> Result<Option<TokenRow>> {
    let row: Option<Columns> = sqlx::query_as(
        "select t.version, t.access_key_id, t.access_wrapped_key, t.access_ciphertext, t.access_due_at,
             t.access_expires_at, t.refresh_key_id, t.refresh_wrapped_key, t.refresh_ciphertext, t.dead_reason
         from connections c left join connection_tokens t
             on t.connection_id = c.id and t.credentials_version = c.credentials_version
         where c.id = $1 and c.credentials_version = $2",
    )
    .bind(place.connection_id)
    .bind(place.credentials_version)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(TokenRow::from))
}

/// Takes the right to renew what was seen at `seen`; `false` when another has it or something was saved since. What is left of
/// replaced credentials goes.
///
/// # Errors
/// When the database fails.
pub async fn lease(
    pool: &PgPool,
    place: TokenPlace,
    seen: i64,
    holder: Uuid,
    seconds: f64,
) -> Result<bool> {
    let done = sqlx::query(
        "insert into connection_tokens as t (connection_id, credentials_version, lease_holder, lease_until)
         select id, credentials_version, $4, clock_timestamp() + make_interval(secs => $5)
         from connections where id = $1 and credentials_version = $2 and $3 = 0
         on conflict (connection_id) do update set
             credentials_version = excluded.credentials_version, version = 0,
             access_key_id = null, access_wrapped_key = null, access_ciphertext = null,
             access_due_at = null, access_expires_at = null,
             refresh_key_id = null, refresh_wrapped_key = null, refresh_ciphertext = null,
             dead_reason = null, lease_holder = excluded.lease_holder, lease_until = excluded.lease_until,
             updated_at = clock_timestamp()
         where t.credentials_version < excluded.credentials_version",
    )
    .bind(place.connection_id)
    .bind(place.credentials_version)
    .bind(seen)
    .bind(holder)
    .bind(seconds)
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(true);
    }
    let done = sqlx::query(
        "update connection_tokens set lease_holder = $4, lease_until = clock_timestamp() + make_interval(secs => $5)
         where connection_id = $1 and credentials_version = $2 and version = $3
             and (lease_until is null or lease_until < clock_timestamp())",
    )
    .bind(place.connection_id)
    .bind(place.credentials_version)
    .bind(seen)
    .bind(holder)
    .bind(seconds)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the right to renew back.
///
/// # Errors
/// When the database fails.
pub async fn release(pool: &PgPool, place: TokenPlace, holder: Uuid) -> Result<()> {
    sqlx::query(
        "update connection_tokens set lease_holder = null, lease_until = null
         where connection_id = $1 and lease_holder = $2",
    )
    .bind(place.connection_id)
    .bind(holder)
    .execute(pool)
    .await?;
    Ok(())
}

/// Saves tokens over what was seen at `seen`; the new version, or `None` when another saved first. The lease does not matter
/// here: whoever has new tokens has the only good ones, however late.
///
/// # Errors
/// When the database fails.
pub async fn swap(
    pool: &PgPool,
    place: TokenPlace,
    seen: i64,
    tokens: SealedTokens,
) -> Result<Option<i64>> {
    let (key_id, wrapped_key, ciphertext) = match tokens.refresh {
        Some(Sealed {
            key_id,
            wrapped_key,
            ciphertext,
        }) => (Some(key_id), Some(wrapped_key), Some(ciphertext)),
        None => (None, None, None),
    };
    Ok(sqlx::query_scalar(
        "update connection_tokens set version = version + 1,
             access_key_id = $4, access_wrapped_key = $5, access_ciphertext = $6,
             access_due_at = $7, access_expires_at = $8,
             refresh_key_id = $9, refresh_wrapped_key = $10, refresh_ciphertext = $11,
             dead_reason = null, lease_holder = null, lease_until = null, updated_at = clock_timestamp()
         where connection_id = $1 and credentials_version = $2 and version = $3
         returning version",
    )
    .bind(place.connection_id)
    .bind(place.credentials_version)
    .bind(seen)
    .bind(tokens.access.key_id)
    .bind(tokens.access.wrapped_key)
    .bind(tokens.access.ciphertext)
    .bind(tokens.due_at)
    .bind(tokens.expires_at)
    .bind(key_id)
    .bind(wrapped_key)
    .bind(ciphertext)
    .fetch_optional(pool)
    .await?)
}

/// Declares the credentials of no use, unless something was saved since `seen`; whether they are so now.
///
/// # Errors
/// When the database fails.
pub async fn bury(pool: &PgPool, place: TokenPlace, seen: i64, reason: &str) -> Result<bool> {
    let done = sqlx::query(
        "update connection_tokens set dead_reason = coalesce(dead_reason, $4), lease_holder = null, lease_until = null,
             updated_at = clock_timestamp()
         where connection_id = $1 and credentials_version = $2 and version = $3",
    )
    .bind(place.connection_id)
    .bind(place.credentials_version)
    .bind(seen)
    .bind(reason)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets what came of credentials that are being replaced.
///
/// # Errors
/// When the database fails.
pub async fn forget(connection: &mut PgConnection, connection_id: Uuid) -> Result<()> {
    sqlx::query("delete from connection_tokens where connection_id = $1")
        .bind(connection_id)
        .execute(connection)
        .await?;
    Ok(())
}
