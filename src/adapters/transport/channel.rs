//! One connection's way out.

mod attempt;
mod forward;

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;
use url::Origin;
use uuid::Uuid;

use super::client::Shared;
use super::lane::Lane;
use super::redact::Redactor;
use super::retry::{self, Failure};
use super::{Answer, BreakerState, Quota, Request};
use crate::adapters::contract::{AdapterError, Call, Permits, Reading};
use attempt::{so_far, status_of};

/// Tells a good answer from a bad one, the vendor's way: never by its status alone.
pub trait Judge: Send + Sync {
    /// `Ok` when the answer is what was asked for.
    ///
    /// # Errors
    /// What the vendor means. Transport overrides the side effect where it knows better (nothing was sent).
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError>;

    /// How many calls the vendor says are left, whatever else the answer says. Most vendors announce nothing.
    fn quota(&self, answer: &Answer) -> Option<Quota> {
        let _ = answer;
        None
    }

    /// Whether only the body tells a good answer from a bad one, because the vendor reports errors inside a 200. Then an
    /// answer that is passed through is read and judged whole before its first byte is handed on.
    fn judges_bodies(&self) -> bool {
        false
    }
}

/// One connection's way out: its own breaker, concurrency limit and pace. Cheap to clone.
#[derive(Clone)]
pub struct Channel {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
    permits: Option<Arc<dyn Permits>>,
    vendor: &'static str,
    connection_id: Uuid,
    origin: Origin,
    judge: Arc<dyn Judge>,
    secrets: Arc<[SecretString]>,
}

impl Channel {
    #[expect(clippy::too_many_arguments, reason = "called once, by the transport")]
    pub(super) fn new(
        shared: Arc<Shared>,
        lane: Arc<Lane>,
        permits: Option<Arc<dyn Permits>>,
        vendor: &'static str,
        connection_id: Uuid,
        origin: Origin,
        judge: Arc<dyn Judge>,
        secrets: Vec<SecretString>,
    ) -> Self {
        Self {
            shared,
            lane,
            permits,
            vendor,
            connection_id,
            origin,
            judge,
            secrets: secrets.into(),
        }
    }

    /// Sends a request that changes nothing; retried while its trouble is passing and the call's deadline allows.
    ///
    /// # Errors
    /// What the judge says, or what the network says. A read that fails after the operation's write was sent has an unknown
    /// effect: it proves nothing about the write.
    pub async fn read(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        let config = &self.shared.config.retry;
        let attempt = || self.whole(call, &request, None);
        let outcome = retry::read(config, self.vendor, call.deadline, attempt)
            .await
            .map_err(Failure::into_error);
        if let Some(sketch) = call.sketch() {
            sketch.note(Reading {
                method: request.method.to_string(),
                url: self.redactor(call).whole(request.url.as_str()),
                status: match &outcome {
                    Ok(answer) => Some(answer.status),
                    Err(error) => status_of(error),
                },
            });
        }
        outcome.map_err(|error| self.redactor(call).error(error).with_effect(so_far(call)))
    }

    /// Sends a request once that is no operation and yet not harmless to repeat: one that uses up what it shows, such as a
    /// one-time token. Whether it is repeated is its sender's to decide.
    ///
    /// # Errors
    /// What the judge says, or what the network says.
    pub async fn once(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        self.whole(call, &request, None)
            .await
            .map_err(|failure| self.redactor(call).error(failure.into_error()))
    }

    /// Sends the one mutating request of an operation, once. `before` is the state seen before it and is recorded with the
    /// mark. In a call that only plans the request is kept instead, signed and redacted, where it would be marked.
    ///
    /// # Errors
    /// What the judge says, or what the network says, with the side effect that is certain.
    pub async fn write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Answer, AdapterError> {
        self.whole(call, &request, Some(before))
            .await
            .map_err(|failure| self.redactor(call).error(failure.into_error()))
    }

    /// An error that an adapter made of the words of a good answer, without the secrets of the connection and of the call.
    pub fn redacted(&self, call: &Call, error: AdapterError) -> AdapterError {
        self.redactor(call).error(error)
    }

    /// What the connection's breaker does with calls now.
    pub fn breaker_state(&self) -> BreakerState {
        self.lane.breaker.state()
    }

    fn redactor(&self, call: &Call) -> Redactor {
        Redactor::new(self.secrets.iter().chain(call.secrets.iter()))
    }
}
