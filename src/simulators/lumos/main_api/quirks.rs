//! What the contract leaves open of the main API, as switches.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::front;
use crate::simulators::kit::Options;

/// How the main API behaves where the contract leaves it open. By switch, with the default first:
///
/// - `main_token`: whose token [`connection`](crate::simulators::kit::Vendor::connection) gives: an `admin`'s, a `member`'s,
///   who may only see himself, or a `revoked` one; all three are always known;
/// - `main_missing_token`: a call without a token is a `403` or a `401` (contract §A3);
/// - `main_pages`: a page's `pages` is `given`, `missing` or `null` (contract §A2);
/// - `main_total`: a page's `total` is `given` or `null`;
/// - `main_times`: `mixed`, where those of accounts, requests and logs have no zone and the others have; `zoned`; `naive`;
/// - `main_budget`: how many calls a window takes before it answers 429, a million;
/// - `main_window_ms`: how long a window is, a minute.
#[derive(Debug)]
pub(in crate::simulators::lumos) struct Quirks {
    pub(super) token: &'static str,
    pub(super) missing_token_is_401: bool,
    pub(super) pages: Shown,
    pub(super) total_is_null: bool,
    times: &'static str,
    pub(super) budget: u64,
    pub(super) window: Duration,
}

/// How something optional is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Given,
    Missing,
    Null,
}

impl Quirks {
    pub(in crate::simulators::lumos) const NAMES: &[&str] = &[
        "main_token",
        "main_missing_token",
        "main_pages",
        "main_total",
        "main_times",
        "main_budget",
        "main_window_ms",
    ];

    pub(in crate::simulators::lumos) fn read(options: &Options) -> anyhow::Result<Self> {
        let word = |name, words| options.word(name, words);
        let window = options.quirk::<u32>("main_window_ms")?.unwrap_or(60_000);
        Ok(Quirks {
            token: word("main_token", &["admin", "member", "revoked"])?,
            missing_token_is_401: word("main_missing_token", &["403", "401"])? == "401",
            pages: match word("main_pages", &["given", "missing", "null"])? {
                "missing" => Shown::Missing,
                "null" => Shown::Null,
                _ => Shown::Given,
            },
            total_is_null: word("main_total", &["given", "null"])? == "null",
            times: word("main_times", &["mixed", "zoned", "naive"])?,
            budget: options.quirk("main_budget")?.unwrap_or(1_000_000),
            window: Duration::milliseconds(window.into()),
        })
    }

    /// How the API is to be called.
    pub(in crate::simulators::lumos) fn connection(&self, url: &str) -> Value {
        json!({
            "settings": { "base_url": url },
            "credentials": { "kind": "api_token", "token": front::token(self.token) }
        })
    }

    /// A time of an account, a request or a log, such as `2026-01-04T09:00:00` (contract §A9).
    pub(super) fn account_time(&self, at: DateTime<Utc>) -> String {
        time(at, self.times != "zoned")
    }

    /// Any other time.
    pub(super) fn time(&self, at: DateTime<Utc>) -> String {
        time(at, self.times == "naive")
    }
}

fn time(at: DateTime<Utc>, naive: bool) -> String {
    if naive {
        return at.format("%Y-%m-%dT%H:%M:%S").to_string();
    }
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
