//! The one place where a connector's errors are told apart. They come inside a 200 (contract §B4), and the same
//! envelope may come under any other status.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::wire::{ErrorBody, ErrorMetadata, Verdict};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge};

/// Longer words of a vendor are cut.
const MESSAGE_CHARS: usize = 500;

/// Tells a connector's answers from its errors.
pub(super) struct ConnectorJudge;

impl Judge for ConnectorJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let verdict: Option<Verdict> = serde_json::from_slice(&answer.body).ok();
        if let Some(Verdict { is_error, error }) = &verdict
            && (is_error == &Some(true) || error.is_some())
        {
            // An envelope around something that is no error object is an error all the same.
            let body = error.as_ref().map(ErrorBody::read).unwrap_or_default();
            // Hosts in front of a connector write `error`, too. Without the envelope's own marks their status says more.
            let is_envelope = is_error == &Some(true) || body.error_code.is_some();
            if is_envelope || (200..=299).contains(&answer.status) {
                return Err(from_envelope(answer.status, body));
            }
        }
        match answer.status {
            200..=299 if verdict.is_some() => Ok(()),
            200..=299 => Err(AdapterError::new(
                Trouble::Malformed,
                "the connector's answer is no JSON object",
            )
            .saying(said(answer.status, None, None))),
            _ => Err(from_status(answer.status)),
        }
    }

    fn judges_bodies(&self) -> bool {
        true
    }
}

/// An error that the connector reported.
fn from_envelope(status: u16, error: ErrorBody) -> AdapterError {
    let code = error.error_code.unwrap_or_default();
    let metadata = error.metadata;
    let (trouble, text) = by_code(&code).unwrap_or_else(|| by_metadata(&metadata));
    let trouble = as_the_metadata_says(trouble, &metadata);
    let wait = metadata
        .retry_after_seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds.ceil()).ok());
    let words: Vec<String> = error
        .message
        .into_iter()
        .chain(metadata.hint.clone())
        .collect();
    AdapterError::new(trouble, text)
        .with_effect(side_effect(&code, &metadata))
        .after(wait)
        .saying(said(
            status,
            (!code.is_empty()).then_some(code),
            (!words.is_empty()).then(|| words.join(" ")),
        ))
}

/// The codes of the contract's table and the deprecated ones.
fn by_code(code: &str) -> Option<(Trouble, &'static str)> {
    Some(match code {
        "bad_request" => (Trouble::Rejected, "the connector refused the request"),
        "invalid_value" | "unknown_value" => (Trouble::Rejected, "the connector refused a value"),
        "integration_missing_parameter" => (
            Trouble::Rejected,
            "the connector misses a parameter, most likely one of its settings",
        ),
        "invalid_page_token" => (
            Trouble::Rejected,
            "the connector no longer accepts the page token: the listing has to start again",
        ),
        "not_found" => (Trouble::NotFound, "the connector knows no such thing"),
        "conflict" => (
            Trouble::Conflict,
            "it contradicts what is there behind the connector",
        ),
        "unauthorized" | "unauthenticated" => (
            Trouble::AuthFailed,
            "the system behind the connector refused the credentials",
        ),
        "authentication_expired" => (
            Trouble::AuthFailed,
            "the credentials for the system behind the connector have expired",
        ),
        "creds_revoked" => (
            Trouble::AuthFailed,
            "the credentials for the system behind the connector were revoked",
        ),
        "permission_denied" => (
            Trouble::AuthFailed,
            "the credentials lack the right to do this in the system behind the connector",
        ),
        "rate_limit" => (
            Trouble::RateLimited,
            "the system behind the connector takes no more calls for now",
        ),
        "budget_exhausted" => (
            Trouble::RateLimited,
            "the connector would have to wait for too long",
        ),
        "bad_gateway" | "service_error" => (
            Trouble::Unavailable,
            "the system behind the connector is out of order",
        ),
        "connection_timeout" | "connection_rejected" | "connection_closed" => (
            Trouble::Unavailable,
            "the connector can't reach the system behind it",
        ),
        "request_timeout" => (
            Trouble::Timeout,
            "the system behind the connector did not answer in time",
        ),
        "internal_error" | "unexpected_error" => (Trouble::Unavailable, "the connector failed"),
        "invalid_response" | "api_error" | "client_call_error" => (
            Trouble::Malformed,
            "the connector could make no sense of what the system behind it answered",
        ),
        "unsupported_operation" | "not_implemented" => {
            (Trouble::Unsupported, "the connector can't do this")
        }
        _ => return None,
    })
}

/// A code that the contract does not have: what its metadata says, and never a guess beyond that.
fn by_metadata(metadata: &ErrorMetadata) -> (Trouble, &'static str) {
    let text = "the connector reported an error of a kind that the gateway does not know";
    let trouble = match (metadata.category.as_deref(), metadata.retryable) {
        (Some("authentication" | "authorization"), _) => Trouble::AuthFailed,
        (Some("transient"), _) | (_, Some(true)) => Trouble::Unavailable,
        _ => Trouble::Rejected,
    };
    (trouble, text)
}

/// The metadata of the single error overrides what its code usually means for a retry.
fn as_the_metadata_says(trouble: Trouble, metadata: &ErrorMetadata) -> Trouble {
    match (trouble, metadata) {
        (
            Trouble::Unavailable | Trouble::Timeout,
            ErrorMetadata {
                throttled: Some(true),
                ..
            },
        ) => Trouble::RateLimited,
        (
            Trouble::Unavailable | Trouble::Timeout | Trouble::RateLimited,
            ErrorMetadata {
                retryable: Some(false),
                ..
            },
        ) => Trouble::Rejected,
        _ => trouble,
    }
}

/// Whether a write may have done something before it failed.
///
/// A capability may take several calls to the third party, and the error is that of the one that failed. Faults of
/// the caller and refused credentials are found before anything is done; everything else proves nothing.
fn side_effect(code: &str, metadata: &ErrorMetadata) -> SideEffect {
    match code {
        "bad_request"
        | "invalid_value"
        | "unknown_value"
        | "not_found"
        | "conflict"
        | "invalid_page_token"
        | "integration_missing_parameter"
        | "unauthorized"
        | "unauthenticated"
        | "authentication_expired"
        | "creds_revoked"
        | "permission_denied"
        | "unsupported_operation"
        | "not_implemented" => SideEffect::None,
        _ if by_code(code).is_none() && metadata.fault.as_deref() == Some("caller") => {
            SideEffect::None
        }
        _ => SideEffect::Unknown,
    }
}

/// An answer that is no envelope: the server around the connector, or something in front of it.
fn from_status(status: u16) -> AdapterError {
    let (trouble, text) = match status {
        // The SDK's server answers so for a capability that the connector lacks, and for a wrong path. It is never
        // the word that a thing is gone (contract §B4).
        404 | 501 => (
            Trouble::Unsupported,
            "the connector has no such capability, or `base_url`, `path_style` or `connector_id` is wrong",
        ),
        401 | 403 => (
            Trouble::AuthFailed,
            "the host in front of the connector refused the call: `outer_token` is missing or wrong",
        ),
        300..=399 | 405 => (
            Trouble::AuthFailed,
            "there is no connector at this address: `base_url`, `path_style` or `connector_id` is wrong",
        ),
        408 => (
            Trouble::Timeout,
            "the connector's host gave up waiting for the request",
        ),
        429 => (
            Trouble::RateLimited,
            "the connector's host takes no more calls for now",
        ),
        500..=599 => (Trouble::Unavailable, "the connector's host failed"),
        _ => (
            Trouble::Rejected,
            "the connector's host refused the request",
        ),
    };
    AdapterError::new(trouble, text).saying(said(status, None, None))
}

fn said(status: u16, code: Option<String>, message: Option<String>) -> Upstream {
    Upstream {
        status: Some(status),
        code,
        message: message.as_deref().map(shortened),
        correlation_id: None,
    }
}

/// As much of a vendor's words as fits into a message.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
