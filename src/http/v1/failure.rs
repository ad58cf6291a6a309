//! Why an operation or a sync failed, or an act would be refused, on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::Error;
use crate::http::problem::{Kind, ProblemField, ProblemUpstream};

/// Why something failed that went on without its caller. The same words as in a problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// What is wrong, in one stable word.
    #[schema(example = "upstream_rejected")]
    code: &'static str,
    /// In plain words.
    detail: String,
    /// Whether the same may work later, unchanged.
    retryable: bool,
    /// The fields at fault.
    errors: Vec<ProblemField>,
    /// What the vendor said; null when it said nothing.
    #[schema(required)]
    upstream: Option<ProblemUpstream>,
}

impl Failure {
    /// A failure as it was stored with what failed.
    pub fn of_stored(stored: Value) -> Self {
        let error = serde_json::from_value(stored).unwrap_or_else(|cause| {
            tracing::error!("A stored failure can't be read: {cause}");
            Error::internal(cause)
        });
        Self::from(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let retryable = error.is_retryable();
        let Error {
            code,
            detail,
            fields,
            capabilities: _,
            upstream,
            operation_id: _,
            retry_after_seconds: _,
            internal: _,
        } = error;
        let (code, ..) = Kind::Service(code).row();
        Self {
            code,
            detail,
            retryable,
            errors: fields.into_iter().map(ProblemField::from).collect(),
            upstream: upstream.map(ProblemUpstream::from),
        }
    }
}
