//! What the settings of a connection say of its budget, and what each urgency may use of it.

use serde_json::Value;

use crate::adapters::contract::Urgency;

/// The budget of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many calls there may be in any minute.
    pub calls_per_minute: u32,
    /// How many of a hundred each urgency is guaranteed.
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
            reserved_percent: number("reserved_percent").unwrap_or(20).min(30),
        })
    }

    /// How many calls there may be within the span.
    pub(crate) fn allowed(self) -> i32 {
        i32::try_from(self.calls_per_minute).unwrap_or(i32::MAX)
    }

    /// How many of them each urgency is guaranteed. Of so few calls that they can't be parted nobody is guaranteed any.
    pub(crate) fn guaranteed(self) -> i32 {
        let calls = u64::from(self.calls_per_minute) * u64::from(self.reserved_percent) / 100;
        i32::try_from(calls).unwrap_or(i32::MAX)
    }

    /// How many calls of an urgency could be made now, when those of all urgencies number `used`.
    pub(crate) fn room(self, used: [i64; 3], urgency: Urgency) -> i64 {
        let guaranteed = i64::from(self.guaranteed());
        let taken = Urgency::ALL.iter().zip(used).map(|(other, used)| {
            if *other == urgency {
                used
            } else {
                used.max(guaranteed)
            }
        });
        (i64::from(self.allowed()) - taken.sum::<i64>()).max(0)
    }

    /// How many calls of this urgency there may be within [`Self::PACE_SECONDS`]; `None`: any number.
    pub(crate) fn pace(self, urgency: Urgency) -> Option<i32> {
        (urgency == Urgency::Bulk).then(|| self.share(Self::PACE_SECONDS))
    }

    /// The most calls that one block has.
    pub(crate) fn block(self) -> i32 {
        self.share(Self::BLOCK_SECONDS)
    }

    /// How many seconds so many pages take at least.
    pub(crate) fn seconds_of_sync(self, pages: i32) -> f64 {
        let at_once = self.share(Self::PACE_SECONDS);
        f64::from((pages - at_once).max(0)) * Self::PACE_SECONDS / f64::from(at_once)
    }

    /// What one urgency has of the span at most, spread evenly, comes to in so many seconds; at least one call.
    fn share(self, seconds: f64) -> i32 {
        let most = f64::from(self.allowed() - 2 * self.guaranteed());
        ((most * seconds / Self::SPAN_SECONDS) as i32).max(1)
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
    fn what_others_are_guaranteed_is_left_to_them() {
        let limits = Limits::of(&json!({"calls_per_minute": 60})).unwrap();
        let rooms = |used| Urgency::ALL.map(|urgency| limits.room(used, urgency));
        assert_eq!(rooms([0, 0, 0]), [36, 36, 36]);
        assert_eq!(rooms([36, 0, 0]), [0, 12, 12]);
        assert_eq!(rooms([0, 36, 0]), [12, 0, 12], "syncs don't starve either");
        assert_eq!(rooms([12, 36, 12]), [0, 0, 0]);
        assert_eq!(limits.pace(Urgency::Bulk), Some(5));
        assert_eq!(limits.pace(Urgency::Removal), None);
    }

    #[test]
    fn the_smallest_budget_still_lets_everybody_through() {
        for calls in 1..20 {
            let limits = Limits::of(&json!({"calls_per_minute": calls})).unwrap();
            for urgency in Urgency::ALL {
                assert!(limits.room([0; 3], urgency) >= 1, "{calls}");
            }
            assert!(limits.block() >= 1 && limits.pace(Urgency::Bulk) >= Some(1));
        }
    }

    #[test]
    fn a_sync_takes_as_long_as_its_share_of_the_budget_lets_it() {
        let limits = Limits::of(&json!({"calls_per_minute": 60})).unwrap();
        assert!(limits.seconds_of_sync(5) < 0.1);
        assert!((limits.seconds_of_sync(35) - 60.0).abs() < 0.1);
    }
}
