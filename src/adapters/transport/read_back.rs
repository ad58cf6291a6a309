//! Looking at what a write left behind, before its answer goes out.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::adapters::contract::AdapterError;

/// How often, and how far apart, it is looked.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// The write has succeeded already; nobody waits longer than this to see it.
const LIMIT: Duration = Duration::from_secs(5);

/// What the vendor shows after a write; `None` when it can't be seen. Reads again while it does not show what it should,
/// and then answers what it shows.
pub async fn read_back<T, R>(read: impl Fn() -> R, shows: impl Fn(&T) -> bool) -> Option<T>
where
    R: Future<Output = Result<Option<T>, AdapterError>>,
{
    let mut seen = None;
    let reading = async {
        for attempt in 0..TRIES {
            if attempt > 0 {
                sleep(PAUSE).await;
            }
            seen = read().await.unwrap_or_default();
            if seen.as_ref().is_some_and(&shows) {
                break;
            }
        }
    };
    // Cut short, the last thing seen still counts.
    let _ = timeout(LIMIT, reading).await;
    seen
}
