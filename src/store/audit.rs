//! The audit trail: written in the transaction of the change it tells of, never changed.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool, QueryBuilder};
use uuid::Uuid;

use crate::domain::{Caller, Connections};
use crate::error::{Error, Result};

/// What is to be told.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    /// Who did it.
    pub actor: Actor<'a>,
    /// `<noun>.<verb>`, e.g. `account.create`.
    pub action: &'a str,
    /// What kind of thing it was done to.
    pub noun: &'a str,
    /// Which one.
    pub noun_id: Option<Uuid>,
    /// Where.
    pub connection_id: Option<Uuid>,
    /// The operation behind it.
    pub operation_id: Option<Uuid>,
    /// `requested`, `succeeded`, `failed`, `outcome_unknown` …
    pub outcome: &'a str,
    /// More, without secrets.
    pub detail: Value,
    /// The request that led to it.
    pub request_id: &'a str,
}

/// Who did it.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The API key's id; nil for the service itself.
    pub id: Uuid,
    /// Its name.
    pub name: &'a str,
    /// The person behind it.
    pub person: Option<&'a str>,
}

impl<'a> From<&'a Caller> for Actor<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self {
            id: caller.id,
            name: &caller.name,
            person: caller.person.as_deref(),
        }
    }
}

/// One entry of the trail.
#[derive(Clone, Debug, FromRow)]
pub struct AuditEvent {
    /// UUIDv7, in order.
    pub id: Uuid,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// See [`Actor::id`].
    pub actor_id: Uuid,
    /// See [`Actor::name`].
    pub actor_name: String,
    /// See [`Actor::person`].
    pub actor_person: Option<String>,
    /// See [`AuditEntry::action`].
    pub action: String,
    /// See [`AuditEntry::noun`].
    pub noun: String,
    /// See [`AuditEntry::noun_id`].
    pub noun_id: Option<Uuid>,
    /// See [`AuditEntry::connection_id`].
    pub connection_id: Option<Uuid>,
    /// See [`AuditEntry::operation_id`].
    pub operation_id: Option<Uuid>,
    /// See [`AuditEntry::outcome`].
    pub outcome: String,
    /// See [`AuditEntry::detail`].
    pub detail: Value,
    /// See [`AuditEntry::request_id`].
    pub request_id: String,
}

/// Which entries are wanted; every field narrows.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By actor.
    pub actor_id: Option<Uuid>,
    /// By action.
    pub action: Option<String>,
    /// By kind of thing.
    pub noun: Option<String>,
    /// By thing.
    pub noun_id: Option<Uuid>,
    /// By connection.
    pub connection_id: Option<Uuid>,
    /// By operation.
    pub operation_id: Option<Uuid>,
    /// By outcome.
    pub outcome: Option<String>,
    /// At or after.
    pub after: Option<DateTime<Utc>>,
    /// Before.
    pub before: Option<DateTime<Utc>>,
}

/// Writes an entry. Its failure fails the change: no audit, no act.
///
/// # Errors
/// [`Error::unavailable`] whatever the reason.
pub async fn record(connection: &mut PgConnection, entry: AuditEntry<'_>) -> Result<()> {
    sqlx::query(
        "insert into audit_events (id, actor_id, actor_name, actor_person, action, noun, noun_id,
             connection_id, operation_id, outcome, detail, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(Uuid::now_v7())
    .bind(entry.actor.id)
    .bind(entry.actor.name)
    .bind(entry.actor.person)
    .bind(entry.action)
    .bind(entry.noun)
    .bind(entry.noun_id)
    .bind(entry.connection_id)
    .bind(entry.operation_id)
    .bind(entry.outcome)
    .bind(entry.detail)
    .bind(entry.request_id)
    .execute(connection)
    .await
    .map_err(|error| Error::unavailable(format!("audit: {error}")))?;
    Ok(())
}

/// Lists entries, newest first. Entries without a connection show only to callers that see every connection.
///
/// # Errors
/// When the database fails.
pub async fn list(
    pool: &PgPool,
    visible: &Connections,
    filter: &AuditFilter,
    before_id: Option<Uuid>,
    limit: i64,
) -> Result<Vec<AuditEvent>> {
    let mut query = QueryBuilder::new("select * from audit_events where true");
    if let Some(ids) = visible.filter() {
        query
            .push(" and connection_id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
    if let Some(id) = before_id {
        query.push(" and id < ").push_bind(id);
    }
    if let Some(id) = filter.actor_id {
        query.push(" and actor_id = ").push_bind(id);
    }
    if let Some(action) = &filter.action {
        query.push(" and action = ").push_bind(action);
    }
    if let Some(noun) = &filter.noun {
        query.push(" and noun = ").push_bind(noun);
    }
    if let Some(id) = filter.noun_id {
        query.push(" and noun_id = ").push_bind(id);
    }
    if let Some(id) = filter.connection_id {
        query.push(" and connection_id = ").push_bind(id);
    }
    if let Some(id) = filter.operation_id {
        query.push(" and operation_id = ").push_bind(id);
    }
    if let Some(outcome) = &filter.outcome {
        query.push(" and outcome = ").push_bind(outcome);
    }
    if let Some(at) = filter.after {
        query.push(" and at >= ").push_bind(at);
    }
    if let Some(at) = filter.before {
        query.push(" and at < ").push_bind(at);
    }
    query.push(" order by id desc limit ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}
