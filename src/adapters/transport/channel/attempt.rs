//! One attempt: what is waited for, refused, signed and marked before it leaves, and what is made of its answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tracing::Instrument;

use super::Channel;
use crate::adapters::contract::{AdapterError, Call, SideEffect, Trouble, Upstream};
use crate::adapters::transport::breaker::{Pass, Verdict};
use crate::adapters::transport::deadline::{Elapsed, until};
use crate::adapters::transport::exchange::{Arrived, Extent, exchange, unreachable};
use crate::adapters::transport::retry::{self, Failure};
use crate::adapters::transport::{Answer, Request, clock, meter};

/// A judged answer with what its sending holds as long as the rest of the body is still to come.
pub(super) struct Judged {
    pub(super) answer: Answer,
    pub(super) rest: Option<reqwest::Response>,
    pub(super) held: Held,
}

/// What a call holds until its answer has ended: its place, the breaker's leave, its time. With them the secrets that its
/// signer put in, for a vendor may show what it was sent.
pub(super) struct Held {
    _place: OwnedSemaphorePermit,
    pub(super) pass: Option<Pass>,
    pub(super) started: Instant,
    pub(super) signed_in: Vec<SecretString>,
}

impl Channel {
    /// One attempt whose answer is read to its end.
    pub(super) async fn whole(
        &self,
        call: &Call,
        request: &Request,
        before: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let extent = Extent {
            whole: self.shared.config.max_answer_bytes,
            start: None,
        };
        let is_act = before.is_some();
        let judged = self.attempt(call, request, before, is_act, extent).await?;
        Ok(judged.answer)
    }

    /// One attempt; `before` is there for a write. Everything that waits or can be refused on our side comes before the
    /// mark. A call that only plans keeps the request where it would be marked, if it `is_act`: what the call is for.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        request: &Request,
        before: Option<&Value>,
        is_act: bool,
        extent: Extent,
    ) -> Result<Judged, Failure> {
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
        let place = self.leave(call).await.map_err(ours)?;
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
        if is_act && let Some(sketch) = call.sketch() {
            let before = before.unwrap_or(&Value::Null);
            sketch.keep(self.redactor(call).request(&request), before);
            return Err(Failure::Ours(only_planned()));
        }
        if let Some(before) = before {
            self.mark(call, before).await.map_err(Failure::Ours)?;
        }
        let mut held = Held {
            _place: place,
            pass: None,
            started,
            signed_in: sensitive(&request.headers),
        };
        let (outcome, status) = self.send(call, request, started, extent).await;
        match outcome {
            Ok((answer, rest @ Some(_))) => {
                held.pass = Some(pass.answered());
                Ok(Judged { answer, rest, held })
            }
            outcome => {
                pass.record(verdict(&outcome, status));
                meter::request(self.vendor, &outcome, started.elapsed());
                let (answer, rest) = outcome.map_err(Failure::Theirs)?;
                Ok(Judged { answer, rest, held })
            }
        }
    }

    /// Waits for leave, where the connection needs it, and for a place. Who waits for leave holds no place; leave that ended
    /// while a place was waited for is asked for anew.
    async fn leave(&self, call: &Call) -> Result<OwnedSemaphorePermit, AdapterError> {
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
    async fn place(&self, call: &Call) -> Result<OwnedSemaphorePermit, AdapterError> {
        let places = Arc::clone(&self.lane.places);
        match until(call.deadline, places.acquire_owned()).await {
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
        extent: Extent,
    ) -> (Result<Arrived, AdapterError>, Option<u16>) {
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
        let exchange = exchange(&self.shared.client, request, extent);
        let outcome = until(end, exchange.instrument(span.clone())).await;
        let _entered = span.enter();
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(Elapsed) => Err(late(end - started)),
        };
        let outcome = outcome.and_then(|arrived| self.judged(arrived));
        let status = match &outcome {
            Ok((answer, _)) => Some(answer.status),
            Err(error) => status_of(error),
        };
        tracing::debug!(
            status,
            duration_ms = started.elapsed().as_millis() as u64,
            "Called {}",
            self.vendor
        );
        (outcome, status)
    }

    /// Judges what arrived. Only good answers are not read to their end, and half a body would tell the judge nothing.
    fn judged(&self, (answer, rest): Arrived) -> Result<Arrived, AdapterError> {
        if let Some(quota) = self.judge.quota(&answer) {
            self.lane
                .pace
                .learn(quota, clock::until(quota.resets_at, &answer.headers));
        }
        if rest.is_some() {
            return Ok((answer, rest));
        }
        let Err(mut error) = self.judge.judge(&answer) else {
            return Ok((answer, rest));
        };
        let said = error.upstream.get_or_insert_with(Upstream::default);
        said.status.get_or_insert(answer.status);
        if error.retry_after.is_none() && error.trouble.is_passing() {
            error.retry_after = retry::retry_after(&answer.headers);
        }
        if error.trouble == Trouble::AuthFailed
            && let Some(words) = clock::difference(&answer.headers)
        {
            error.message = format!("{}. Mind the clock: {words}", error.message);
        }
        // "Try later" from a server in trouble is no promise that it did nothing.
        if answer.status >= 500 && error.trouble.is_passing() {
            error.effect = SideEffect::Unknown;
        }
        Err(error)
    }
}

/// The status that the vendor answered with, if an answer began to come.
pub(super) fn status_of(error: &AdapterError) -> Option<u16> {
    error.upstream.as_ref().and_then(|said| said.status)
}

/// The values of headers that are marked as secret, without the scheme before them.
fn sensitive(headers: &HeaderMap) -> Vec<SecretString> {
    headers
        .values()
        .filter(|value| value.is_sensitive())
        .filter_map(|value| value.to_str().ok())
        .map(|text| SecretString::from(text.rsplit(' ').next().unwrap_or(text)))
        .collect()
}

fn only_planned() -> AdapterError {
    AdapterError::new(Trouble::Fenced, "the request was planned and not sent")
}

/// What is certain when the attempt at hand sent nothing.
pub(super) fn so_far(call: &Call) -> SideEffect {
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

pub(super) fn late(after: Duration) -> AdapterError {
    let words = format!(
        "the vendor did not answer completely within {:.1} s",
        after.as_secs_f64()
    );
    AdapterError::new(Trouble::Timeout, words)
}

/// Whether the vendor works, which a refusal of this one request does not deny.
pub(super) fn verdict<T>(outcome: &Result<T, AdapterError>, status: Option<u16>) -> Verdict {
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
