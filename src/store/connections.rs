//! Connections, their sealed credentials and how complete our copy of them is.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::like_pattern;
use crate::domain::Connections;
use crate::error::{Error, Result};

/// A connection as it is kept, without its secrets.
#[derive(Clone, Debug, FromRow)]
pub struct ConnectionRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Unique.
    pub name: String,
    /// The vendor.
    pub vendor: String,
    /// The variant; never changes.
    pub variant: String,
    /// Matches the variant's schema.
    pub settings: Value,
    /// Which kind of credential it has.
    pub credentials_kind: String,
    /// 0: never.
    pub sync_every_seconds: i32,
    /// When it was last checked.
    pub checked_at: Option<DateTime<Utc>>,
    /// What the last check said.
    pub healthy: Option<bool>,
    /// What the last check found: `[{code, detail}]`.
    pub findings: Value,
    /// What the last check narrowed the capabilities to.
    pub checked_capabilities: Option<Vec<String>>,
    /// The connection's own schema of account attributes.
    pub checked_create_schema: Option<Value>,
    /// Counts changes by callers; the entity tag.
    pub version: i64,
    /// Counts how often the credentials were replaced.
    pub credentials_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a caller last changed it.
    pub updated_at: DateTime<Utc>,
}

/// A sealed field of the credentials.
#[derive(Clone, Debug, FromRow)]
pub struct SecretRow {
    /// The field's name.
    pub field: String,
    /// The master key that wraps the data key.
    pub key_id: String,
    /// The wrapped data key.
    pub wrapped_key: Vec<u8>,
    /// The sealed value.
    pub ciphertext: Vec<u8>,
}

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

const COLUMNS: &str = "id, name, vendor, variant, settings, credentials_kind, sync_every_seconds, checked_at,
    healthy, findings, checked_capabilities, checked_create_schema, version, credentials_version, created_at,
    updated_at";

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

/// The sealed credentials of a connection.
///
/// # Errors
/// When the database fails.
pub async fn secrets(executor: impl PgExecutor<'_>, id: Uuid) -> Result<Vec<SecretRow>> {
    Ok(sqlx::query_as(
        "select field, key_id, wrapped_key, ciphertext from connection_secrets where connection_id = $1",
    )
    .bind(id)
    .fetch_all(executor)
    .await?)
}

/// One connection, by id or by name.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id_or_name: &str,
) -> Result<Option<ConnectionRow>> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from connections where ");
    match Uuid::parse_str(id_or_name) {
        Ok(id) => query.push("id = ").push_bind(id),
        Err(_) => query.push("name = ").push_bind(id_or_name),
    };
    narrow(&mut query, visible);
    Ok(query.build_query_as().fetch_optional(executor).await?)
}

/// One connection, held against concurrent changes until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<ConnectionRow>> {
    let mut query = QueryBuilder::new("select ");
    query
        .push(COLUMNS)
        .push(" from connections where id = ")
        .push_bind(id)
        .push(" for update");
    Ok(query.build_query_as().fetch_optional(connection).await?)
}

/// Which connections are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct ConnectionFilter {
    /// By vendor.
    pub vendor: Option<String>,
    /// By variant.
    pub variant: Option<String>,
    /// By a part of the name.
    pub name_contains: Option<String>,
    /// By what the last check said.
    pub healthy: Option<bool>,
}

/// Lists connections, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    filter: &ConnectionFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ConnectionRow>> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from connections where true");
    narrow(&mut query, visible);
    if let Some(vendor) = &filter.vendor {
        query.push(" and vendor = ").push_bind(vendor);
    }
    if let Some(variant) = &filter.variant {
        query.push(" and variant = ").push_bind(variant);
    }
    if let Some(part) = &filter.name_contains {
        query.push(" and name like ").push_bind(like_pattern(part));
    }
    if let Some(healthy) = filter.healthy {
        query.push(" and healthy = ").push_bind(healthy);
    }
    if let Some(after) = after {
        query.push(" and id > ").push_bind(after);
    }
    query.push(" order by id limit ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}

fn narrow(query: &mut QueryBuilder<sqlx::Postgres>, visible: &Connections) {
    if let Some(ids) = visible.filter() {
        query
            .push(" and id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
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

/// When the schedule of a connection asks for the next sync; `None` without a schedule.
///
/// # Errors
/// When the database fails.
pub async fn sync_due_at(pool: &PgPool, id: Uuid) -> Result<Option<DateTime<Utc>>> {
    let due: Option<Option<DateTime<Utc>>> =
        sqlx::query_scalar("select sync_due_at from connections where id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await?;
    Ok(due.flatten())
}

/// How complete our copy of a noun is, per connection.
#[derive(Clone, Debug, FromRow)]
pub struct CoverageRow {
    /// The connection.
    pub connection_id: Uuid,
    /// Its variant.
    pub variant: String,
    /// What the last check narrowed its capabilities to.
    pub checked_capabilities: Option<Vec<String>>,
    /// When the last complete run began.
    pub as_of: Option<DateTime<Utc>>,
    /// Never synced, older than twice the interval, or the last run failed.
    pub stale: bool,
}

/// The coverage of every connection that a list may draw from.
///
/// # Errors
/// When the database fails.
pub async fn coverage(
    pool: &PgPool,
    visible: &Connections,
    noun: &str,
    connection_id: Option<Uuid>,
    vendor: Option<&str>,
) -> Result<Vec<CoverageRow>> {
    Ok(sqlx::query_as(
        "select c.id as connection_id, c.variant, c.checked_capabilities, v.as_of,
             (v.as_of is null or v.last_run_failed
                 or (c.sync_every_seconds > 0
                     and v.as_of < clock_timestamp() - 2 * make_interval(secs => c.sync_every_seconds))) as stale
         from connections c left join coverage v on v.connection_id = c.id and v.noun = $1
         where ($2::uuid[] is null or c.id = any($2)) and ($3::uuid is null or c.id = $3)
             and ($4::text is null or c.vendor = $4)
         order by c.id",
    )
    .bind(noun)
    .bind(visible.filter())
    .bind(connection_id)
    .bind(vendor)
    .fetch_all(pool)
    .await?)
}
