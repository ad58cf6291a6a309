//! Waiting for what happens without us.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long anything may take that is not itself under test. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until there is an answer; fails the test, saying what was waited for, when there is none in time.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "waited {} s in vain: {what}",
            PATIENCE.as_secs()
        );
        sleep(Duration::from_millis(20)).await;
    }
}
