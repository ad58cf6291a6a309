//! Faults: what can go wrong between a client and a vendor, as a schedule of rules that a test writes.
//!
//! A rule says which calls it is for, how many of them it skips, and how often it strikes. What a fault does to a call is in
//! `intercept.rs`; page faults are asked for by the vendor's own listing code, through `Call::page_fault`.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One way of failing.
///
/// `Status`, `DropBeforeApply`, `RateLimit`, `ErrorIn200` and `Redirect` strike instead of the vendor: nothing is changed there.
/// `DropAfterApply`, `Malformed` and `Oversized` damage the answer of a call that the vendor did carry out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Answers with this status. A `body` that is a string goes out as text, anything else as JSON.
    Status {
        /// The HTTP status, 200 to 599.
        code: u16,
        /// Headers of the answer.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body of the answer, empty when missing.
        #[serde(default)]
        body: Option<Value>,
        /// Let the vendor carry the call out first, as when a proxy in front of it gives up too early.
        #[serde(default)]
        apply: bool,
    },
    /// Cuts the connection before the vendor hears of the call.
    DropBeforeApply,
    /// Lets the vendor carry out the call, then cuts the connection without an answer.
    DropAfterApply,
    /// Waits, then goes on as if nothing had been, even when the client hangs up meanwhile. Later rules still strike.
    DelayMs {
        /// How long, in milliseconds.
        value: u64,
    },
    /// Answers 429 with `Retry-After` to every call above this many within 60 seconds.
    RateLimit {
        /// Calls let through per minute.
        per_minute: u32,
    },
    /// Answers 200 with JSON that breaks off.
    Malformed,
    /// Answers 200 with a body of this many MiB, streamed.
    Oversized {
        /// Size in MiB.
        #[serde(default = "default_mib")]
        mib: u32,
    },
    /// The listing leads back to pages already served and never ends.
    PageLoop,
    /// The listing serves the rows of one page twice.
    PageRepeat,
    /// The listing leaves out the rows of a page.
    PageMissing,
    /// Answers 200 with the vendor's way of saying that something failed.
    #[serde(rename = "error_in_200")]
    ErrorIn200 {
        /// Instead of the body that the vendor's simulator would choose.
        #[serde(default)]
        body: Option<Value>,
    },
    /// Answers 307.
    Redirect {
        /// Where to.
        location: String,
    },
}

fn default_mib() -> u32 {
    100
}

/// What a listing shall do wrong on this page, in its own style of paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFault {
    /// Lead back to pages already served, for ever.
    Loop,
    /// Serve the rows of one page twice.
    Repeat,
    /// Leave out the rows of a page.
    Missing,
}

impl Fault {
    fn page_fault(&self) -> Option<PageFault> {
        match self {
            Fault::PageLoop => Some(PageFault::Loop),
            Fault::PageRepeat => Some(PageFault::Repeat),
            Fault::PageMissing => Some(PageFault::Missing),
            Fault::Status { .. }
            | Fault::DropBeforeApply
            | Fault::DropAfterApply
            | Fault::DelayMs { .. }
            | Fault::RateLimit { .. }
            | Fault::Malformed
            | Fault::Oversized { .. }
            | Fault::ErrorIn200 { .. }
            | Fault::Redirect { .. } => None,
        }
    }

    /// The parameter that a bare value stands for: `{"delay_ms": 200}` is `{"kind": "delay_ms", "value": 200}`.
    fn main_parameter(kind: &str) -> &'static str {
        match kind {
            "status" => "code",
            "rate_limit" => "per_minute",
            "oversized" => "mib",
            "redirect" => "location",
            "error_in_200" => "body",
            _ => "value",
        }
    }

    /// Reads a fault from `"drop_after_apply"`, `{"kind": "status", "code": 503}`, `{"status": {"code": 503}}` or `{"status": 503}`.
    fn from_json(value: Value) -> Result<Self, String> {
        let tagged = match value {
            Value::String(kind) => json!({ "kind": kind }),
            Value::Object(mut object) if !object.contains_key("kind") && object.len() == 1 => {
                let kind = object.keys().next().cloned().unwrap_or_default();
                let mut tagged = match object.remove(&kind) {
                    Some(Value::Object(parameters)) => parameters,
                    Some(parameter) => {
                        Map::from_iter([(Self::main_parameter(&kind).to_owned(), parameter)])
                    }
                    None => Map::new(),
                };
                tagged.insert("kind".to_owned(), Value::String(kind));
                Value::Object(tagged)
            }
            other => other,
        };
        let fault: Fault = serde_json::from_value(tagged).map_err(|error| error.to_string())?;
        fault.check()?;
        Ok(fault)
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Fault::Status { code, .. } if !(200..=599).contains(code) => {
                Err(format!("status code {code} is not between 200 and 599"))
            }
            Fault::Status { headers, .. } => headers.iter().try_for_each(|(name, value)| {
                HeaderName::try_from(name).map_err(|_| format!("{name:?} is not a header name"))?;
                HeaderValue::try_from(value)
                    .map_err(|_| format!("{value:?} is not a header value"))?;
                Ok(())
            }),
            Fault::RateLimit { per_minute: 0 } => Err("per_minute must be at least 1".to_owned()),
            Fault::Redirect { location } if HeaderValue::try_from(location).is_err() => {
                Err(format!("{location:?} is not a header value"))
            }
            _ => Ok(()),
        }
    }
}

/// Which calls a rule is for; an empty one is for all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The HTTP method, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of the path as the client sent it, without the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
}

impl Match {
    fn fits(&self, method: &str, path: &str) -> bool {
        self.method
            .as_ref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self
                .path_contains
                .as_ref()
                .is_none_or(|part| path.contains(part.as_str()))
    }
}

/// One entry of the schedule.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "RuleJson")]
pub struct Rule {
    /// Which calls it is for.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What goes wrong.
    pub fault: Fault,
    /// How often it strikes; 0 is for ever.
    pub times: u64,
    /// How many matching calls it lets pass first.
    pub after: u64,
}

impl Rule {
    /// A rule for every call: it strikes once, a rate limit for ever.
    pub fn new(fault: Fault) -> Self {
        let times = default_times(&fault);
        Rule {
            matches: Match::default(),
            fault,
            times,
            after: 0,
        }
    }

    /// Narrows it to one HTTP method.
    pub fn method(mut self, method: &str) -> Self {
        self.matches.method = Some(method.to_owned());
        self
    }

    /// Narrows it to paths that contain this.
    pub fn path_contains(mut self, part: &str) -> Self {
        self.matches.path_contains = Some(part.to_owned());
        self
    }

    /// Strikes this often; 0 is for ever.
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Lets this many matching calls pass first.
    pub fn after(mut self, after: u64) -> Self {
        self.after = after;
        self
    }
}

/// A rate limit that ended with its first refusal would be none.
fn default_times(fault: &Fault) -> u64 {
    if matches!(fault, Fault::RateLimit { .. }) {
        0
    } else {
        1
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleJson {
    #[serde(default, rename = "match")]
    matches: Option<Match>,
    fault: Value,
    // Null says "for ever", a missing key the default: serde alone would read both as None.
    #[serde(default, deserialize_with = "present")]
    times: Option<Option<u64>>,
    #[serde(default)]
    after: u64,
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<u64>>, D::Error> {
    Option::<u64>::deserialize(from).map(Some)
}

impl TryFrom<RuleJson> for Rule {
    type Error = String;

    fn try_from(json: RuleJson) -> Result<Self, String> {
        let fault = Fault::from_json(json.fault)?;
        let times = match json.times {
            None => default_times(&fault),
            Some(times) => times.unwrap_or(0),
        };
        Ok(Rule {
            matches: json.matches.unwrap_or_default(),
            fault,
            times,
            after: json.after,
        })
    }
}

/// A fault that has its turn on a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Strike {
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
pub(super) struct Schedule {
    entries: Mutex<Vec<Entry>>,
}

impl Schedule {
    pub(super) fn append(&self, rules: impl IntoIterator<Item = Rule>) {
        self.entries().extend(rules.into_iter().map(|rule| Entry {
            rule,
            skipped: 0,
            struck: 0,
            passed: VecDeque::new(),
        }));
    }

    pub(super) fn clear(&self) {
        self.entries().clear();
    }

    /// The rules with how often each has struck.
    pub(super) fn show(&self) -> Vec<Value> {
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
    pub(super) fn strikes(&self, method: &str, path: &str) -> Vec<Strike> {
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
    pub(super) fn page_fault(&self, method: &str, path: &str) -> Option<PageFault> {
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

    fn rule(json: Value) -> Result<Rule, String> {
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn all_spellings_of_a_fault_read_alike() {
        let expected = Fault::DelayMs { value: 20 };
        for json in [
            json!({"fault": {"kind": "delay_ms", "value": 20}}),
            json!({"fault": {"delay_ms": 20}}),
            json!({"fault": {"delay_ms": {"value": 20}}}),
        ] {
            assert_eq!(rule(json).unwrap().fault, expected);
        }
        assert_eq!(
            rule(json!({"fault": "page_loop"})).unwrap().fault,
            Fault::PageLoop
        );
        assert_eq!(
            rule(json!({"fault": "oversized"})).unwrap().fault,
            Fault::Oversized { mib: 100 }
        );
    }

    #[test]
    fn times_is_one_unless_it_says_otherwise() {
        assert_eq!(rule(json!({"fault": "malformed"})).unwrap().times, 1);
        assert_eq!(
            rule(json!({"fault": "malformed", "times": null}))
                .unwrap()
                .times,
            0
        );
        assert_eq!(rule(json!({"fault": {"rate_limit": 3}})).unwrap().times, 0);
    }

    #[test]
    fn nonsense_is_refused() {
        for json in [
            json!({"fault": "explode"}),
            json!({"fault": {"kind": "status"}}),
            json!({"fault": {"kind": "status", "code": 99}}),
            json!({"fault": {"kind": "status", "code": 500, "colour": "red"}}),
            json!({"fault": "malformed", "matches": {}}),
            json!({"fault": "malformed", "match": {"path": "/x"}}),
        ] {
            assert!(rule(json.clone()).is_err(), "accepted {json}");
        }
    }

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
