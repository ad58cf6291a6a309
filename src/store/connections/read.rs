//! Reading connections.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::{ConnectionRow, SecretRow};
use crate::domain::Connections;
use crate::error::Result;
use crate::store::like_pattern;

const COLUMNS: &str = "id, name, vendor, variant, settings, credentials_kind, sync_every_seconds, checked_at,
    healthy, findings, checked_capabilities, checked_create_schema, version, credentials_version, created_at,
    updated_at";

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
