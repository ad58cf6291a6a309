//! Looking for due rows: at a steady pace, sooner when woken, and for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::warn;

use crate::error::Result;
use crate::services::Services;

/// A scan that takes longer counts as failed: the loop must never hang on one query.
const SCAN_DEADLINE: Duration = Duration::from_secs(20);

/// Repeats a scan until the ledger closes. A failure is logged and slows the loop down; nothing ends it.
pub(super) async fn repeat(
    services: Services,
    name: &'static str,
    pace: Duration,
    wake: Arc<Notify>,
    scan: impl AsyncFn(&Services) -> Result<usize>,
) {
    services.pulse().beat(name);
    let mut failures: u32 = 0;
    while !services.ledger().is_closing() {
        let failure = match timeout(SCAN_DEADLINE, scan(&services)).await {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.internal.unwrap_or(error.detail)),
            Err(_) => Some(format!("took longer than {} s", SCAN_DEADLINE.as_secs())),
        };
        match failure {
            None => {
                failures = 0;
                services.pulse().beat(name);
            }
            Some(reason) => {
                failures = failures.saturating_add(1);
                warn!(
                    scan = name,
                    failures, reason, "The scan for due {name} failed"
                );
            }
        }
        let pause = pace * 2_u32.saturating_pow(failures.min(4));
        tokio::select! {
            () = sleep(pause) => {}
            () = wake.notified(), if failures == 0 => {}
            () = services.ledger().closed() => {}
        }
    }
}
