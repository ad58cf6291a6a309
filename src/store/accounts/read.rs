//! Reading accounts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool, QueryBuilder};
use uuid::Uuid;

use super::AccountRow;
use crate::domain::{Account, Connections};
use crate::error::Result;
use crate::store::copies::text;
use crate::store::{filter, like_pattern};

const COLUMNS: &str = "id, connection_id, vendor, external_key, external_id, login, email, display_name, given_name,
    family_name, kind, status, vendor_status, resource_key, resource_id, attributes, last_activity_at, vendor_created_at,
    vendor_updated_at, source, version, changed_at, greatest(changed_at, written_at) as seen_at";

/// Which accounts are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By vendor.
    pub vendor: Option<String>,
    /// By status; `deleted` ones show only when asked for.
    pub status: Option<String>,
    /// By kind.
    pub kind: Option<String>,
    /// By e-mail, whatever the case.
    pub email: Option<String>,
    /// By login.
    pub login: Option<String>,
    /// By the vendor's id.
    pub external_id: Option<String>,
    /// By resource.
    pub resource_id: Option<Uuid>,
    /// By a part of the e-mail, whatever the case.
    pub email_contains: Option<String>,
    /// By a part of the login, whatever the case.
    pub login_contains: Option<String>,
    /// By a part of the display name, whatever the case.
    pub display_name_contains: Option<String>,
    /// Our copy changed at or after.
    pub changed_after: Option<DateTime<Utc>>,
    /// Our copy changed before.
    pub changed_before: Option<DateTime<Utc>>,
}

/// Lists accounts by id, from after `after` on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    filter: &AccountFilter,
    include_raw: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Account>> {
    let mut query = select(include_raw);
    query.push(" where true");
    if let Some(ids) = visible.filter() {
        query
            .push(" and connection_id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
    if let Some(after) = after {
        query.push(" and id > ").push_bind(after);
    }
    if let Some(id) = filter.connection_id {
        query.push(" and connection_id = ").push_bind(id);
    }
    if let Some(vendor) = &filter.vendor {
        query.push(" and vendor = ").push_bind(vendor);
    }
    match &filter.status {
        Some(status) => query.push(" and status = ").push_bind(status),
        None => query.push(" and status <> 'deleted'"),
    };
    if let Some(kind) = &filter.kind {
        query.push(" and kind = ").push_bind(kind);
    }
    if let Some(email) = &filter.email {
        query
            .push(" and lower(email) = ")
            .push_bind(email.to_lowercase());
    }
    if let Some(login) = &filter.login {
        query.push(" and login = ").push_bind(login);
    }
    if let Some(id) = &filter.external_id {
        query.push(" and external_id = ").push_bind(id);
    }
    if let Some(id) = filter.resource_id {
        query.push(" and resource_id = ").push_bind(id);
    }
    for (column, part) in [
        (" and lower(email) like ", &filter.email_contains),
        (" and lower(login) like ", &filter.login_contains),
        (
            " and lower(display_name) like ",
            &filter.display_name_contains,
        ),
    ] {
        if let Some(part) = part {
            query.push(column).push_bind(like_pattern(part));
        }
    }
    if let Some(at) = filter.changed_after {
        query.push(" and changed_at >= ").push_bind(at);
    }
    if let Some(at) = filter.changed_before {
        query.push(" and changed_at < ").push_bind(at);
    }
    query.push(" order by id limit ").push_bind(limit);
    let rows: Vec<AccountRow> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// One account, deleted or not.
///
/// # Errors
/// When the database fails.
pub async fn find(
    executor: impl PgExecutor<'_>,
    visible: &Connections,
    id: Uuid,
    include_raw: bool,
) -> Result<Option<Account>> {
    let mut query = select(include_raw);
    query.push(" where id = ").push_bind(id);
    if let Some(ids) = visible.filter() {
        query
            .push(" and connection_id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
    let row: Option<AccountRow> = query.build_query_as().fetch_optional(executor).await?;
    Ok(row.map(Account::from))
}

/// These accounts, deleted or not, in no order; those that are not there, or may not be seen, are left out.
///
/// # Errors
/// When the database fails.
pub async fn find_all(
    pool: &PgPool,
    visible: &Connections,
    ids: &[Uuid],
    include_raw: bool,
) -> Result<Vec<Account>> {
    let mut query = select(include_raw);
    query
        .push(" where id = any(")
        .push_bind(ids.to_vec())
        .push(")");
    filter::visible(&mut query, visible);
    let rows: Vec<AccountRow> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// The live accounts of a connection with one of these e-mail addresses, by the address in lower case. Of several with the same
/// address none is told, for nobody knows which is meant.
///
/// # Errors
/// When the database fails.
pub async fn ids_of_emails(
    executor: impl PgExecutor<'_>,
    connection_id: Uuid,
    emails: &[String],
) -> Result<HashMap<String, Uuid>> {
    if emails.is_empty() {
        return Ok(HashMap::new());
    }
    let emails: Vec<String> = emails
        .iter()
        .map(|email| text(&email.to_lowercase()))
        .collect();
    let rows: Vec<(String, Uuid)> = sqlx::query_as(
        "select lower(email), (array_agg(id))[1] from accounts
         where connection_id = $1 and status <> 'deleted' and lower(email) = any($2)
         group by lower(email) having count(*) = 1",
    )
    .bind(connection_id)
    .bind(emails)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().collect())
}

fn select(include_raw: bool) -> QueryBuilder<sqlx::Postgres> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(if include_raw {
        ", raw from accounts"
    } else {
        ", 'null'::jsonb as raw from accounts"
    });
    query
}
