//! Identities: read from the table that a trigger on the accounts fills (`migrations/0003_identities.sql`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::like_pattern;
use crate::domain::{AccountKind, AccountStatus, Connections, Identity, IdentityAccount};
use crate::error::Result;

/// Which identities are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct IdentityFilter {
    /// With an account that is not deleted at one of these connections; `None`: at any.
    pub at: Option<Vec<Uuid>>,
    /// By e-mail, whatever the case and the blanks around it.
    pub email: Option<String>,
    /// By a part of the e-mail, whatever the case.
    pub email_contains: Option<String>,
    /// The copy of one of its accounts changed at or after.
    pub changed_after: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct IdentityRow {
    id: Uuid,
    email: String,
    first_seen_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct MemberRow {
    id: Uuid,
    identity_id: Uuid,
    connection_id: Uuid,
    vendor: String,
    status: String,
    kind: String,
    display_name: Option<String>,
    changed_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

/// Lists identities by id, from after `after` on: those with a visible account that is not deleted.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    filter: &IdentityFilter,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Identity>> {
    let mut query =
        QueryBuilder::new("select i.id, i.email, i.first_seen_at from identities i where true");
    if let Some(after) = after {
        query.push(" and i.id > ").push_bind(after);
    }
    if let Some(email) = &filter.email {
        query
            .push(" and i.email = identity_email(")
            .push_bind(email)
            .push(")");
    }
    if let Some(part) = &filter.email_contains {
        query
            .push(" and i.email like ")
            .push_bind(like_pattern(part));
    }
    let is_wide =
        filter.email.is_none() && filter.email_contains.is_none() && filter.changed_after.is_none();
    match filter.at.as_deref().or(visible.filter()) {
        // Each connection has its identities in order, and a page takes no more than itself from any of them: walking all
        // identities in search of the few of a small connection could take the whole table.
        Some(at) if is_wide => {
            query
                .push(" and i.id in (select m.identity_id from unnest(")
                .push_bind(at.to_vec())
                .push("::uuid[]) as c(id) cross join lateral (select distinct a.identity_id from accounts a where a.connection_id = c.id and a.identity_id is not null and a.status <> 'deleted'");
            behind(&mut query, after);
            query
                .push(" order by a.identity_id limit ")
                .push_bind(limit)
                .push(") m");
            if let Some(ids) = visible.filter() {
                query
                    .push(" where c.id = any(")
                    .push_bind(ids.to_vec())
                    .push(")");
            }
            query.push(")");
        }
        at => {
            query.push(" and exists (select 1 from accounts a where a.identity_id = i.id and a.status <> 'deleted'");
            behind(&mut query, after);
            for ids in [at, visible.filter()].into_iter().flatten() {
                query
                    .push(" and a.connection_id = any(")
                    .push_bind(ids.to_vec())
                    .push(")");
            }
            query.push(")");
        }
    }
    if let Some(at) = filter.changed_after {
        query
            .push(" and exists (select 1 from accounts a where a.identity_id = i.id and a.changed_at >= ")
            .push_bind(at);
        behind(&mut query, after);
        if let Some(ids) = visible.filter() {
            query
                .push(" and a.connection_id = any(")
                .push_bind(ids.to_vec())
                .push(")");
        }
        query.push(")");
    }
    query.push(" order by i.id limit ").push_bind(limit);
    let rows: Vec<IdentityRow> = query.build_query_as().fetch_all(pool).await?;
    with_accounts(pool, visible, rows).await
}

/// The place of the page, said of the accounts too: where the database walks both in one order, it must not begin at the
/// first account for the thousandth page.
fn behind(query: &mut QueryBuilder<Postgres>, after: Option<Uuid>) {
    if let Some(after) = after {
        query.push(" and a.identity_id > ").push_bind(after);
    }
}

/// One identity, if one of its accounts, deleted or not, is visible.
///
/// # Errors
/// When the database fails.
pub async fn find(pool: &PgPool, visible: &Connections, id: Uuid) -> Result<Option<Identity>> {
    let row: Option<IdentityRow> =
        sqlx::query_as("select id, email, first_seen_at from identities where id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await?;
    let mut found = with_accounts(pool, visible, row.into_iter().collect()).await?;
    Ok(found.pop().filter(|identity| !identity.accounts.is_empty()))
}

/// The identities with their visible accounts: one query for all of them.
async fn with_accounts(
    pool: &PgPool,
    visible: &Connections,
    rows: Vec<IdentityRow>,
) -> Result<Vec<Identity>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let members: Vec<MemberRow> = sqlx::query_as(
        "select id, identity_id, connection_id, vendor, status, kind, display_name, changed_at,
             greatest(changed_at, written_at) as seen_at
         from accounts where identity_id = any($1) and ($2::uuid[] is null or connection_id = any($2))
         order by identity_id, id",
    )
    .bind(&ids)
    .bind(visible.filter())
    .fetch_all(pool)
    .await?;
    let mut accounts: HashMap<Uuid, Vec<IdentityAccount>> = HashMap::with_capacity(ids.len());
    for member in members {
        let of = accounts.entry(member.identity_id).or_default();
        of.push(member.into());
    }
    let identities = rows.into_iter().map(|row| {
        let accounts = accounts.remove(&row.id).unwrap_or_default();
        let changed = accounts.iter().map(|account| account.changed_at);
        Identity {
            id: row.id,
            email: row.email,
            changed_at: changed.fold(row.first_seen_at, DateTime::max),
            accounts,
        }
    });
    Ok(identities.collect())
}

impl From<MemberRow> for IdentityAccount {
    fn from(row: MemberRow) -> Self {
        let MemberRow {
            id,
            identity_id: _,
            connection_id,
            vendor,
            status,
            kind,
            display_name,
            changed_at,
            seen_at,
        } = row;
        Self {
            id,
            connection_id,
            vendor,
            status: AccountStatus::parse(&status),
            kind: AccountKind::parse(&kind),
            display_name,
            changed_at,
            seen_at,
        }
    }
}
