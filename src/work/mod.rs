//! What happens without a caller: scans for due rows, one mechanism for all of them.

mod news;
mod scan;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::services::{Services, operations, syncs};

/// Sets the loops going; they end when the ledger closes.
pub fn start(services: &Services) -> JoinSet<()> {
    let operations_due = Arc::new(Notify::new());
    let syncs_due = Arc::new(Notify::new());
    let mut loops = JoinSet::new();
    loops.spawn(scan::repeat(
        services.clone(),
        "operations",
        Duration::from_secs(1),
        operations_due.clone(),
        async |services: &Services| operations::run_due(services).await,
    ));
    loops.spawn(scan::repeat(
        services.clone(),
        "syncs",
        Duration::from_secs(1),
        syncs_due.clone(),
        async |services: &Services| syncs::run_due(services).await,
    ));
    loops.spawn(scan::repeat(
        services.clone(),
        "housekeeping",
        Duration::from_secs(15),
        Arc::new(Notify::new()),
        async |services: &Services| operations::tidy(services).await,
    ));
    loops.spawn(news::listen(services.clone(), operations_due, syncs_due));
    loops
}
