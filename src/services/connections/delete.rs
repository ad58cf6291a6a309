//! Removing connections.

use serde_json::json;

use super::find_visible;
use super::write::{remember, stale, tell};
use crate::domain::{Caller, Scope};
use crate::error::{Error, Result};
use crate::services::callers::require;
use crate::services::operations::replayed;
use crate::services::{Intent, Services};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::{connections, keys};

/// Removes a connection with our copies of its rows; nothing is removed at the vendor.
///
/// # Errors
/// A conflict while operations of it are unfinished; [`Code::PreconditionFailed`]; not found.
pub async fn delete_connection(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    if_match: Option<i64>,
    intent: &Intent,
) -> Result<()> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    if replayed(services, caller, intent).await?.is_some() {
        return Ok(());
    }
    let seen = find_visible(services, caller, id_or_name).await?;
    let mut transaction = services.store().begin().await?;
    let row = connections::lock(&mut transaction, seen.id)
        .await?
        .ok_or_else(|| Error::not_found("connection"))?;
    if if_match.is_some_and(|version| version != row.version) {
        return Err(stale());
    }
    connections::delete(&mut transaction, row.id).await?;
    remember(services, &mut transaction, caller, intent, row.id).await?;
    let detail = json!({"name": row.name});
    tell(
        &mut transaction,
        caller,
        "connection.delete",
        row.id,
        detail,
        intent,
    )
    .await?;
    transaction.commit().await?;
    services.adapters().forget(row.id);
    Ok(())
}

/// Drops what an earlier sandbox left: its connections with all that hangs on them, and its keys.
///
/// # Errors
/// When the database fails.
pub async fn drop_sandbox(services: &Services, request_id: &str) -> Result<()> {
    let mut transaction = services.store().begin().await?;
    connections::drop_sandbox(&mut transaction).await?;
    keys::drop_sandbox(&mut transaction).await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(&Caller::system()),
            action: "sandbox.reset",
            noun: "sandbox",
            noun_id: None,
            connection_id: None,
            operation_id: None,
            outcome: "succeeded",
            detail: json!({}),
            request_id,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}
