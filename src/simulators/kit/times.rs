//! One spelling of time for the control API, and fixed times for seeds.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::Serializer;

pub(super) fn millis<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&rfc3339(*at))
}

/// RFC 3339 in UTC with milliseconds: `2031-05-02T07:08:09.123Z`.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The time of the `n`th seeded thing: from 2025 on, two minutes and some apart, the same on every start.
pub fn seeded(n: usize) -> DateTime<Utc> {
    const FIRST: DateTime<Utc> =
        DateTime::from_timestamp(1_736_150_400, 0).expect("a valid timestamp");
    FIRST + Duration::milliseconds(i64::try_from(n).unwrap_or(0).saturating_mul(127_031))
}
