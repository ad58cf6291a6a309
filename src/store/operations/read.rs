//! Reading operations.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::{About, OperationRow};
use crate::domain::Connections;
use crate::error::Result;

/// Which operations are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct OperationFilter {
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By vendor.
    pub vendor: Option<String>,
    /// By kind.
    pub kind: Option<String>,
    /// By status.
    pub status: Option<String>,
    /// By account.
    pub account_id: Option<Uuid>,
    /// By grant.
    pub grant_id: Option<Uuid>,
    /// By the caller that asked.
    pub caller_id: Option<Uuid>,
    /// Recorded at or after.
    pub created_after: Option<DateTime<Utc>>,
    /// Recorded before.
    pub created_before: Option<DateTime<Utc>>,
}

/// Lists operations, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    filter: &OperationFilter,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<OperationRow>> {
    let mut query = QueryBuilder::new("select * from operations where true");
    if let Some(ids) = visible.filter() {
        query
            .push(" and connection_id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
    if let Some(before) = before {
        query.push(" and id < ").push_bind(before);
    }
    if let Some(id) = filter.connection_id {
        query.push(" and connection_id = ").push_bind(id);
    }
    if let Some(vendor) = &filter.vendor {
        query.push(" and vendor = ").push_bind(vendor);
    }
    if let Some(kind) = &filter.kind {
        query.push(" and kind = ").push_bind(kind);
    }
    if let Some(status) = &filter.status {
        query.push(" and status = ").push_bind(status);
    }
    if let Some(id) = filter.account_id {
        query.push(" and account_id = ").push_bind(id);
    }
    if let Some(id) = filter.grant_id {
        query.push(" and grant_id = ").push_bind(id);
    }
    if let Some(id) = filter.caller_id {
        query.push(" and caller_id = ").push_bind(id);
    }
    if let Some(at) = filter.created_after {
        query.push(" and created_at >= ").push_bind(at);
    }
    if let Some(at) = filter.created_before {
        query.push(" and created_at < ").push_bind(at);
    }
    query.push(" order by id desc limit ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// One operation.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id: Uuid,
) -> Result<Option<OperationRow>> {
    Ok(sqlx::query_as(
        "select * from operations where id = $1 and ($2::uuid[] is null or connection_id = any($2))",
    )
    .bind(id)
    .bind(visible.filter())
    .fetch_optional(executor)
    .await?)
}

/// How an operation stands, in a few columns: what a waiting caller polls.
#[derive(Clone, Debug, FromRow)]
pub struct OutcomeRow {
    /// See [`crate::domain::OperationStatus`].
    pub status: String,
    /// What it is about.
    #[sqlx(flatten)]
    pub about: About,
    /// Why it did not succeed.
    pub error: Option<Value>,
    /// What it tells of several things at once.
    pub result: Option<Value>,
}

/// How an operation stands now.
///
/// # Errors
/// When the database fails.
pub async fn outcome(pool: &PgPool, id: Uuid) -> Result<Option<OutcomeRow>> {
    Ok(sqlx::query_as(
        "select status, account_id, entitlement_id, grant_id, error, result from operations where id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?)
}

/// How many operations are pending or running, and how many wait for a person.
///
/// # Errors
/// When the database fails.
pub async fn open_count(pool: &PgPool) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "select count(*) filter (where status in ('pending', 'running')),
             count(*) filter (where status = 'outcome_unknown')
         from operations where status in ('pending', 'running', 'outcome_unknown')",
    )
    .fetch_one(pool)
    .await?)
}
