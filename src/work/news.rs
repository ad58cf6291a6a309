//! Hearing of work and of endings from every replica. It only makes the scans faster; nothing depends on it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;
use tracing::warn;
use uuid::Uuid;

use crate::services::Services;

/// Listens until the ledger closes; subscribes again after every lost connection and lets the scans look right after.
pub(super) async fn listen(
    services: Services,
    operations_due: Arc<Notify>,
    syncs_due: Arc<Notify>,
) {
    while !services.ledger().is_closing() {
        let mut listener = match services.store().listen().await {
            Ok(listener) => listener,
            Err(error) => {
                warn!(%error, "No news from other replicas for now; the scans go on by themselves");
                tokio::select! {
                    () = sleep(Duration::from_secs(2)) => {}
                    () = services.ledger().closed() => {}
                }
                continue;
            }
        };
        operations_due.notify_one();
        syncs_due.notify_one();
        loop {
            let heard = tokio::select! {
                heard = listener.try_recv() => heard,
                () = services.ledger().closed() => return,
            };
            let Ok(Some(notification)) = heard else { break };
            match notification.payload().split_once(':') {
                Some(("ended", id)) => {
                    if let Ok(id) = Uuid::parse_str(id) {
                        services.ledger().announce_end(id);
                    }
                    // The next of its serial key may be due now.
                    operations_due.notify_one();
                }
                _ => syncs_due.notify_one(),
            }
        }
    }
}
