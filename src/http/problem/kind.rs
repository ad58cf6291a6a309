//! The table of refusals: code, status, title.

use axum::http::StatusCode;

use crate::error::Code;

/// What a refusal is: our own errors, and those that only HTTP knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An error of the service.
    Service(Code),
    /// The path exists, the method doesn't.
    MethodNotAllowed,
    /// The body is larger than the service reads.
    PayloadTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
}

impl Kind {
    /// The row of the table: stable code, status, title.
    pub const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
            ),
            Self::PayloadTooLarge => (
                "payload_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "Payload too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported media type",
            ),
            Self::Service(code) => service_row(code),
        }
    }
}

const fn service_row(code: Code) -> (&'static str, StatusCode, &'static str) {
    match code {
        Code::InvalidRequest => (
            "invalid_request",
            StatusCode::BAD_REQUEST,
            "Invalid request",
        ),
        Code::Unauthenticated => (
            "unauthenticated",
            StatusCode::UNAUTHORIZED,
            "Not authenticated",
        ),
        Code::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Forbidden"),
        Code::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
        Code::Conflict => ("conflict", StatusCode::CONFLICT, "Conflict"),
        Code::IdempotencyInProgress => (
            "idempotency_in_progress",
            StatusCode::CONFLICT,
            "Equal request in progress",
        ),
        Code::ChangeBrake => (
            "change_brake",
            StatusCode::CONFLICT,
            "Too much would be removed",
        ),
        Code::PreconditionFailed => (
            "precondition_failed",
            StatusCode::PRECONDITION_FAILED,
            "Changed since you saw it",
        ),
        Code::CapabilityNotSupported => (
            "capability_not_supported",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not supported by this connection",
        ),
        Code::IdempotencyKeyReused => (
            "idempotency_key_reused",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Idempotency key reused",
        ),
        Code::UpstreamRejected => (
            "upstream_rejected",
            StatusCode::UNPROCESSABLE_ENTITY,
            "Refused by the vendor",
        ),
        Code::UpstreamAuthFailed => (
            "upstream_auth_failed",
            StatusCode::BAD_GATEWAY,
            "The vendor did not accept our credentials",
        ),
        Code::UpstreamMalformed => (
            "upstream_malformed",
            StatusCode::BAD_GATEWAY,
            "The vendor's answer makes no sense",
        ),
        Code::OutcomeUnknown => (
            "outcome_unknown",
            StatusCode::BAD_GATEWAY,
            "The outcome is not known",
        ),
        Code::UpstreamUnavailable => (
            "upstream_unavailable",
            StatusCode::SERVICE_UNAVAILABLE,
            "The vendor can't be reached",
        ),
        Code::UpstreamRateLimited => (
            "upstream_rate_limited",
            StatusCode::SERVICE_UNAVAILABLE,
            "The vendor asks for patience",
        ),
        Code::UpstreamTimeout => (
            "upstream_timeout",
            StatusCode::GATEWAY_TIMEOUT,
            "The vendor took too long",
        ),
        Code::ServiceUnavailable => (
            "service_unavailable",
            StatusCode::SERVICE_UNAVAILABLE,
            "Service unavailable",
        ),
        Code::Internal => (
            "internal",
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal error",
        ),
    }
}
