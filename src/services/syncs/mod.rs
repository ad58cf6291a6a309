//! Syncs: full runs over everything that a vendor lists, on demand and on schedule.

mod brake;
mod judge;
mod look;
mod parts;
mod progress;
mod read;
mod run;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use brake::{PEOPLE, lift_brake};
pub use progress::{Progress, progress};
pub use run::run_due;

pub use crate::store::syncs::{Forecast, Lift, PartRow, SyncRun};

use super::callers::require;
use super::connected;
use super::paging::Pager;
use super::{Intent, Listing, PageSpec, Services};
use crate::domain::{Caller, Capability, Scope};
use crate::error::Result;
use crate::services::connections::find_visible;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::{connections, syncs};

/// Asks for a full run; it goes on without the caller.
///
/// # Errors
/// Without the scope; not found; a connection that can't list anything; a conflict while a run is open.
pub async fn start_sync(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    intent: &Intent,
) -> Result<SyncRun> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    let connected = connected::open(services, &caller.connections, id_or_name).await?;
    if parts::of(&connected).is_empty() {
        connected.require(Capability::ListAccounts)?;
    }
    let mut transaction = services.store().begin().await?;
    let run = syncs::request(
        &mut transaction,
        connected.row.id,
        "demand",
        brake::person(caller).as_deref(),
    )
    .await?;
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

/// What a full run of a connection takes; `None` before there was a complete one.
pub(super) async fn forecast(
    services: &Services,
    connection_id: uuid::Uuid,
) -> Result<Option<Forecast>> {
    syncs::forecast(services.store().requests(), connection_id).await
}

/// The runs of a connection, and what the next one will take.
#[derive(Clone, Debug)]
pub struct Syncs {
    /// The runs.
    pub runs: Listing<SyncRun>,
    /// What a full run takes; `None` before there was a complete one.
    pub forecast: Option<Forecast>,
    /// When the schedule asks for the next one; `None` without a schedule.
    pub next_at: Option<DateTime<Utc>>,
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
) -> Result<Syncs> {
    require(caller, Scope::CONNECTIONS_READ)?;
    let connection = find_visible(services, caller, id_or_name).await?;
    let pager = Pager::open(services, "syncs", &connection.id, &page)?;
    let pool = services.store().requests();
    let rows = syncs::list(pool, connection.id, pager.after, pager.fetch()).await?;
    let (items, next_cursor) = pager.page(rows, |run| run.id)?;
    Ok(Syncs {
        runs: Listing {
            items,
            next_cursor,
            coverage: None,
        },
        forecast: syncs::forecast(pool, connection.id).await?,
        next_at: connections::sync_due_at(pool, connection.id).await?,
    })
}
