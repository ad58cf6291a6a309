//! Reading grants.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::GrantRow;
use crate::domain::{Connections, Grant};
use crate::error::Result;
use crate::store::filter;

const COLUMNS: &str = "id, connection_id, vendor, account_key, entitlement_key, account_id, entitlement_id, status,
    vendor_status, managed, ambiguous, displaced_id, attributes, vendor_created_at, vendor_updated_at, source, changed_at,
    greatest(changed_at, written_at) as seen_at";

/// Which grants are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By vendor.
    pub vendor: Option<String>,
    /// By status; `deleted` ones show only when asked for.
    pub status: Option<String>,
    /// By account.
    pub account_id: Option<Uuid>,
    /// By entitlement.
    pub entitlement_id: Option<Uuid>,
    /// By whether the gateway gave them.
    pub managed: Option<bool>,
    /// Our copy changed at or after.
    pub changed_after: Option<DateTime<Utc>>,
    /// Our copy changed before.
    pub changed_before: Option<DateTime<Utc>>,
}

/// Lists grants by id, from after `after` on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    wanted: &GrantFilter,
    include_raw: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Grant>> {
    let wanted = wanted.clone();
    let mut query = select(include_raw);
    query.push(" where true");
    filter::visible(&mut query, visible);
    filter::by(&mut query, " and connection_id = ", wanted.connection_id);
    filter::by(&mut query, " and vendor = ", wanted.vendor);
    filter::status(&mut query, wanted.status.as_deref());
    filter::by(&mut query, " and account_id = ", wanted.account_id);
    filter::by(&mut query, " and entitlement_id = ", wanted.entitlement_id);
    filter::by(&mut query, " and managed = ", wanted.managed);
    filter::by(&mut query, " and changed_at >= ", wanted.changed_after);
    filter::by(&mut query, " and changed_at < ", wanted.changed_before);
    filter::page(&mut query, after, limit);
    let rows: Vec<GrantRow> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// One grant, deleted or not.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id: Uuid,
    include_raw: bool,
) -> Result<Option<Grant>> {
    let mut query = select(include_raw);
    query.push(" where id = ").push_bind(id);
    filter::visible(&mut query, visible);
    let row: Option<GrantRow> = query.build_query_as().fetch_optional(executor).await?;
    row.map(Grant::try_from).transpose()
}

/// The grant of an entitlement to an account, deleted or not, with what the vendor said of it.
///
/// # Errors
/// When the database fails.
pub async fn find_pair(
    executor: impl PgExecutor<'_>,
    account_id: Uuid,
    entitlement_id: Uuid,
) -> Result<Option<Grant>> {
    let mut query = select(true);
    query.push(" where account_id = ").push_bind(account_id);
    query
        .push(" and entitlement_id = ")
        .push_bind(entitlement_id);
    let row: Option<GrantRow> = query.build_query_as().fetch_optional(executor).await?;
    row.map(Grant::try_from).transpose()
}

/// The grants of an account that are not deleted, oldest first, with what the vendor said of them.
///
/// # Errors
/// When the database fails.
pub async fn live_of_account(
    executor: impl PgExecutor<'_>,
    account_id: Uuid,
) -> Result<Vec<Grant>> {
    let mut query = select(true);
    query.push(" where account_id = ").push_bind(account_id);
    query.push(" and status <> 'deleted' order by id");
    let rows: Vec<GrantRow> = query.build_query_as().fetch_all(executor).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// The grants of these accounts that are not deleted, oldest first, without what the vendor said of them.
///
/// # Errors
/// When the database fails.
pub async fn live_of_accounts(
    executor: impl PgExecutor<'_>,
    account_ids: &[Uuid],
) -> Result<Vec<Grant>> {
    let mut query = select(false);
    query
        .push(" where account_id = any(")
        .push_bind(account_ids.to_vec());
    query.push(") and status <> 'deleted' order by id");
    let rows: Vec<GrantRow> = query.build_query_as().fetch_all(executor).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// The grants of an entitlement that are not deleted, without what the vendor said of them.
///
/// # Errors
/// When the database fails.
pub async fn live_of_entitlement(
    executor: impl PgExecutor<'_>,
    entitlement_id: Uuid,
) -> Result<Vec<Grant>> {
    let mut query = select(false);
    query
        .push(" where entitlement_id = ")
        .push_bind(entitlement_id);
    query.push(" and status <> 'deleted'");
    let rows: Vec<GrantRow> = query.build_query_as().fetch_all(executor).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

fn select(include_raw: bool) -> QueryBuilder<sqlx::Postgres> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(if include_raw {
        ", raw from grants"
    } else {
        ", 'null'::jsonb as raw from grants"
    });
    query
}
