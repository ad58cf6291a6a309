//! Looking at operations, and ending parked ones by hand.

use serde_json::json;
use uuid::Uuid;

use super::{OperationFilter, OperationRow, copies};
use crate::domain::{Caller, OperationStatus, Scope};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connections::resolve_filter;
use crate::services::paging::Pager;
use crate::services::{Listing, PageSpec, Services};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::{idempotency, operations, upstream_answers};

/// Lists operations, newest first. `connection` narrows by id or name.
///
/// # Errors
/// Without the scope, or with a cursor of another list.
pub async fn list_operations(
    services: &Services,
    caller: &Caller,
    connection: Option<&str>,
    mut filter: OperationFilter,
    page: PageSpec,
) -> Result<Listing<OperationRow>> {
    require(caller, Scope::OPERATIONS_READ)?;
    filter.connection_id = resolve_filter(services, caller, connection).await?;
    let pager = Pager::open(services, "operations", &filter, &page)?;
    let rows = operations::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |row| row.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: None,
    })
}

/// One operation. Who started it may read it without the scope.
///
/// # Errors
/// Without the scope; not found.
pub async fn find_operation(
    services: &Services,
    caller: &Caller,
    id: Uuid,
) -> Result<OperationRow> {
    let row = operations::find(services.store().requests(), &caller.connections, id).await?;
    match row {
        Some(row) if row.caller_id == caller.id => Ok(row),
        found => {
            require(caller, Scope::OPERATIONS_READ)?;
            found.ok_or_else(|| Error::not_found("operation"))
        }
    }
}

/// Says how an operation whose outcome is unknown did end. The next sync shows what it left behind.
///
/// # Errors
/// Without the scope; not found; a conflict when it is not parked.
pub async fn resolve_operation(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    succeeded: bool,
    reason: &str,
    request_id: &str,
) -> Result<OperationRow> {
    require(caller, Scope::OPERATIONS_WRITE)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Error::invalid(
            "/reason",
            "must say why, in 1 to 1000 characters",
        ));
    }
    let seen = operations::find(services.store().requests(), &caller.connections, id)
        .await?
        .ok_or_else(|| Error::not_found("operation"))?;
    let status = if succeeded {
        OperationStatus::Succeeded
    } else {
        OperationStatus::Failed
    };
    let mut transaction = services.store().begin().await?;
    let resolution = json!({
        "by": caller.person.as_deref().unwrap_or(&caller.name),
        "outcome": status.as_str(),
        "reason": reason,
    });
    let resolved = operations::resolve(&mut transaction, id, status.as_str(), resolution.clone())
        .await?
        .ok_or_else(|| {
            Error::new(
                Code::Conflict,
                format!(
                    "The operation is `{}`; only one whose outcome is unknown can be resolved.",
                    seen.status
                ),
            )
        })?;
    copies::resolve(&mut transaction, &resolved, succeeded).await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action: "operation.resolve",
            noun: "operation",
            noun_id: Some(id),
            connection_id: Some(resolved.connection_id),
            operation_id: Some(id),
            outcome: status.as_str(),
            detail: resolution,
            request_id,
        },
    )
    .await?;
    transaction.commit().await?;
    services.ledger().announce_end(id);
    Ok(resolved)
}

/// Forgets idempotency keys that are older than they are kept, and shows how many operations are open or parked.
///
/// # Errors
/// When the database fails.
pub async fn tidy(services: &Services) -> Result<usize> {
    let pool = services.store().background();
    let forgotten = idempotency::forget_old(pool).await?;
    upstream_answers::forget_old(pool).await?;
    let (open, parked) = operations::open_count(pool).await?;
    metrics::gauge!("iam_gateway_operations_open").set(open as f64);
    metrics::gauge!("iam_gateway_operations_outcome_unknown").set(parked as f64);
    Ok(usize::try_from(forgotten).unwrap_or_default())
}
