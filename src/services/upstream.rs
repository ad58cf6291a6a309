//! A vendor's trouble, told in our words.

use crate::adapters::contract::{AdapterError, Trouble};
use crate::error::{Code, Error, UpstreamDetail};

/// What a caller is told of an adapter's error.
pub(super) fn explain(vendor: &str, error: AdapterError) -> Error {
    let code = match error.trouble {
        Trouble::Invalid => Code::InvalidRequest,
        Trouble::Unsupported => Code::CapabilityNotSupported,
        Trouble::Rejected => Code::UpstreamRejected,
        Trouble::Conflict => Code::Conflict,
        Trouble::NotFound => Code::NotFound,
        Trouble::AuthFailed => Code::UpstreamAuthFailed,
        Trouble::RateLimited => Code::UpstreamRateLimited,
        Trouble::Unavailable => Code::UpstreamUnavailable,
        Trouble::Timeout => Code::UpstreamTimeout,
        Trouble::Malformed => Code::UpstreamMalformed,
        Trouble::Fenced => Code::ServiceUnavailable,
    };
    let retry_after_seconds = match error.trouble {
        Trouble::RateLimited | Trouble::Unavailable | Trouble::Fenced => Some(
            error
                .retry_after
                .map_or(5, |wait| wait.as_secs_f64().ceil() as u64),
        ),
        _ => None,
    };
    let mut told = Error {
        retry_after_seconds,
        upstream: error.upstream.map(|upstream| UpstreamDetail {
            vendor: vendor.to_owned(),
            status: upstream.status,
            code: upstream.code,
            message: upstream.message,
            correlation_id: upstream.correlation_id,
        }),
        ..Error::new(code, error.message.clone())
    };
    if let Some(pointer) = error.pointer {
        told = told.field(pointer, error.message);
    }
    told
}
