//! One error for the whole service, named by meaning. HTTP appears only in `http/problem.rs`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::Capability;

/// What went wrong. The words are stored, shown as `code` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request itself is wrong.
    InvalidRequest,
    /// No credentials, or none that are good.
    Unauthenticated,
    /// The caller lacks a scope.
    Forbidden,
    /// Not there, or not for this caller to see.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// An equal request with the same idempotency key is still running.
    IdempotencyInProgress,
    /// The idempotency key was used with another body.
    IdempotencyKeyReused,
    /// A sync would have removed too much.
    ChangeBrake,
    /// The thing changed since the caller saw it.
    PreconditionFailed,
    /// The connection can't do it.
    CapabilityNotSupported,
    /// The vendor refused.
    UpstreamRejected,
    /// The vendor did not accept the connection's credentials.
    UpstreamAuthFailed,
    /// The vendor's answer makes no sense.
    UpstreamMalformed,
    /// The vendor can't be reached, or says that it is out of order.
    UpstreamUnavailable,
    /// The vendor asks for patience.
    UpstreamRateLimited,
    /// A read took too long.
    UpstreamTimeout,
    /// It was sent, and nobody knows what became of it.
    OutcomeUnknown,
    /// The database (with it the audit trail) can't be written.
    ServiceUnavailable,
    /// Our own mistake.
    Internal,
}

impl Code {
    /// Whether the same request may work later.
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::IdempotencyInProgress
                | Self::UpstreamUnavailable
                | Self::UpstreamRateLimited
                | Self::UpstreamTimeout
                | Self::UpstreamMalformed
                | Self::ServiceUnavailable
        )
    }
}

/// A field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer into the request body; for a query parameter or header its name.
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

/// What the vendor said, redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamDetail {
    /// The vendor.
    pub vendor: String,
    /// HTTP status of its answer.
    pub status: Option<u16>,
    /// Its own error code.
    pub code: Option<String>,
    /// Its own words.
    pub message: Option<String>,
    /// Its correlation id.
    pub correlation_id: Option<String>,
}

/// A refusal or failure: a public part, which may be stored and answered, and an internal one, which only the log sees.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct Error {
    /// What went wrong.
    pub code: Code,
    /// In plain words, for the caller.
    pub detail: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// What the connection can do, where it can't do what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<Capability>>,
    /// What the vendor said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<UpstreamDetail>,
    /// The operation that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<Uuid>,
    /// How long to wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// For the log. Never serialized.
    #[serde(skip)]
    pub internal: Option<String>,
}

/// The result of everything above the adapters.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A refusal with these words.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            capabilities: None,
            upstream: None,
            operation_id: None,
            retry_after_seconds: None,
            internal: None,
        }
    }

    /// A bad field.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(Code::InvalidRequest, detail.clone()).field(pointer, detail)
    }

    /// Several bad fields.
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} fields are not as they should be.", many.len()),
        };
        Self {
            fields,
            ..Self::new(Code::InvalidRequest, detail)
        }
    }

    /// Not there, or not for this caller.
    pub fn not_found(noun: &str) -> Self {
        Self::new(
            Code::NotFound,
            format!("There is no such {noun}, or you may not see it."),
        )
    }

    /// Our own mistake; only the log learns what it is.
    pub fn internal(internal: impl std::fmt::Display) -> Self {
        Self {
            internal: Some(internal.to_string()),
            ..Self::new(
                Code::Internal,
                "Something went wrong on our side. The request id leads to the reason in our log.",
            )
        }
    }

    /// The database can't be reached or written.
    pub fn unavailable(internal: impl std::fmt::Display) -> Self {
        Self {
            internal: Some(internal.to_string()),
            retry_after_seconds: Some(2),
            ..Self::new(
                Code::ServiceUnavailable,
                "The service can't reach its database. Nothing was done.",
            )
        }
    }

    /// Adds a field at fault.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.fields.push(FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        });
        self
    }

    /// Whether the same request may work later.
    pub fn is_retryable(&self) -> bool {
        self.code.is_retryable()
    }
}
