//! Requests whose answers are passed through as they come.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;
use tokio::time::Instant;

use super::Channel;
use super::attempt::{Held, Judged, late, so_far, status_of, verdict};
use crate::adapters::contract::{AdapterError, Call, Forwarded, SideEffect, Trouble, Upstream};
use crate::adapters::transport::breaker::Verdict;
use crate::adapters::transport::deadline::{Elapsed, until};
use crate::adapters::transport::exchange::{Extent, broken, too_large};
use crate::adapters::transport::redact::Replacing;
use crate::adapters::transport::retry::{self, Failure};
use crate::adapters::transport::{Request, StreamConfig, meter};

impl Channel {
    /// Sends a request that changes nothing and hands its answer on; retried as any read until the first byte was handed
    /// on. In a call that only plans, the request is what the plan is for: it is kept and not sent.
    ///
    /// # Errors
    /// As [`Channel::read`].
    pub async fn forward_read(
        &self,
        call: &Call,
        request: Request,
    ) -> Result<Forwarded, AdapterError> {
        let config = &self.shared.config.retry;
        let attempt = || self.attempt(call, &request, None, true, self.extent());
        let outcome = retry::read(config, self.vendor, call.deadline, attempt).await;
        self.forwarded(call, outcome)
            .map_err(|error| error.with_effect(so_far(call)))
    }

    /// Sends the one mutating request of an operation, once, and hands its answer on. What goes wrong after the answer
    /// began changes nothing about its success.
    ///
    /// # Errors
    /// As [`Channel::write`].
    pub async fn forward_write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let outcome = self
            .attempt(call, &request, Some(before), true, self.extent())
            .await;
        self.forwarded(call, outcome)
    }

    fn extent(&self) -> Extent {
        let config = &self.shared.config;
        Extent {
            whole: config.max_answer_bytes,
            start: (!self.judge.judges_bodies()).then_some(config.stream.judged_bytes),
        }
    }

    fn forwarded(
        &self,
        call: &Call,
        outcome: Result<Judged, Failure>,
    ) -> Result<Forwarded, AdapterError> {
        let Judged { answer, rest, held } =
            outcome.map_err(|failure| self.redactor(call).error(failure.into_error()))?;
        let said = || Upstream {
            status: Some(answer.status),
            ..Upstream::default()
        };
        if !(200..300).contains(&answer.status) {
            let words = format!("the vendor answered with {}", answer.status);
            return Err(AdapterError::new(Trouble::Rejected, words)
                .with_effect(SideEffect::Unknown)
                .saying(said()));
        }
        if answer
            .header(CONTENT_ENCODING.as_str())
            .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            let words = "the vendor encoded its answer, which it was not asked to do";
            return Err(AdapterError::new(Trouble::Malformed, words).saying(said()));
        }
        let content_type = answer.header(CONTENT_TYPE.as_str()).map(str::to_owned);
        let replacing = Replacing::new(self.secrets.iter().chain(&held.signed_in));
        let body = match rest {
            None => whole(replacing, answer.body),
            Some(response) => {
                let taken = answer.body.len();
                let rest = Rest {
                    vendor: self.vendor,
                    config: self.shared.config.stream,
                    response,
                    taken,
                    held,
                };
                rest.body(answer.body, replacing)
            }
        };
        Ok(Forwarded {
            status: answer.status,
            content_type,
            body,
        })
    }
}

type Body = BoxStream<'static, Result<Bytes, AdapterError>>;

/// A body that is all there.
fn whole(mut replacing: Replacing, body: Bytes) -> Body {
    let pieces = [replacing.push(body), replacing.end()];
    stream::iter(pieces.into_iter().filter(|piece| !piece.is_empty()).map(Ok)).boxed()
}

/// What is still to come of an answer. Holds the call's place until it has ended or is dropped.
struct Rest {
    vendor: &'static str,
    config: StreamConfig,
    response: Response,
    taken: usize,
    held: Held,
}

impl Rest {
    /// The body from its beginning, which was read already, without the secrets that `replacing` knows.
    fn body(self, beginning: Bytes, mut replacing: Replacing) -> Body {
        let first = replacing.push(beginning);
        let rest = stream::unfold(Some((self, replacing)), |going| async {
            let (mut rest, mut replacing) = going?;
            match rest.next().await {
                Ok(Some(chunk)) => {
                    let clean = replacing.push(chunk);
                    Some((Ok(clean), Some((rest, replacing))))
                }
                Ok(None) => {
                    rest.settle(&Ok(()));
                    Some((Ok(replacing.end()), None))
                }
                Err(error) => {
                    let error = error.saying(Upstream {
                        status: Some(rest.response.status().as_u16()),
                        ..Upstream::default()
                    });
                    let outcome = Err(error);
                    rest.settle(&outcome);
                    Some((outcome.map(|()| Bytes::new()), None))
                }
            }
        });
        stream::once(async { Ok(first) })
            .chain(rest)
            .filter(|piece| {
                let is_something = piece.as_ref().map_or(true, |bytes| !bytes.is_empty());
                async move { is_something }
            })
            .boxed()
    }

    /// The next bytes; `None` at the proper end.
    async fn next(&mut self) -> Result<Option<Bytes>, AdapterError> {
        let end = self.held.started + self.config.longest;
        let idle = Instant::now() + self.config.idle_timeout;
        let chunk = match until(end.min(idle), self.response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| broken(&error))?,
            Err(Elapsed) if idle < end => return Err(stalled(self.config.idle_timeout)),
            Err(Elapsed) => return Err(late(self.config.longest)),
        };
        self.taken += chunk.as_ref().map_or(0, Bytes::len);
        if self.taken > self.config.max_bytes {
            return Err(too_large(self.config.max_bytes));
        }
        Ok(chunk)
    }

    /// Tells the breaker and the metrics how it ended, once.
    fn settle(&mut self, outcome: &Result<(), AdapterError>) {
        let Some(pass) = self.held.pass.take() else {
            return;
        };
        // The status was a good one, so that an error here is never a refusal.
        pass.record(match outcome {
            Ok(()) => Verdict::Healthy,
            Err(error) => verdict::<()>(&Err(error.clone()), status_of(error)),
        });
        meter::request(self.vendor, outcome, self.held.started.elapsed());
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        // Whoever read it went away, which says nothing about the vendor.
        if self.held.pass.take().is_some() {
            meter::abandoned(self.vendor, self.held.started.elapsed());
        }
    }
}

fn stalled(pause: Duration) -> AdapterError {
    let words = format!(
        "the vendor paused for {:.1} s within its answer, and was not waited for",
        pause.as_secs_f64()
    );
    AdapterError::new(Trouble::Timeout, words)
}
