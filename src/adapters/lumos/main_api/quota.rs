//! The rate headers, which are on every answer (§A6).

use std::time::{Duration, SystemTime};

use crate::adapters::transport::{Answer, Quota};

/// What the headers say of the calls that are left. `retry-after` is not asked: it stands on good answers too and means nothing there.
pub(super) fn quota(answer: &Answer) -> Option<Quota> {
    let remaining = answer
        .header("x-ratelimit-remaining")?
        .trim()
        .parse()
        .ok()?;
    let reset = answer.header("x-ratelimit-reset")?.trim().parse().ok()?;
    let reset = Duration::try_from_secs_f64(reset).ok()?;
    Some(Quota {
        remaining,
        resets_at: SystemTime::UNIX_EPOCH.checked_add(reset)?,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;

    use super::*;

    fn read(remaining: &str, reset: &str) -> Option<Quota> {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit", "10".parse().unwrap());
        headers.insert("x-ratelimit-remaining", remaining.parse().unwrap());
        headers.insert("x-ratelimit-reset", reset.parse().unwrap());
        quota(&Answer {
            status: 200,
            headers,
            body: Bytes::new(),
        })
    }

    #[test]
    fn the_reset_is_unix_seconds_with_a_fraction() {
        let quota = read("9", "1893456000.25").unwrap();
        assert_eq!(quota.remaining, 9);
        let since = quota.resets_at.duration_since(SystemTime::UNIX_EPOCH);
        assert_eq!(since.unwrap().as_millis(), 1_893_456_000_250);
        assert!(read("0", "1893456000").is_some());
    }

    #[test]
    fn headers_that_make_no_sense_say_nothing() {
        for (remaining, reset) in [
            ("", "1893456000"),
            ("-1", "1893456000"),
            ("many", "1893456000"),
            ("0", "soon"),
            ("0", "-5"),
            ("0", "NaN"),
            ("0", "inf"),
            ("0", "1e300"),
        ] {
            assert_eq!(read(remaining, reset), None, "{remaining} {reset}");
        }
        let bare = Answer {
            status: 200,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        assert_eq!(quota(&bare), None);
    }
}
