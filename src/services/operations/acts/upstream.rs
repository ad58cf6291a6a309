//! A documented operation of the vendor's, sent as it is. What it does at the vendor only the vendor knows, so that no reading
//! proves it: it is repeated where that is as good as once, and else left to a person.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::{Value, json};
use tokio::time::timeout_at;

use super::{Deed, Done, Left, Look, no_slot};
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Trouble};
use crate::domain::Effect;
use crate::error::Result;
use crate::services::catalogue;
use crate::services::connected::Connected;
use crate::services::operations::Payload;

/// Longer answers are handed on and not kept.
const KEPT_BYTES: usize = 64 * 1024;

/// A request to be passed through.
pub(super) struct UpstreamDeed(Forward);

/// The vendor's answer: kept for repetitions, or only handed on.
pub(in super::super) struct Answered {
    /// HTTP status.
    pub(in super::super) status: u16,
    /// `Content-Type`, where the vendor names one.
    pub(in super::super) content_type: Option<String>,
    /// The whole body, where it is short and can hold no secret.
    pub(in super::super) kept: Option<Bytes>,
    /// The answer as it goes to whoever waits for it, where it is not kept.
    passing: Mutex<Option<Forwarded>>,
}

impl UpstreamDeed {
    /// From the stored form; `None` when this connection knows no such operation.
    pub(super) fn open(
        at: &Connected,
        payload: Payload,
        body: Option<&SecretSlice<u8>>,
    ) -> Option<Self> {
        let Payload::Upstream {
            api,
            operation,
            segments,
            query,
            accept,
            content_type,
            body_hmac: _,
            body_bytes: _,
        } = payload
        else {
            return None;
        };
        let operation = catalogue::operations_within_reach(at.variant)
            .find(|known| known.api == api && known.id == operation)?;
        Some(Self(Forward {
            operation,
            segments,
            query,
            accept,
            content_type,
            body: body
                .map(|body| Bytes::copy_from_slice(body.expose_secret()))
                .unwrap_or_default(),
        }))
    }

    /// Reads an answer as far as it may be kept.
    async fn answered(&self, call: &Call, forwarded: Forwarded) -> Answered {
        let Forwarded {
            status,
            content_type,
            mut body,
        } = forwarded;
        let passing = |body| Forwarded {
            status,
            content_type: content_type.clone(),
            body,
        };
        let mut answered = Answered {
            status,
            content_type: content_type.clone(),
            kept: None,
            passing: Mutex::default(),
        };
        if self.0.operation.secret_in_answer {
            answered.passing = Mutex::new(Some(passing(body)));
            return answered;
        }
        let mut start = BytesMut::new();
        // The request is done, so that its operation does not wait for a vendor that is slow to say so.
        loop {
            match timeout_at(call.deadline, body.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(bytes))) if start.len() + bytes.len() <= KEPT_BYTES => {
                    start.extend_from_slice(&bytes);
                }
                unfinished => {
                    let read = [Some(Ok(start.freeze())), unfinished.ok().flatten()];
                    let body = stream::iter(read.into_iter().flatten()).chain(body);
                    answered.passing = Mutex::new(Some(passing(body.boxed())));
                    return answered;
                }
            }
        }
        answered.kept = Some(start.freeze());
        answered
    }
}

impl Answered {
    /// The answer, for whoever waits for it; once.
    pub(in super::super) fn take(&self) -> Option<Forwarded> {
        self.passing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

#[async_trait]
impl Deed for UpstreamDeed {
    fn effect(&self) -> Effect {
        match self.0.operation.method {
            "DELETE" => Effect::Deleted,
            _ => Effect::Updated,
        }
    }

    fn is_idempotent(&self, _at: &Connected) -> bool {
        self.0.operation.idempotent
    }

    fn secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    async fn perform(&self, at: &Connected, call: &Call) -> Result<Done, AdapterError> {
        let forwarder = at.adapter.forwarder().ok_or_else(no_slot)?;
        let forwarded = forwarder.forward_write(call, &self.0, &json!({})).await?;
        let effect = match forwarded.status {
            201 => Effect::Created,
            _ => self.effect(),
        };
        let answered = self.answered(call, forwarded).await;
        Ok(Done {
            effect,
            left: Left::Answer(answered),
        })
    }

    async fn look(
        &self,
        _at: &Connected,
        _call: &Call,
        _before: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        Err(AdapterError::new(
            Trouble::Unsupported,
            "No reading shows what a request did that was passed through.",
        ))
    }
}
