//! How fast a connection may be called, as its vendor says in its answers.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, sleep};

use super::meter;
use crate::adapters::contract::{AdapterError, Trouble};

/// Added to the vendor's word: it was rounded, and clocks differ.
const MARGIN: Duration = Duration::from_millis(20);

/// What an answer says of the calls that are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many calls there still are.
    pub remaining: u64,
    /// When there are all of them again.
    pub resets_at: SystemTime,
}

/// The pace of one connection, on this replica. Without a word of the vendor's it holds nobody up.
#[derive(Default)]
pub(super) struct Pace {
    window: Mutex<Option<Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    /// Calls left, those under way taken off already.
    left: u64,
    resets_at: SystemTime,
    until: Instant,
}

impl Pace {
    /// Keeps what an answer says; `wait` is how long the window still is, by the vendor's clock. Of two answers about the same
    /// window the one with fewer calls left is the later one, whichever came first.
    pub(super) fn learn(&self, quota: Quota, wait: Duration) {
        if wait.is_zero() {
            return;
        }
        let mut window = self.lock();
        let left = match *window {
            Some(known) if known.resets_at == quota.resets_at => known.left.min(quota.remaining),
            _ => quota.remaining,
        };
        *window = Some(Window {
            left,
            resets_at: quota.resets_at,
            until: Instant::now() + wait + MARGIN,
        });
    }

    /// Takes one of the calls that are left, or waits until there are new ones; gives up at once when that is after `deadline`.
    pub(super) async fn turn(
        &self,
        vendor: &'static str,
        deadline: Instant,
    ) -> Result<(), AdapterError> {
        while let Some(until) = self.take() {
            let wait = until.saturating_duration_since(Instant::now());
            if until >= deadline {
                meter::paced(vendor, "refused");
                return Err(used_up(wait));
            }
            meter::paced(vendor, "waited");
            sleep(wait).await;
        }
        Ok(())
    }

    /// What is known of the present window.
    pub(super) fn announced(&self) -> Option<Quota> {
        let known = (*self.lock())?;
        (known.until > Instant::now()).then_some(Quota {
            remaining: known.left,
            resets_at: known.resets_at,
        })
    }

    /// Whether it holds nothing that a fresh one would not.
    pub(super) fn is_fresh(&self) -> bool {
        self.lock()
            .is_none_or(|known| known.until <= Instant::now())
    }

    /// Takes a call; when none is left, the time from which on there are new ones.
    fn take(&self) -> Option<Instant> {
        let mut window = self.lock();
        let known = window.as_mut()?;
        if known.until <= Instant::now() {
            *window = None;
            return None;
        }
        if known.left == 0 {
            return Some(known.until);
        }
        known.left -= 1;
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Window>> {
        // Nothing panics while it is held, and the window is valid at every moment.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn used_up(wait: Duration) -> AdapterError {
    AdapterError::new(
        Trouble::RateLimited,
        "the vendor said that no calls are left for now, so nothing was sent",
    )
    .after(Some(wait))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::adapters::transport::clock;

    fn quota(remaining: u64, resets_in_ms: u64) -> Quota {
        Quota {
            remaining,
            resets_at: SystemTime::now() + Duration::from_millis(resets_in_ms),
        }
    }

    /// As an answer by a clock like ours tells it.
    fn hear(pace: &Pace, quota: Quota) {
        let wait = clock::until(quota.resets_at, &HeaderMap::new());
        pace.learn(quota, wait);
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn nobody_waits_without_a_word_of_the_vendors() {
        let pace = Pace::default();
        assert!(pace.is_fresh());
        hear(
            &pace,
            Quota {
                remaining: 0,
                resets_at: SystemTime::now() - Duration::from_secs(1),
            },
        );
        assert!(pace.is_fresh(), "that window is over already");
        pace.turn("test", Instant::now()).await.expect("free");
    }

    #[tokio::test]
    async fn calls_wait_for_the_reset_when_none_is_left() {
        let pace = Pace::default();
        let started = Instant::now();
        hear(&pace, quota(2, 120));
        assert!(!pace.is_fresh());
        for _ in 0..2 {
            pace.turn("test", soon()).await.expect("two are left");
        }
        assert!(started.elapsed() < Duration::from_millis(120));
        pace.turn("test", soon()).await.expect("after the reset");
        assert!(started.elapsed() >= Duration::from_millis(115));
        assert!(pace.is_fresh());
    }

    #[tokio::test]
    async fn who_cannot_wait_so_long_is_told_how_long_it_is() {
        let pace = Pace::default();
        hear(&pace, quota(0, 60_000));
        let error = pace.turn("test", soon()).await.expect_err("too long");
        assert_eq!(error.trouble, Trouble::RateLimited);
        let wait = error.retry_after.expect("a time");
        assert!(wait > Duration::from_secs(55) && wait <= Duration::from_secs(61));
    }

    #[tokio::test]
    async fn an_answer_that_was_overtaken_gives_no_calls_back() {
        let pace = Pace::default();
        let later = quota(0, 60_000);
        hear(&pace, later);
        hear(
            &pace,
            Quota {
                remaining: 3,
                ..later
            },
        );
        assert!(pace.turn("test", soon()).await.is_err());
        hear(&pace, quota(3, 90_000));
        pace.turn("test", soon()).await.expect("a new window");
    }

    #[tokio::test]
    async fn no_word_of_the_vendors_is_believed_for_ever() {
        let pace = Pace::default();
        hear(&pace, quota(0, 1_000_000_000));
        let error = pace.turn("test", soon()).await.expect_err("too long");
        assert!(error.retry_after.expect("a time") <= clock::LONGEST + MARGIN);
    }
}
