//! Passing a documented operation of the vendor through as it is.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde_json::Value;

use super::{AdapterError, Call, UpstreamOperation};

/// A documented operation with what its caller put in. The path was matched on decoded segments, so that nothing in it can
/// mean more than the value of one parameter.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Which operation.
    pub operation: &'static UpstreamOperation,
    /// The decoded segments of the path, parameters filled in; none is empty, `.` or `..`.
    pub segments: Vec<String>,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// `Accept`, as sent.
    pub accept: Option<String>,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// The exact bytes of the body; empty for none.
    pub body: Bytes,
}

/// What the vendor answered, good by its judge. The body is bounded in size; it ends with an error where the vendor breaks
/// off or sends more.
pub struct Forwarded {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// `Content-Type`, where the vendor names one.
    pub content_type: Option<String>,
    /// The body as it comes in.
    pub body: BoxStream<'static, Result<Bytes, AdapterError>>,
}

/// Sends documented operations as they are, with the vendor's credential or signature added.
#[async_trait]
pub trait Forwards: Send + Sync {
    /// Sends one that changes nothing.
    ///
    /// # Errors
    /// As any reading; [`super::Trouble::Unsupported`] for an operation that this connection can't reach with the credentials
    /// that it has.
    async fn forward_read(&self, call: &Call, forward: &Forward)
    -> Result<Forwarded, AdapterError>;

    /// Sends one that changes something, once. `before` is recorded with the mark.
    ///
    /// # Errors
    /// As any write.
    async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError>;
}
