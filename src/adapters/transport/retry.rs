//! When a read is repeated, and how long to wait before. Writes are never repeated here.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::Instant;

use super::{RetryConfig, clock, meter};
use crate::adapters::contract::AdapterError;

/// How an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// On our side of the wire; a repetition would end alike.
    Ours(AdapterError),
    /// At the vendor or on the way.
    Theirs(AdapterError),
}

impl Failure {
    pub(super) fn into_error(self) -> AdapterError {
        match self {
            Self::Ours(error) | Self::Theirs(error) => error,
        }
    }

    fn is_passing(&self) -> bool {
        match self {
            Self::Ours(_) => false,
            Self::Theirs(error) => error.trouble.is_passing(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Ours(_) => None,
            Self::Theirs(error) => error.retry_after,
        }
    }
}

/// Repeats a read while its trouble is passing and the deadline leaves room for the wait.
pub(super) async fn read<T, Fut>(
    config: &RetryConfig,
    vendor: &'static str,
    deadline: Instant,
    attempt: impl FnMut() -> Fut,
) -> Result<T, Failure>
where
    Fut: Future<Output = Result<T, Failure>>,
{
    let waits = ExponentialBuilder::default()
        .with_min_delay(config.first_wait)
        .with_max_delay(config.longest_wait)
        .with_max_times(config.attempts.saturating_sub(1))
        .with_jitter();
    attempt
        .retry(waits)
        .when(Failure::is_passing)
        .adjust(|failure, wait| within(deadline, wait?, failure.retry_after()))
        .notify(|_, _| meter::retry(vendor))
        .await
}

/// The wait, unless it would pass the deadline: then the error of now says more than a timeout later.
fn within(deadline: Instant, own: Duration, asked: Option<Duration>) -> Option<Duration> {
    // What the vendor asks for is the least; our own jittered wait on top keeps callers from coming back all at once.
    let wait = asked.map_or(own, |asked| asked.saturating_add(own));
    let left = deadline.saturating_duration_since(Instant::now());
    (wait < left).then_some(wait)
}

/// The wait that an answer asks for, in seconds or as a date by the vendor's clock; at most [`clock::LONGEST`].
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(clock::LONGEST));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(clock::until(at, headers))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn asking(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().expect("a header value"));
        retry_after(&headers)
    }

    #[test]
    fn retry_after_reads_seconds_and_dates() {
        assert_eq!(asking("7"), Some(Duration::from_secs(7)));
        let soon = SystemTime::now() + Duration::from_secs(90);
        let wait = asking(&httpdate::fmt_http_date(soon)).expect("a date");
        assert!(wait > Duration::from_secs(80) && wait <= Duration::from_secs(90));
        assert_eq!(
            asking("Wed, 21 Oct 2015 07:28:00 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(asking("999999999999"), Some(clock::LONGEST));
        assert_eq!(asking("soon"), None);
        assert_eq!(asking("-1"), None);
    }

    #[tokio::test]
    async fn no_wait_passes_the_deadline() {
        let deadline = Instant::now() + Duration::from_secs(2);
        let own = Duration::from_millis(200);
        assert_eq!(within(deadline, own, None), Some(own));
        assert_eq!(
            within(deadline, own, Some(Duration::from_secs(1))),
            Some(Duration::from_millis(1200))
        );
        assert_eq!(within(deadline, own, Some(Duration::from_secs(2))), None);
        assert_eq!(within(deadline, own, Some(Duration::MAX)), None);
    }
}
