//! Reading resources.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::ResourceRow;
use crate::domain::{Connections, Resource};
use crate::error::Result;
use crate::store::{filter, like_pattern};

const COLUMNS: &str = "id, connection_id, vendor, external_key, external_id, parent_key, parent_id, kind, name,
    description, status, vendor_status, attributes, vendor_created_at, vendor_updated_at, source, changed_at,
    greatest(changed_at, written_at) as seen_at";

/// Which resources are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct ResourceFilter {
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
    /// By the resource that they are a part of.
    pub parent_id: Option<Uuid>,
    /// By a part of the name, whatever the case.
    pub name_contains: Option<String>,
    /// Our copy changed at or after.
    pub changed_after: Option<DateTime<Utc>>,
    /// Our copy changed before.
    pub changed_before: Option<DateTime<Utc>>,
}

/// Lists resources by id, from after `after` on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    wanted: &ResourceFilter,
    include_raw: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Resource>> {
    let wanted = wanted.clone();
    let mut query = select(include_raw);
    query.push(" where true");
    filter::visible(&mut query, visible);
    filter::by(&mut query, " and connection_id = ", wanted.connection_id);
    filter::by(&mut query, " and vendor = ", wanted.vendor);
    filter::status(&mut query, wanted.status.as_deref());
    filter::by(&mut query, " and kind = ", wanted.kind);
    filter::by(&mut query, " and external_id = ", wanted.external_id);
    filter::by(&mut query, " and parent_id = ", wanted.parent_id);
    let part = wanted.name_contains.as_deref().map(like_pattern);
    filter::by(&mut query, " and lower(name) like ", part);
    filter::by(&mut query, " and changed_at >= ", wanted.changed_after);
    filter::by(&mut query, " and changed_at < ", wanted.changed_before);
    filter::page(&mut query, after, limit);
    let rows: Vec<ResourceRow> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(Resource::from).collect())
}

/// One resource, deleted or not.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id: Uuid,
    include_raw: bool,
) -> Result<Option<Resource>> {
    let mut query = select(include_raw);
    query.push(" where id = ").push_bind(id);
    filter::visible(&mut query, visible);
    let row: Option<ResourceRow> = query.build_query_as().fetch_optional(executor).await?;
    Ok(row.map(Resource::from))
}

fn select(include_raw: bool) -> QueryBuilder<sqlx::Postgres> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(if include_raw {
        ", raw from resources"
    } else {
        ", 'null'::jsonb as raw from resources"
    });
    query
}
