//! Deadlines that hold even for a process that was stopped.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

/// The deadline passed first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elapsed;

/// Runs `work` until the deadline.
///
/// Unlike `tokio::time::timeout_at` it looks at the clock *before* it lets the work go on: a process that was stopped past
/// the deadline and goes on must not use its first moment to send a request that another replica has settled meanwhile.
pub(super) async fn until<F: Future>(deadline: Instant, work: F) -> Result<F::Output, Elapsed> {
    let mut work = pin!(work);
    let mut alarm = pin!(sleep_until(deadline));
    poll_fn(|context| {
        if Instant::now() >= deadline {
            return Poll::Ready(Err(Elapsed));
        }
        if let Poll::Ready(output) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(output));
        }
        alarm.as_mut().poll(context).map(|()| Err(Elapsed))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn work_in_time_passes() {
        let deadline = Instant::now() + Duration::from_secs(5);
        assert_eq!(until(deadline, async { 7 }).await, Ok(7));
    }

    #[tokio::test]
    async fn endless_work_ends_at_the_deadline() {
        let deadline = Instant::now() + Duration::from_millis(30);
        assert_eq!(
            until(deadline, std::future::pending::<()>()).await,
            Err(Elapsed)
        );
    }

    #[tokio::test]
    async fn nothing_runs_once_the_deadline_has_passed() {
        let ran = AtomicBool::new(false);
        let outcome = until(Instant::now(), async {
            ran.store(true, Ordering::Relaxed);
        })
        .await;
        assert_eq!(outcome, Err(Elapsed));
        assert!(!ran.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn work_does_not_go_on_after_a_stop_past_the_deadline() {
        let went_on = AtomicBool::new(false);
        let deadline = Instant::now() + Duration::from_millis(30);
        let outcome = until(deadline, async {
            tokio::task::yield_now().await;
            // Blocks the thread as a stopped process would be: the next poll comes too late.
            std::thread::sleep(Duration::from_millis(60));
            tokio::task::yield_now().await;
            went_on.store(true, Ordering::Relaxed);
        })
        .await;
        assert_eq!(outcome, Err(Elapsed));
        assert!(!went_on.load(Ordering::Relaxed));
    }
}
