//! The schedule at work: who has a turn on a call.

use std::{
    collections::VecDeque,
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Fault, PageFault, Rule};

/// A fault that has its turn on a call.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulators::kit) enum Strike {
    /// As the schedule has it.
    Fault(Fault),
    /// The call is above the rate limit.
    RateLimited { retry_after: Duration },
}

struct Entry {
    rule: Rule,
    skipped: u64,
    struck: u64,
    /// When the calls of the last minute were let through; rate limits only.
    passed: VecDeque<Instant>,
}

impl Entry {
    fn spent(&self) -> bool {
        self.rule.times != 0 && self.struck >= self.rule.times
    }

    /// Counts a matching call and says whether the fault strikes it.
    fn strike(&mut self, now: Instant) -> Option<Strike> {
        if self.spent() {
            return None;
        }
        if self.skipped < self.rule.after {
            self.skipped += 1;
            return None;
        }
        let strike = match &self.rule.fault {
            Fault::RateLimit { per_minute } => {
                const MINUTE: Duration = Duration::from_secs(60);
                while self
                    .passed
                    .front()
                    .is_some_and(|at| now.duration_since(*at) >= MINUTE)
                {
                    self.passed.pop_front();
                }
                match self.passed.front() {
                    Some(oldest) if self.passed.len() >= *per_minute as usize => {
                        let retry_after = MINUTE.saturating_sub(now.duration_since(*oldest));
                        Strike::RateLimited { retry_after }
                    }
                    _ => {
                        self.passed.push_back(now);
                        return None;
                    }
                }
            }
            fault => Strike::Fault(fault.clone()),
        };
        self.struck += 1;
        Some(strike)
    }
}

/// The schedule of one simulator.
#[derive(Default)]
pub(in crate::simulators::kit) struct Schedule {
    entries: Mutex<Vec<Entry>>,
}

impl Schedule {
    pub(in crate::simulators::kit) fn append(&self, rules: impl IntoIterator<Item = Rule>) {
        self.entries().extend(rules.into_iter().map(|rule| Entry {
            rule,
            skipped: 0,
            struck: 0,
            passed: VecDeque::new(),
        }));
    }

    pub(in crate::simulators::kit) fn clear(&self) {
        self.entries().clear();
    }

    /// The rules with how often each has struck.
    pub(in crate::simulators::kit) fn show(&self) -> Vec<Value> {
        let entries = self.entries();
        let rule = |entry: &Entry| {
            let Rule {
                matches,
                fault,
                times,
                after,
            } = &entry.rule;
            json!({ "match": matches, "fault": fault, "times": times, "after": after, "struck": entry.struck })
        };
        entries.iter().map(rule).collect()
    }

    /// The faults for a call that has just come, page faults aside: any delays, then at most one other.
    pub(in crate::simulators::kit) fn strikes(&self, method: &str, path: &str) -> Vec<Strike> {
        let now = Instant::now();
        let mut strikes = Vec::new();
        for entry in self.entries().iter_mut() {
            if entry.rule.fault.page_fault().is_some() || !entry.rule.matches.fits(method, path) {
                continue;
            }
            if let Some(strike) = entry.strike(now) {
                let goes_on = matches!(strike, Strike::Fault(Fault::DelayMs { .. }));
                strikes.push(strike);
                if !goes_on {
                    break;
                }
            }
        }
        strikes
    }

    /// The page fault for a listing that is about to answer.
    pub(in crate::simulators::kit) fn page_fault(
        &self,
        method: &str,
        path: &str,
    ) -> Option<PageFault> {
        let now = Instant::now();
        self.entries()
            .iter_mut()
            .filter(|entry| entry.rule.matches.fits(method, path))
            .filter_map(|entry| Some((entry.rule.fault.page_fault()?, entry)))
            .find_map(|(fault, entry)| entry.strike(now).map(|_| fault))
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_then_strikes_then_rests() {
        let schedule = Schedule::default();
        schedule.append([Rule::new(Fault::Malformed)
            .method("post")
            .path_contains("/accounts")
            .after(1)
            .times(2)]);
        let struck = |method| !schedule.strikes(method, "/1/accounts").is_empty();
        assert!(!struck("GET"));
        assert_eq!(
            [
                struck("POST"),
                struck("POST"),
                struck("POST"),
                struck("POST")
            ],
            [false, true, true, false]
        );
    }

    #[test]
    fn a_delay_lets_the_next_rule_strike_too() {
        let schedule = Schedule::default();
        schedule.append([
            Rule::new(Fault::DelayMs { value: 1 }),
            Rule::new(Fault::DropAfterApply),
        ]);
        assert_eq!(schedule.strikes("GET", "/").len(), 2);
    }

    #[test]
    fn a_rate_limit_strikes_above_its_number() {
        let schedule = Schedule::default();
        schedule.append([Rule::new(Fault::RateLimit { per_minute: 2 })]);
        let struck: Vec<_> = (0..4)
            .map(|_| !schedule.strikes("GET", "/").is_empty())
            .collect();
        assert_eq!(struck, [false, false, true, true]);
    }
}
