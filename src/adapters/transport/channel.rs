//! One connection's way out.

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::{Answer, Request};
use crate::adapters::contract::{AdapterError, Call};

/// Tells a good answer from a bad one, the vendor's way: never by its status alone.
pub trait Judge: Send + Sync {
    /// `Ok` when the answer is what was asked for.
    ///
    /// # Errors
    /// What the vendor means. Transport overrides the side effect where it knows better (nothing was sent).
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError>;
}

/// The process's HTTP client with its guards; makes the channels. Cheap to clone.
#[derive(Clone)]
pub struct Transport {}

/// One connection's way out: its own breaker and concurrency limit. Cheap to clone.
#[derive(Clone)]
pub struct Channel {}

impl Transport {
    /// A channel for one connection. `secrets` are the values that no message may repeat.
    pub fn channel(
        &self,
        vendor: &'static str,
        connection_id: Uuid,
        base: &Url,
        judge: Arc<dyn Judge>,
        secrets: Vec<SecretString>,
    ) -> Channel {
        let _ = (vendor, connection_id, base, judge, secrets);
        Channel {}
    }
}

impl Channel {
    /// Sends a request that changes nothing; retried while its trouble is passing and the call's deadline allows.
    ///
    /// # Errors
    /// What the judge says, or what the network says.
    pub async fn read(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        let _ = (call, request);
        unimplemented!()
    }

    /// Sends the one mutating request of an operation, once. `before` is the state seen before it and is recorded with the mark.
    ///
    /// # Errors
    /// What the judge says, or what the network says, with the side effect that is certain.
    pub async fn write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Answer, AdapterError> {
        let _ = (call, request, before);
        unimplemented!()
    }
}
