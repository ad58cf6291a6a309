//! Reading entitlements.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::EntitlementRow;
use crate::domain::{Connections, Entitlement};
use crate::error::Result;
use crate::store::{filter, like_pattern};

const COLUMNS: &str = "id, connection_id, vendor, external_key, external_id, kind, name, description, resource_key,
    resource_id, assignable, requestable, exclusive_group, is_rest, min, max, requirements, status, vendor_status,
    attributes, vendor_created_at, vendor_updated_at, source, changed_at, greatest(changed_at, written_at) as seen_at";

/// Which entitlements are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct EntitlementFilter {
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By vendor.
    pub vendor: Option<String>,
    /// By status; `deleted` ones show only when asked for.
    pub status: Option<String>,
    /// By kind.
    pub kind: Option<String>,
    /// By the vendor's id.
    pub external_id: Option<String>,
    /// By the resource that they are at.
    pub resource_id: Option<Uuid>,
    /// By whether they can be granted.
    pub assignable: Option<bool>,
    /// By whether they can be asked for at the vendor.
    pub requestable: Option<bool>,
    /// By a part of the name, whatever the case.
    pub name_contains: Option<String>,
    /// Our copy changed at or after.
    pub changed_after: Option<DateTime<Utc>>,
    /// Our copy changed before.
    pub changed_before: Option<DateTime<Utc>>,
}

/// Lists entitlements by id, from after `after` on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    wanted: &EntitlementFilter,
    include_raw: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entitlement>> {
    let wanted = wanted.clone();
    let mut query = select(include_raw);
    query.push(" where true");
    filter::visible(&mut query, visible);
    filter::by(&mut query, " and connection_id = ", wanted.connection_id);
    filter::by(&mut query, " and vendor = ", wanted.vendor);
    filter::status(&mut query, wanted.status.as_deref());
    filter::by(&mut query, " and kind = ", wanted.kind);
    filter::by(&mut query, " and external_id = ", wanted.external_id);
    filter::by(&mut query, " and resource_id = ", wanted.resource_id);
    filter::by(&mut query, " and assignable = ", wanted.assignable);
    filter::by(&mut query, " and requestable = ", wanted.requestable);
    let part = wanted.name_contains.as_deref().map(like_pattern);
    filter::by(&mut query, " and lower(name) like ", part);
    filter::by(&mut query, " and changed_at >= ", wanted.changed_after);
    filter::by(&mut query, " and changed_at < ", wanted.changed_before);
    filter::page(&mut query, after, limit);
    let rows: Vec<EntitlementRow> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(Entitlement::try_from).collect()
}

/// One entitlement, deleted or not.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id: Uuid,
    include_raw: bool,
) -> Result<Option<Entitlement>> {
    let mut query = select(include_raw);
    query.push(" where id = ").push_bind(id);
    filter::visible(&mut query, visible);
    let row: Option<EntitlementRow> = query.build_query_as().fetch_optional(executor).await?;
    row.map(Entitlement::try_from).transpose()
}

/// The live entitlement of a connection that accounts fall back to in an exclusive group, with what the vendor said of it.
///
/// # Errors
/// When the database fails.
pub async fn find_rest(
    executor: impl PgExecutor<'_>,
    connection_id: Uuid,
    exclusive_group: &str,
) -> Result<Option<Entitlement>> {
    let mut query = select(true);
    query
        .push(" where connection_id = ")
        .push_bind(connection_id);
    query
        .push(" and exclusive_group = ")
        .push_bind(exclusive_group);
    query.push(" and is_rest and status <> 'deleted' order by id limit 1");
    let row: Option<EntitlementRow> = query.build_query_as().fetch_optional(executor).await?;
    row.map(Entitlement::try_from).transpose()
}

fn select(include_raw: bool) -> QueryBuilder<sqlx::Postgres> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(if include_raw {
        ", raw from entitlements"
    } else {
        ", 'null'::jsonb as raw from entitlements"
    });
    query
}
