//! What a call that only plans comes across: the readings it makes, and the mutating request that it does not send.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// A mutating request as it would leave, for show: its secrets are redacted.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRequest {
    /// HTTP method.
    pub method: String,
    /// Full URL.
    pub url: String,
    /// Headers by name, those of the credential included.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON as such, anything else as text, null for none.
    pub body: Value,
}

/// A reading that was really made, for show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// HTTP method.
    pub method: String,
    /// Full URL, its secrets redacted.
    pub url: String,
    /// HTTP status of the answer; `None` when none came.
    pub status: Option<u16>,
}

/// Where a planning call leaves what it comes across.
#[derive(Debug, Default)]
pub struct Sketch(Mutex<Sketched>);

/// What a planning call came across.
#[derive(Clone, Debug, Default)]
pub struct Sketched {
    /// The readings, in order.
    pub readings: Vec<Reading>,
    /// The first mutating request; `None` when the act came to none.
    pub request: Option<PlannedRequest>,
    /// The state that would be recorded with its mark.
    pub before: Value,
}

impl Sketch {
    /// Notes a reading.
    pub fn note(&self, reading: Reading) {
        self.lock().readings.push(reading);
    }

    /// Keeps the first mutating request, and the state that would be recorded with its mark. What would come after it depends on
    /// its answer, which nobody knows.
    pub fn keep(&self, request: PlannedRequest, before: &Value) {
        let mut kept = self.lock();
        if kept.request.is_none() {
            kept.request = Some(request);
            kept.before = before.clone();
        }
    }

    /// Everything so far.
    pub fn take(&self) -> Sketched {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sketched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
