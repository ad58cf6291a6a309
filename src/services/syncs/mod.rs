//! Syncs: full runs over a vendor's listing, on demand and on schedule.

mod judge;
mod run;

use serde_json::json;

pub use run::run_due;

pub use crate::store::syncs::SyncRun;

use super::callers::require;
use super::connected;
use super::paging::Pager;
use super::{Intent, Listing, PageSpec, Services};
use crate::domain::{Caller, Capability, Scope};
use crate::error::Result;
use crate::services::connections::find_visible;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::syncs;

/// Asks for a full run; it goes on without the caller.
///
/// # Errors
/// Without the scope; not found; a connection that can't list accounts; a conflict while a run is open.
pub async fn start_sync(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    intent: &Intent,
) -> Result<SyncRun> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    let connected = connected::open(services, &caller.connections, id_or_name).await?;
    connected.require(Capability::ListAccounts)?;
    let mut transaction = services.store().begin().await?;
    let run = syncs::request(&mut transaction, connected.row.id, "demand").await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action: "connection.sync",
            noun: "connection",
            noun_id: Some(connected.row.id),
            connection_id: Some(connected.row.id),
            operation_id: None,
            outcome: "requested",
            detail: json!({"run": run.id}),
            request_id: &intent.request_id,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(run)
}

/// Lists the runs of a connection, newest first, with their progress.
///
/// # Errors
/// Without the scope; not found.
pub async fn list_syncs(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    page: PageSpec,
) -> Result<Listing<SyncRun>> {
    require(caller, Scope::CONNECTIONS_READ)?;
    let connection = find_visible(services, caller, id_or_name).await?;
    let pager = Pager::open(services, "syncs", &connection.id, &page)?;
    let rows = syncs::list(
        services.store().requests(),
        connection.id,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |run| run.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: None,
    })
}
