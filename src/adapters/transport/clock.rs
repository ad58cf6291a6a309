//! Whose clock it is: what a vendor says of times is measured by the vendor's own clock, which every answer shows.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap};

/// The longest wait that a vendor's word is believed for: one odd header must not switch a connection off for good.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// Clocks that differ by less go alike: the header has whole seconds, and it took its way.
const ALIKE: Duration = Duration::from_secs(3);

/// From here on a difference is worth a word where credentials are refused: signatures and tokens are good for minutes.
const TELLING: Duration = Duration::from_secs(60);

/// How long it is until a time that an answer names, by the clock that the answer shows; at most [`LONGEST`]. A clock by
/// which it would be longer is off by itself, and ours counts.
pub(super) fn until(at: SystemTime, headers: &HeaderMap) -> Duration {
    let now = SystemTime::now();
    let wait = |now| at.duration_since(now).unwrap_or(Duration::ZERO);
    let by_theirs = shown(headers)
        .filter(|theirs| gap(*theirs, now) > ALIKE)
        .map(wait)
        .filter(|wait| *wait <= LONGEST);
    by_theirs.unwrap_or_else(|| wait(now)).min(LONGEST)
}

/// In words, how far the vendor's clock is from ours; `None` where that is nothing to speak of.
pub(super) fn difference(headers: &HeaderMap) -> Option<String> {
    let (now, theirs) = (SystemTime::now(), shown(headers)?);
    let gap = gap(theirs, now);
    if gap < TELLING {
        return None;
    }
    let side = if theirs > now { "ahead of" } else { "behind" };
    let minutes = gap.as_secs() / 60;
    Some(format!(
        "the vendor's clock is {minutes} min {side} ours, and signatures and tokens are refused when clocks differ"
    ))
}

fn shown(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

fn gap(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other)
        .or_else(|_| other.duration_since(one))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn dated(at: SystemTime) -> HeaderMap {
        let date = httpdate::fmt_http_date(at).parse().expect("a header value");
        HeaderMap::from_iter([(DATE, date)])
    }

    fn seconds(wait: Duration) -> u64 {
        wait.as_secs_f64().round() as u64
    }

    #[test]
    fn a_time_is_measured_by_the_clock_that_named_it() {
        let (now, wait) = (SystemTime::now(), Duration::from_secs(90));
        for theirs in [now, now + HOUR, now - HOUR, now + 24 * 365 * HOUR] {
            let told = seconds(until(theirs + wait, &dated(theirs)));
            assert!((88..=91).contains(&told), "{told}");
        }
        assert_eq!(seconds(until(now + wait, &HeaderMap::new())), 90);
        assert_eq!(until(now - wait, &dated(now)), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_makes_no_sense_is_not_believed() {
        let now = SystemTime::now();
        let long_ago = dated(SystemTime::UNIX_EPOCH);
        assert_eq!(seconds(until(now + Duration::from_secs(9), &long_ago)), 9);
        assert_eq!(until(now + 99 * HOUR, &HeaderMap::new()), LONGEST);
        let no_date = HeaderMap::from_iter([(DATE, "soon".parse().expect("a header value"))]);
        assert_eq!(seconds(until(now + Duration::from_secs(9), &no_date)), 9);
    }

    #[test]
    fn a_difference_of_minutes_is_told() {
        let now = SystemTime::now();
        let minutes = |n: u64| Duration::from_secs(60 * n + 30);
        let ahead = difference(&dated(now + minutes(7))).expect("a word");
        assert!(ahead.contains("7 min ahead of ours"), "{ahead}");
        let behind = difference(&dated(now - minutes(7))).expect("a word");
        assert!(behind.contains("7 min behind ours"), "{behind}");
        assert_eq!(difference(&dated(now - Duration::from_secs(30))), None);
        assert_eq!(difference(&HeaderMap::new()), None);
    }
}
