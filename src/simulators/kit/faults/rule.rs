//! Which calls a fault strikes, and how often.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;

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
    pub(super) fn fits(&self, method: &str, path: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
}
