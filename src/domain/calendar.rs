//! The times that there are.

use chrono::{DateTime, Datelike, Utc};

/// A time that can be written in RFC 3339 and stored by PostgreSQL: of the years 1 to 9999. Any other makes no sense, and is
/// `None`.
pub fn sensible(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1..=9999).contains(&time.year()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_has_an_end_at_either_side() {
        for (text, is_sensible) in [
            ("0001-01-01T00:00:00Z", true),
            ("9999-12-31T23:59:59.999999Z", true),
            ("0000-12-31T23:59:59Z", false),
            // By their own zones these are of the first and of the last year.
            ("0001-01-01T00:00:00+00:01", false),
            ("9999-12-31T23:59:59-00:01", false),
        ] {
            let time = DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            assert_eq!(sensible(time).is_some(), is_sensible, "{text}");
        }
    }
}
