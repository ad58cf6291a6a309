//! What the settings of a connection say of its budget, and what each urgency may use of it.

use serde_json::Value;

use crate::adapters::contract::Urgency;

/// The budget of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many calls there may be in any minute.
    pub calls_per_minute: u32,
    /// How many of a hundred are kept for removals, and as many again from syncs for what somebody waits for.
    pub reserved_percent: u32,
}

impl Limits {
    /// How long a taken call counts, in seconds: a minute, the time that a block may be held, and a second for the way to the
    /// vendor, so that no minute of the vendor's clock sees more calls than are allowed.
    pub(crate) const SPAN_SECONDS: f64 = 60.0 + Self::BLOCK_SECONDS + 1.0;
    /// How long a block may be held, in seconds.
    pub(crate) const BLOCK_SECONDS: f64 = 2.0;
    /// Syncs are spread evenly over spans of this length, in seconds: a burst would leave them standing for the rest of a minute.
    pub(crate) const PACE_SECONDS: f64 = 10.0;

    /// The budget that these settings name; `None` where they name none.
    pub(crate) fn of(settings: &Value) -> Option<Self> {
        let number = |name: &str| {
            settings
                .get(name)
                .and_then(Value::as_u64)
                .and_then(|number| u32::try_from(number).ok())
        };
        let calls_per_minute = number("calls_per_minute").filter(|calls| *calls > 0)?;
        Some(Self {
            calls_per_minute,
            reserved_percent: number("reserved_percent").unwrap_or(20).min(40),
        })
    }

    /// How many calls of all urgencies there may be within the span when one of this urgency is made.
    pub(crate) fn cap(self, urgency: Urgency) -> i32 {
        let reserved = (self.calls_per_minute * self.reserved_percent).div_ceil(100);
        let kept_free = match urgency {
            Urgency::Bulk => reserved * 2,
            Urgency::Ordinary => reserved,
            Urgency::Removal => 0,
        };
        let cap = self.calls_per_minute.saturating_sub(kept_free).max(1);
        i32::try_from(cap).unwrap_or(i32::MAX)
    }

    /// How many calls of this urgency there may be within [`Self::PACE_SECONDS`]; `None`: any number.
    pub(crate) fn pace(self, urgency: Urgency) -> Option<i32> {
        (urgency == Urgency::Bulk).then(|| self.share(urgency, Self::PACE_SECONDS))
    }

    /// The most calls of this urgency that one block has.
    pub(crate) fn block(self, urgency: Urgency) -> i32 {
        self.share(urgency, Self::BLOCK_SECONDS)
    }

    /// How many seconds so many pages take at least.
    pub(crate) fn seconds_of_sync(self, pages: i32) -> f64 {
        let at_once = self.share(Urgency::Bulk, Self::PACE_SECONDS);
        f64::from((pages - at_once).max(0)) * Self::PACE_SECONDS / f64::from(at_once)
    }

    /// What an urgency's part of the span comes to in so many seconds; at least one call.
    fn share(self, urgency: Urgency, seconds: f64) -> i32 {
        let calls = f64::from(self.cap(urgency)) * seconds / Self::SPAN_SECONDS;
        (calls as i32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_setting_is_no_budget() {
        for settings in [json!({}), json!({"calls_per_minute": 0})] {
            assert_eq!(Limits::of(&settings), None);
        }
    }

    #[test]
    fn the_more_urgent_may_always_use_what_the_less_urgent_may_not() {
        let limits = Limits::of(&json!({"calls_per_minute": 60})).unwrap();
        assert_eq!(
            Urgency::ALL.map(|urgency| limits.cap(urgency)),
            [36, 48, 60]
        );
        assert_eq!(limits.pace(Urgency::Bulk), Some(5));
        assert_eq!(limits.pace(Urgency::Removal), None);
        let all = Limits::of(&json!({"calls_per_minute": 60, "reserved_percent": 0})).unwrap();
        assert_eq!(Urgency::ALL.map(|urgency| all.cap(urgency)), [60; 3]);
    }

    #[test]
    fn the_smallest_budget_still_lets_everybody_through() {
        for calls in 1..10 {
            let limits = Limits::of(&json!({"calls_per_minute": calls})).unwrap();
            for urgency in Urgency::ALL {
                assert!(limits.cap(urgency) >= 1 && limits.block(urgency) >= 1);
                assert!(limits.cap(urgency) <= calls);
            }
        }
    }

    #[test]
    fn a_sync_takes_as_long_as_its_share_of_the_budget_lets_it() {
        let limits = Limits::of(&json!({"calls_per_minute": 60})).unwrap();
        assert!(limits.seconds_of_sync(5) < 0.1);
        assert!((limits.seconds_of_sync(35) - 60.0).abs() < 0.1);
    }
}
