//! Writing connections.

use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::SecretRow;
use crate::error::{Error, Result};

/// A connection to be kept.
#[derive(Clone, Debug)]
pub struct NewConnectionRow {
    /// UUIDv7.
    pub id: Uuid,
    /// See [`ConnectionRow::name`].
    pub name: String,
    /// See [`ConnectionRow::vendor`].
    pub vendor: String,
    /// See [`ConnectionRow::variant`].
    pub variant: String,
    /// See [`ConnectionRow::settings`].
    pub settings: Value,
    /// See [`ConnectionRow::credentials_kind`].
    pub credentials_kind: String,
    /// See [`ConnectionRow::sync_every_seconds`].
    pub sync_every_seconds: i32,
    /// Made by the sandbox, which drops it on its next start.
    pub sandbox: bool,
}

/// The first scheduled sync comes soon, but not at once: within a tenth of the interval (`$interval`) and a minute, so that a
/// fleet of connections made together does not sync together.
macro_rules! first_sync {
    ($interval:literal) => {
        concat!(
            "clock_timestamp() + make_interval(secs => least(",
            $interval,
            " * 0.1, 60) * random())"
        )
    };
}

/// Keeps a connection; its first scheduled sync is due soon.
///
/// # Errors
/// A conflict when the name is taken.
pub async fn insert(connection: &mut PgConnection, new: NewConnectionRow) -> Result<()> {
    sqlx::query(concat!(
        "insert into connections (id, name, vendor, variant, settings, credentials_kind, sync_every_seconds,
             sandbox, sync_due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, case when $7 > 0 then ",
        first_sync!("$7"),
        " end)"
    ))
    .bind(new.id)
    .bind(new.name)
    .bind(new.vendor)
    .bind(new.variant)
    .bind(new.settings)
    .bind(new.credentials_kind)
    .bind(new.sync_every_seconds)
    .bind(new.sandbox)
    .execute(connection)
    .await?;
    Ok(())
}

/// Replaces the sealed credentials of a connection.
///
/// # Errors
/// When the database fails.
pub async fn replace_secrets(
    connection: &mut PgConnection,
    id: Uuid,
    secrets: Vec<SecretRow>,
) -> Result<()> {
    sqlx::query("delete from connection_secrets where connection_id = $1")
        .bind(id)
        .execute(&mut *connection)
        .await?;
    for secret in secrets {
        sqlx::query(
            "insert into connection_secrets (connection_id, field, key_id, wrapped_key, ciphertext)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(secret.field)
        .bind(secret.key_id)
        .bind(secret.wrapped_key)
        .bind(secret.ciphertext)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// What of a connection changes.
#[derive(Clone, Debug)]
pub struct ConnectionUpdate {
    /// New name.
    pub name: String,
    /// New settings.
    pub settings: Value,
    /// New kind of credential.
    pub credentials_kind: String,
    /// New interval.
    pub sync_every_seconds: i32,
    /// Settings or credentials changed: what was checked holds no longer.
    pub forget_check: bool,
    /// The credentials are replaced: what came of the earlier ones holds no longer.
    pub new_credentials: bool,
}

/// Writes a change if the connection is still at `version`; `false` when it is not.
///
/// # Errors
/// A conflict when the name is taken.
pub async fn update(
    connection: &mut PgConnection,
    id: Uuid,
    version: i64,
    change: ConnectionUpdate,
) -> Result<bool> {
    let done = sqlx::query(concat!(
        "update connections set name = $3, settings = $4, credentials_kind = $5,
             sync_due_at = case when $6 = 0 then null
                 when sync_every_seconds = $6 then sync_due_at
                 else ",
        first_sync!("$6"),
        " end,
             sync_every_seconds = $6,
             checked_at = case when $7 then null else checked_at end,
             healthy = case when $7 then null else healthy end,
             findings = case when $7 then '[]' else findings end,
             checked_capabilities = case when $7 then null else checked_capabilities end,
             checked_create_schema = case when $7 then null else checked_create_schema end,
             credentials_version = credentials_version + case when $8 then 1 else 0 end,
             version = version + 1, updated_at = now()
         where id = $1 and version = $2"
    ))
    .bind(id)
    .bind(version)
    .bind(change.name)
    .bind(change.settings)
    .bind(change.credentials_kind)
    .bind(change.sync_every_seconds)
    .bind(change.forget_check)
    .bind(change.new_credentials)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct CheckedRow {
    /// Whether the connection can be used.
    pub healthy: bool,
    /// `[{code, detail}]`.
    pub findings: Value,
    /// See [`ConnectionRow::checked_capabilities`]; `None` keeps what was known.
    pub capabilities: Option<Vec<String>>,
    /// See [`ConnectionRow::checked_create_schema`]; `None` keeps what was known.
    pub create_schema: Option<Value>,
}

/// Keeps what a check found, unless the connection changed since it was read.
///
/// # Errors
/// When the database fails.
pub async fn record_check(pool: &PgPool, id: Uuid, version: i64, check: CheckedRow) -> Result<()> {
    sqlx::query(
        "update connections set checked_at = clock_timestamp(), healthy = $3, findings = $4,
             checked_capabilities = coalesce($5, checked_capabilities),
             checked_create_schema = coalesce($6, checked_create_schema)
         where id = $1 and version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(check.healthy)
    .bind(check.findings)
    .bind(check.capabilities)
    .bind(check.create_schema)
    .execute(pool)
    .await?;
    Ok(())
}

/// How many operations of a connection run right now.
///
/// # Errors
/// When the database fails.
pub async fn running_operations(connection: &mut PgConnection, id: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*) from operations where connection_id = $1 and status = 'running'",
    )
    .bind(id)
    .fetch_one(connection)
    .await?)
}

/// Removes a connection with its rows. Operations and audit events stay.
///
/// # Errors
/// A conflict while operations of it are unfinished.
pub async fn delete(connection: &mut PgConnection, id: Uuid) -> Result<()> {
    let open: i64 = sqlx::query_scalar(
        "select count(*) from operations where connection_id = $1
         and status in ('pending', 'running', 'outcome_unknown')",
    )
    .bind(id)
    .fetch_one(&mut *connection)
    .await?;
    if open > 0 {
        return Err(Error::new(
            crate::error::Code::Conflict,
            format!(
                "{open} operations of this connection are unfinished. Wait for them, or resolve those whose outcome is unknown, then delete it."
            ),
        ));
    }
    sqlx::query("delete from connections where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Drops the connections that the sandbox made, with all that hangs on them, operations included.
///
/// # Errors
/// When the database fails.
pub async fn drop_sandbox(connection: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "delete from operations where connection_id in (select id from connections where sandbox)",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from connections where sandbox")
        .execute(connection)
        .await?;
    Ok(())
}
