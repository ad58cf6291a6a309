//! Metrics of outgoing calls. Labels are bounded: vendor and outcome, never ids, hosts or paths.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use crate::adapters::contract::{AdapterError, Trouble};

/// A call that went out, and how long it took.
pub(super) fn request<T>(vendor: &'static str, outcome: &Result<T, AdapterError>, took: Duration) {
    let outcome = match outcome {
        Ok(_) => "ok",
        Err(error) => trouble(error.trouble),
    };
    counter!("upstream_requests_total", "vendor" => vendor, "outcome" => outcome).increment(1);
    histogram!("upstream_request_duration_seconds", "vendor" => vendor).record(took);
}

/// A call whose answer its reader did not want to the end.
pub(super) fn abandoned(vendor: &'static str, took: Duration) {
    counter!("upstream_requests_total", "vendor" => vendor, "outcome" => "abandoned").increment(1);
    histogram!("upstream_request_duration_seconds", "vendor" => vendor).record(took);
}

/// A call that the breaker refused.
pub(super) fn refused_by_breaker(vendor: &'static str) {
    counter!("upstream_requests_total", "vendor" => vendor, "outcome" => "breaker_open")
        .increment(1);
}

/// A read that is about to be repeated.
pub(super) fn retry(vendor: &'static str) {
    counter!("upstream_retries_total", "vendor" => vendor).increment(1);
}

/// A call that found none left of what the vendor allows: it `waited` for the reset, or was `refused`.
pub(super) fn paced(vendor: &'static str, outcome: &'static str) {
    counter!("upstream_paced_total", "vendor" => vendor, "outcome" => outcome).increment(1);
}

/// A connection's breaker left the closed state.
pub(super) fn breaker_opened(vendor: &'static str) {
    counter!("upstream_breaker_openings_total", "vendor" => vendor).increment(1);
    gauge!("upstream_breakers_open", "vendor" => vendor).increment(1);
}

/// A connection's breaker is closed again, or gone.
pub(super) fn breaker_closed(vendor: &'static str) {
    gauge!("upstream_breakers_open", "vendor" => vendor).decrement(1);
}

const fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Invalid => "invalid",
        Trouble::Unsupported => "unsupported",
        Trouble::Rejected => "rejected",
        Trouble::Conflict => "conflict",
        Trouble::NotFound => "not_found",
        Trouble::AuthFailed => "auth_failed",
        Trouble::RateLimited => "rate_limited",
        Trouble::Unavailable => "unavailable",
        Trouble::Timeout => "timeout",
        Trouble::Malformed => "malformed",
        Trouble::Fenced => "fenced",
    }
}
