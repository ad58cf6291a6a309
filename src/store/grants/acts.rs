//! What acts do to grants in our tables: where a grant stands while one is under way, and where it stands after it.

use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use super::{set_status, upsert_written};
use crate::domain::{GrantRecord, GrantStatus, Noun, OperationKind};
use crate::error::Result;
use crate::store::copies;

/// Another live grant of the same account in the same exclusive group.
#[derive(Clone, Debug, FromRow)]
pub struct Rival {
    /// Its row.
    pub id: Uuid,
    /// What is held.
    pub entitlement_id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether the account falls back to it when nothing else is held.
    pub is_rest: bool,
    /// Where it stands.
    pub status: String,
}

/// The live grants of an account in an exclusive group besides that of this entitlement, those that it falls back to first.
/// Ambiguous ones are no proof that anything is held.
///
/// # Errors
/// When the database fails.
pub async fn rivals(
    executor: impl PgExecutor<'_>,
    account_id: Uuid,
    entitlement_id: Uuid,
    exclusive_group: &str,
) -> Result<Vec<Rival>> {
    Ok(sqlx::query_as(
        "select g.id, g.entitlement_id, e.name, e.is_rest, g.status
         from grants g join entitlements e on e.id = g.entitlement_id
         where g.account_id = $1 and g.entitlement_id <> $2 and e.exclusive_group = $3
             and g.status <> 'deleted' and not g.ambiguous
         order by e.is_rest desc, g.id",
    )
    .bind(account_id)
    .bind(entitlement_id)
    .bind(exclusive_group)
    .fetch_all(executor)
    .await?)
}

/// Shows a grant as being given; one that is live stays as it is. Returns its id.
///
/// # Errors
/// When the database fails, or there is no row of the account or the entitlement.
pub async fn begin_granting(
    connection: &mut PgConnection,
    connection_id: Uuid,
    vendor: &str,
    record: &GrantRecord,
) -> Result<Uuid> {
    let there: Option<(Uuid, String)> = sqlx::query_as(
        "select id, status from grants where connection_id = $1 and external_key = $2 for update",
    )
    .bind(connection_id)
    .bind(record.external_key().as_str())
    .fetch_optional(&mut *connection)
    .await?;
    match there {
        Some((id, status)) if status != GrantStatus::Deleted.as_str() => Ok(id),
        _ => {
            let granting = GrantRecord {
                status: GrantStatus::Granting,
                ..record.clone()
            };
            upsert_written(connection, connection_id, vendor, &granting, "write").await
        }
    }
}

/// Notes what a grant that is being given will take the place of.
///
/// # Errors
/// When the database fails.
pub async fn note_displaced(
    connection: &mut PgConnection,
    id: Uuid,
    displaced_id: Option<Uuid>,
) -> Result<()> {
    sqlx::query("update grants set displaced_id = $2 where id = $1 and status = 'granting'")
        .bind(id)
        .bind(displaced_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Shows a grant as being taken away; one that is deleted stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn begin_revoking(connection: &mut PgConnection, id: Uuid) -> Result<()> {
    let status = lock(&mut *connection, id).await?;
    if status.is_some_and(|status| status != GrantStatus::Deleted) {
        set_status(connection, id, GrantStatus::Revoking).await?;
    }
    Ok(())
}

/// Where a grant stands once an operation has proven whether it is held: there, unless the next operation on it waits already.
///
/// # Errors
/// When the database fails.
pub async fn settle(
    connection: &mut PgConnection,
    id: Uuid,
    operation_id: Uuid,
    is_held: bool,
) -> Result<()> {
    lock(&mut *connection, id).await?;
    let next: Option<String> = sqlx::query_scalar(
        "select kind from operations
         where grant_id = $1 and id <> $2 and status in ('pending', 'running') order by seq desc limit 1",
    )
    .bind(id)
    .bind(operation_id)
    .fetch_optional(&mut *connection)
    .await?;
    match (is_held, next.as_deref().and_then(OperationKind::parse)) {
        (true, Some(OperationKind::DeleteGrant)) => {
            set_status(connection, id, GrantStatus::Revoking).await
        }
        // As the vendor said it: mostly active, but some vendors take their time.
        (true, _) => Ok(()),
        (false, Some(OperationKind::CreateGrant)) => {
            set_status(connection, id, GrantStatus::Granting).await
        }
        (false, _) => copies::tombstone(connection, Noun::Grants, id, "write").await,
    }
}

/// Where a grant stands once an operation on it was not done: where it stood before, unless an equal one is still open or
/// nobody knows what became of it.
///
/// # Errors
/// When the database fails.
pub async fn step_back(
    connection: &mut PgConnection,
    id: Uuid,
    operation_id: Uuid,
    kind: OperationKind,
) -> Result<()> {
    let status = lock(&mut *connection, id).await?;
    let is_open: bool = sqlx::query_scalar(
        "select exists (select 1 from operations where grant_id = $1 and id <> $2 and kind = $3
             and status in ('pending', 'running', 'outcome_unknown'))",
    )
    .bind(id)
    .bind(operation_id)
    .bind(kind.as_str())
    .fetch_one(&mut *connection)
    .await?;
    match (status, kind) {
        _ if is_open => Ok(()),
        (Some(GrantStatus::Granting), OperationKind::CreateGrant) => {
            copies::tombstone(connection, Noun::Grants, id, "write").await
        }
        (Some(GrantStatus::Revoking), OperationKind::DeleteGrant) => {
            set_status(connection, id, GrantStatus::Active).await
        }
        _ => Ok(()),
    }
}

/// Marks every grant of an account as gone: the account is.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_of_account(
    connection: &mut PgConnection,
    account_id: Uuid,
    source: &str,
) -> Result<()> {
    sqlx::query(
        "update grants set status = 'deleted', source = $2, version = version + 1, missed_runs = 0,
             changed_at = clock_timestamp(), written_at = clock_timestamp()
         where account_id = $1 and status <> 'deleted'",
    )
    .bind(account_id)
    .bind(source)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks every grant of an entitlement as gone: the entitlement is.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_of_entitlement(
    connection: &mut PgConnection,
    entitlement_id: Uuid,
    source: &str,
) -> Result<()> {
    sqlx::query(
        "update grants set status = 'deleted', source = $2, version = version + 1, missed_runs = 0,
             changed_at = clock_timestamp(), written_at = clock_timestamp()
         where entitlement_id = $1 and status <> 'deleted'",
    )
    .bind(entitlement_id)
    .bind(source)
    .execute(connection)
    .await?;
    Ok(())
}

/// Where a grant stands; nobody moves it until the transaction ends.
async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<GrantStatus>> {
    let status: Option<String> =
        sqlx::query_scalar("select status from grants where id = $1 for update")
            .bind(id)
            .fetch_optional(connection)
            .await?;
    Ok(status.as_deref().and_then(GrantStatus::parse))
}
