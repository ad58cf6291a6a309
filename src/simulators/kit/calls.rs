//! The calls that came in: the log of them, and [`Call`], by which a handler knows the one that it answers.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    extract::{FromRequestParts, MatchedPath},
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{PageFault, simulator::Simulator, times};

/// A call as it came.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Position among all calls, from 1.
    pub seq: u64,
    /// When it had come in whole.
    #[serde(serialize_with = "times::millis")]
    pub at: DateTime<Utc>,
    /// HTTP method.
    pub method: String,
    /// Path as it was sent, percent-encoding and all.
    pub path: String,
    /// Query as it was sent, without the question mark; empty when there was none.
    pub query: String,
    /// Headers by lower-case name; repeated ones joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// Body as text.
    pub body: String,
    /// Only the beginning of the body was kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Status of the answer; none while there is none and when the connection was cut.
    pub status: Option<u16>,
}

// A long run against a simulator must not fill the memory: the oldest calls go first.
const MAX_CALLS: usize = 200_000;
const MAX_BODY_BYTES: usize = 64 * 1024;
const MAX_ALL_BODIES_BYTES: usize = 256 * 1024 * 1024;

#[derive(Default)]
pub(super) struct CallLog {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    calls: VecDeque<Received>,
    last_seq: u64,
    body_bytes: usize,
}

impl CallLog {
    /// Notes a call and gives its number.
    pub(super) fn receive(&self, parts: &Parts, body: &[u8]) -> u64 {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers
                .entry(name.as_str().to_owned())
                .and_modify(|all| *all = format!("{all}, {value}"))
                .or_insert_with(|| value.into_owned());
        }
        let kept = &body[..body.len().min(MAX_BODY_BYTES)];
        let mut received = Received {
            seq: 0,
            at: Utc::now(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: String::from_utf8_lossy(kept).into_owned(),
            truncated: kept.len() < body.len(),
            status: None,
        };

        let mut inner = self.lock();
        inner.last_seq += 1;
        received.seq = inner.last_seq;
        inner.body_bytes += received.body.len();
        inner.calls.push_back(received);
        while inner.calls.len() > MAX_CALLS || inner.body_bytes > MAX_ALL_BODIES_BYTES {
            let Some(oldest) = inner.calls.pop_front() else {
                break;
            };
            inner.body_bytes -= oldest.body.len();
        }
        inner.last_seq
    }

    /// Notes the status that a call was answered with.
    pub(super) fn answer(&self, seq: u64, status: StatusCode) {
        let mut inner = self.lock();
        // The numbers in the log have no gaps, so the place follows from the first.
        let first = inner.calls.front().map_or(0, |call| call.seq);
        let place = seq
            .checked_sub(first)
            .and_then(|place| usize::try_from(place).ok());
        if let Some(call) = place.and_then(|place| inner.calls.get_mut(place)) {
            call.status = Some(status.as_u16());
        }
    }

    pub(super) fn all(&self) -> Vec<Received> {
        self.lock().calls.iter().cloned().collect()
    }

    /// Forgets the calls, not the count: an answer still under way must not land on a later call.
    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        inner.calls.clear();
        inner.body_bytes = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// The call that a handler answers; take it as an argument of every handler that lists or changes something.
///
/// [`World::change`](super::World::change) names the effects after it.
#[derive(Clone)]
pub struct Call {
    /// Method and path template, such as `POST /1/accounts`.
    pub(super) operation: String,
    ticket: Ticket,
}

impl Call {
    /// Asked once by listing code, just before it answers: what to do wrong on this page, if anything.
    pub fn page_fault(&self) -> Option<PageFault> {
        self.ticket
            .simulator
            .schedule
            .page_fault(&self.ticket.method, &self.ticket.path)
    }
}

/// Put on every request before it reaches the vendor's router.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) simulator: Arc<Simulator>,
    pub(super) method: String,
    pub(super) path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Call {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        const NOT_HERE: (StatusCode, &str) = (
            StatusCode::INTERNAL_SERVER_ERROR,
            "a Call is known only inside the kit's server",
        );
        let ticket = parts.extensions.get::<Ticket>().cloned().ok_or(NOT_HERE)?;
        let template = parts
            .extensions
            .get::<MatchedPath>()
            .map_or(ticket.path.as_str(), MatchedPath::as_str);
        Ok(Call {
            operation: format!("{} {template}", parts.method),
            ticket,
        })
    }
}
