//! Reading activity, newest first.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgPool, QueryBuilder};
use uuid::Uuid;

use crate::domain::Connections;
use crate::error::Result;
use crate::store::filter;

/// A report as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct Activity {
    /// UUIDv7.
    pub id: Uuid,
    /// The connection.
    pub connection_id: Uuid,
    /// Its vendor.
    pub vendor: String,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// What, as the vendor says it.
    pub action: String,
    /// How it ended, as the vendor says it.
    pub outcome: Option<String>,
    /// The account that did it, where it is known.
    pub account_id: Option<Uuid>,
    /// The e-mail address of who did it.
    pub actor_email: Option<String>,
    /// What the vendor calls who did it.
    pub actor_name: Option<String>,
    /// The resource that it was done at, where it is known.
    pub resource_id: Option<Uuid>,
    /// What the vendor calls what it was done to.
    pub target: Option<String>,
    /// Whether it shows that the account was used.
    pub is_use: bool,
    /// What else the vendor says.
    pub attributes: Value,
    /// The payload as it came; null where it was not asked for.
    pub raw: Value,
    /// When it was first seen here.
    pub seen_at: DateTime<Utc>,
}

/// Which reports are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By vendor.
    pub vendor: Option<String>,
    /// By the account that did it.
    pub account_id: Option<Uuid>,
    /// By the e-mail address of who did it, whatever the case.
    pub actor_email: Option<String>,
    /// By what happened.
    pub action: Option<String>,
    /// By the resource that it was done at.
    pub resource_id: Option<Uuid>,
    /// It happened at or after.
    pub happened_after: Option<DateTime<Utc>>,
    /// It happened before.
    pub happened_before: Option<DateTime<Utc>>,
}

/// A place in the list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Place {
    /// When the last one of the page before happened.
    pub happened_at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

/// Lists reports, newest first, from behind `after` on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    wanted: &ActivityFilter,
    include_raw: bool,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Activity>> {
    let wanted = wanted.clone();
    let mut query = QueryBuilder::new(
        "select id, connection_id, vendor, happened_at, action, outcome, account_id, actor_email, actor_name, resource_id,
             target, is_use, attributes, seen_at, ",
    );
    query.push(if include_raw {
        "raw from activity where true"
    } else {
        "'null'::jsonb as raw from activity where true"
    });
    filter::visible(&mut query, visible);
    filter::by(&mut query, " and connection_id = ", wanted.connection_id);
    filter::by(&mut query, " and vendor = ", wanted.vendor);
    filter::by(&mut query, " and account_id = ", wanted.account_id);
    let email = wanted.actor_email.map(|email| email.to_lowercase());
    filter::by(&mut query, " and lower(actor_email) = ", email);
    filter::by(&mut query, " and action = ", wanted.action);
    filter::by(&mut query, " and resource_id = ", wanted.resource_id);
    filter::by(&mut query, " and happened_at >= ", wanted.happened_after);
    filter::by(&mut query, " and happened_at < ", wanted.happened_before);
    if let Some(Place { happened_at, id }) = after {
        query
            .push(" and (happened_at, id) < (")
            .push_bind(happened_at)
            .push(", ")
            .push_bind(id)
            .push(")");
    }
    query
        .push(" order by happened_at desc, id desc limit ")
        .push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}
