//! One connection's way out.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;
use url::Origin;
use uuid::Uuid;

use super::breaker::Verdict;
use super::client::Shared;
use super::deadline::{Elapsed, until};
use super::exchange::{exchange, unreachable};
use super::lane::Lane;
use super::redact::Redactor;
use super::retry::{self, Failure};
use super::{Answer, BreakerState, Quota, Request, meter};
use crate::adapters::contract::{
    AdapterError, Call, Permits, Reading, SideEffect, Trouble, Upstream,
};

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
        let attempt = || self.attempt(call, &request, None);
        let outcome = retry::read(config, self.vendor, call.deadline, attempt)
            .await
            .map_err(Failure::into_error);
        if let Some(sketch) = call.sketch() {
            sketch.note(Reading {
                method: request.method.to_string(),
                url: self.redactor(call).whole(request.url.as_str()),
                status: answered(&outcome),
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
        self.attempt(call, &request, None)
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
        self.attempt(call, &request, Some(before))
            .await
            .map_err(|failure| self.redactor(call).error(failure.into_error()))
    }

    /// What the connection's breaker does with calls now.
    pub fn breaker_state(&self) -> BreakerState {
        self.lane.breaker.state()
    }

    /// One attempt; `before` is there for a write. Everything that waits or can be refused on our side comes before the mark.
    async fn attempt(
        &self,
        call: &Call,
        request: &Request,
        before: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let ours = |error: AdapterError| Failure::Ours(error.with_effect(so_far(call)));
        if Instant::now() >= call.deadline {
            return Err(ours(AdapterError::new(
                Trouble::Timeout,
                "the time for this call was over before anything was sent",
            )));
        }
        // Before a place is taken: who waits for the vendor's reset holds up nobody.
        let pace = &self.lane.pace;
        pace.turn(self.vendor, call.deadline).await.map_err(ours)?;
        let _place = self.leave(call).await.map_err(ours)?;
        let pass = self.lane.breaker.admit().map_err(|wait| {
            meter::refused_by_breaker(self.vendor);
            ours(resting(wait))
        })?;
        let request = self.signed(request).map_err(ours)?;
        if let Err(refusal) = self.shared.policy.check_url(&request.url) {
            tracing::warn!(connection.id = %self.connection_id, "Refused to call: {refusal}");
            let outcome = Err(unreachable(&request.url).with_effect(so_far(call)));
            pass.record(Verdict::Failing);
            meter::request(self.vendor, &outcome, Duration::ZERO);
            return outcome.map_err(Failure::Theirs);
        }
        // From before the mark, so that the request is over within an attempt's time of when the ledger says it was sent,
        // even if the process is stopped right after the mark.
        let started = Instant::now();
        if let Some(before) = before {
            if let Some(sketch) = call.sketch() {
                sketch.keep(self.redactor(call).request(&request));
                return Err(Failure::Ours(only_planned()));
            }
            self.mark(call, before).await.map_err(Failure::Ours)?;
        }
        let (outcome, status) = self.send(call, request, started).await;
        pass.record(verdict(&outcome, status));
        meter::request(self.vendor, &outcome, started.elapsed());
        outcome.map_err(Failure::Theirs)
    }

    /// Waits for leave, where the connection needs it, and for a place. Who waits for leave holds no place; leave that ended
    /// while a place was waited for is asked for anew.
    async fn leave(&self, call: &Call) -> Result<SemaphorePermit<'_>, AdapterError> {
        let Some(permits) = &self.permits else {
            return self.place(call).await;
        };
        loop {
            let permit = permits.permit(call.urgency, call.deadline).await?;
            let place = self.place(call).await?;
            if Instant::now() < permit.until {
                return Ok(place);
            }
        }
    }

    /// Waits for one of the connection's places.
    async fn place(&self, call: &Call) -> Result<SemaphorePermit<'_>, AdapterError> {
        match until(call.deadline, self.lane.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            // It is never closed; were it, waiting would not help either.
            Ok(Err(_)) | Err(Elapsed) => Err(AdapterError::new(
                Trouble::Unavailable,
                "too many calls to this connection are under way, and none ended in time",
            )
            .after(Some(Duration::from_secs(1)))),
        }
    }

    /// The request with its credential, if it stays with the connection's own host.
    fn signed(&self, request: &Request) -> Result<Request, AdapterError> {
        let mut request = request.clone();
        // Looked at before the credential goes in and again after, for a signer may touch the URL.
        self.check_origin(&request)?;
        if let Some(sign) = request.sign.take() {
            sign.sign(&mut request)?;
            self.check_origin(&request)?;
        }
        Ok(request)
    }

    fn check_origin(&self, request: &Request) -> Result<(), AdapterError> {
        if request.url.origin() == self.origin {
            return Ok(());
        }
        Err(AdapterError::new(
            Trouble::Rejected,
            "the request would leave the connection's own host, so it was not sent",
        ))
    }

    /// Marks the operation as sent, and gives up when that took so long that the mark may be somebody else's by now.
    async fn mark(&self, call: &Call, before: &Value) -> Result<(), AdapterError> {
        let effect = so_far(call);
        let fenced = || {
            AdapterError::new(
                Trouble::Fenced,
                "the request was not sent: too much time passed after it was marked as sent",
            )
        };
        // Both clocks, for the steady one stands still while a machine is suspended.
        let (steady, wall) = (Instant::now(), SystemTime::now());
        let marked = match until(call.deadline, call.sent(before)).await {
            Ok(marked) => marked,
            Err(Elapsed) => Err(fenced()),
        };
        let took = steady
            .elapsed()
            .max(wall.elapsed().unwrap_or(Duration::ZERO));
        let in_time = if took <= self.shared.config.mark_window {
            Ok(())
        } else {
            tracing::warn!(
                connection.id = %self.connection_id,
                duration_ms = took.as_millis() as u64,
                "Did not send a marked request: the mark took too long"
            );
            Err(fenced())
        };
        marked
            .and(in_time)
            .map_err(|error| error.with_effect(effect))
    }

    /// The exchange itself, judged. The status is there if an answer began to come.
    async fn send(
        &self,
        call: &Call,
        request: Request,
        started: Instant,
    ) -> (Result<Answer, AdapterError>, Option<u16>) {
        let config = &self.shared.config;
        let end = call.deadline.min(started + config.attempt_timeout);
        let span = tracing::info_span!(
            "upstream_request",
            vendor = self.vendor,
            connection.id = %self.connection_id,
            method = %request.method,
            host = request.url.host_str().unwrap_or_default(),
            path = request.logged_path(),
        );
        let exchange = exchange(&self.shared.client, request, config.max_answer_bytes);
        let outcome = until(end, exchange.instrument(span.clone())).await;
        let _entered = span.enter();
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Elapsed) => Err(late(end - started)),
        };
        let outcome = outcome.and_then(|answer| self.judged(answer));
        let status = answered(&outcome);
        tracing::debug!(
            status,
            duration_ms = started.elapsed().as_millis() as u64,
            "Called {}",
            self.vendor
        );
        (outcome, status)
    }

    fn judged(&self, answer: Answer) -> Result<Answer, AdapterError> {
        if let Some(quota) = self.judge.quota(&answer) {
            self.lane.pace.learn(quota);
        }
        let Err(mut error) = self.judge.judge(&answer) else {
            return Ok(answer);
        };
        let said = error.upstream.get_or_insert_with(Upstream::default);
        said.status.get_or_insert(answer.status);
        if error.retry_after.is_none() && error.trouble.is_passing() {
            error.retry_after = retry::retry_after(&answer.headers);
        }
        // "Try later" from a server in trouble is no promise that it did nothing.
        if answer.status >= 500 && error.trouble.is_passing() {
            error.effect = SideEffect::Unknown;
        }
        Err(error)
    }

    fn redactor(&self, call: &Call) -> Redactor {
        Redactor::new(self.secrets.iter().chain(call.secrets.iter()))
    }
}

/// The status that the vendor answered with, if an answer began to come.
fn answered(outcome: &Result<Answer, AdapterError>) -> Option<u16> {
    match outcome {
        Ok(answer) => Some(answer.status),
        Err(error) => error.upstream.as_ref().and_then(|said| said.status),
    }
}

fn only_planned() -> AdapterError {
    AdapterError::new(Trouble::Fenced, "the request was planned and not sent")
}

/// What is certain when the attempt at hand sent nothing.
fn so_far(call: &Call) -> SideEffect {
    if call.is_sent() {
        SideEffect::Unknown
    } else {
        SideEffect::None
    }
}

fn resting(wait: Duration) -> AdapterError {
    AdapterError::new(
        Trouble::Unavailable,
        "the vendor failed several times in a row, so it is left alone for a moment",
    )
    .after(Some(wait))
}

fn late(after: Duration) -> AdapterError {
    let words = format!(
        "the vendor did not answer completely within {:.1} s",
        after.as_secs_f64()
    );
    AdapterError::new(Trouble::Timeout, words)
}

/// Whether the vendor works, which a refusal of this one request does not deny.
fn verdict(outcome: &Result<Answer, AdapterError>, status: Option<u16>) -> Verdict {
    let Err(error) = outcome else {
        return Verdict::Healthy;
    };
    let is_down = match error.trouble {
        Trouble::RateLimited | Trouble::Unavailable | Trouble::Timeout => true,
        Trouble::Invalid
        | Trouble::Unsupported
        | Trouble::Rejected
        | Trouble::Conflict
        | Trouble::NotFound
        | Trouble::AuthFailed
        | Trouble::Malformed
        | Trouble::Fenced => false,
    };
    let is_refusal = status.is_some_and(|status| (400..500).contains(&status) && status != 429);
    if is_down && !is_refusal {
        Verdict::Failing
    } else {
        Verdict::Healthy
    }
}
