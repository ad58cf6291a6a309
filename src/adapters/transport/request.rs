//! A request to a vendor and its answer, as plain data.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::adapters::contract::{AdapterError, Trouble};

/// Adds a credential to a request. Runs once per attempt, so that a timestamp or a refreshed token is never stale.
pub trait Sign: Send + Sync {
    /// Adds headers; the body is final when this runs and is sent byte for byte.
    ///
    /// # Errors
    /// [`Trouble::AuthFailed`] when there is nothing to sign with.
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError>;
}

/// One HTTP request to a vendor.
#[derive(Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Full URL; its host must be the connection's own.
    pub url: Url,
    /// Headers without credentials.
    pub headers: HeaderMap,
    /// The exact bytes; empty for none.
    pub body: Bytes,
    /// How the credential gets in.
    pub sign: Option<Arc<dyn Sign>>,
}

/// What came back, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, complete and within the size limit.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] when it is none.
    pub fn json(&self) -> Result<Value, AdapterError> {
        serde_json::from_slice(&self.body)
            .map_err(|_| AdapterError::new(Trouble::Malformed, "the vendor's answer is no JSON"))
    }

    /// The text of a header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
