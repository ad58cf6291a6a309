//! Refusals and failures on the wire: `application/problem+json` (RFC 9457). The only place that turns meaning into status.

mod body;
mod kind;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
pub use body::{ProblemBody, ProblemField, ProblemUpstream};
pub use kind::Kind;

use crate::error::{Code, Error};

/// Seconds after which a 429 or 503 that names no time of its own may be tried again.
const RETRY_AFTER_SECONDS: u64 = 5;

/// A refusal on its way out. Becomes complete, with its `instance`, when it is turned into a response.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    error: Error,
}

/// The result of every handler.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// The path exists, the method doesn't. Which methods do is said by the router in `Allow`.
    pub fn method_not_allowed() -> Self {
        Self::of_http(
            Kind::MethodNotAllowed,
            "This path does not know that method; the header Allow lists those it knows.",
        )
    }

    /// The vendor knows the path, by other methods.
    pub fn upstream_method_not_allowed(allowed: &[&str]) -> Self {
        Self::of_http(
            Kind::MethodNotAllowed,
            format!(
                "The vendor documents this path for {} only.",
                allowed.join(" and ")
            ),
        )
    }

    /// The body is larger than `limit` bytes.
    pub fn payload_too_large(limit: usize) -> Self {
        Self::of_http(
            Kind::PayloadTooLarge,
            format!("The body is larger than {limit} bytes, which is the most that is read."),
        )
    }

    /// The body is none of the media types that the operation reads.
    pub fn unsupported_media_type(accepted: &[&str]) -> Self {
        Self::of_http(
            Kind::UnsupportedMediaType,
            format!("Send the body with Content-Type {}.", accepted.join(" or ")),
        )
    }

    /// No route has this path.
    pub fn no_such_path() -> Self {
        Error::new(
            Code::NotFound,
            "There is nothing at this path. The document at /openapi.json lists every path.",
        )
        .into()
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The error behind it.
    pub fn error(&self) -> &Error {
        &self.error
    }

    // HTTP's own refusals are all the caller's, so the code of the error inside is never shown.
    fn of_http(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            error: Error::new(Code::InvalidRequest, detail),
        }
    }

    fn retry_after_seconds(&self, status: StatusCode) -> Option<u64> {
        let needed = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) || self.kind == Kind::Service(Code::IdempotencyInProgress);
        let known = self.error.retry_after_seconds.map(|seconds| seconds.max(1));
        known.or(needed.then_some(RETRY_AFTER_SECONDS))
    }

    fn log(&self, code: &str, status: StatusCode) {
        let internal = self.error.internal.as_deref().unwrap_or_default();
        if status == StatusCode::INTERNAL_SERVER_ERROR || !internal.is_empty() {
            tracing::error!(
                problem.code = code,
                problem.internal = internal,
                "{}",
                self.error.detail
            );
        } else if status.is_server_error() {
            tracing::warn!(problem.code = code, "{}", self.error.detail);
        } else {
            tracing::debug!(problem.code = code, "Refused: {code}");
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            kind: Kind::Service(error.code),
            error,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, status, _) = self.kind.row();
        self.log(code, status);
        let retry_after = self.retry_after_seconds(status);
        let body = ProblemBody::of(self);
        // Strings, numbers and maps of these: serialization can't fail.
        let body = serde_json::to_vec(&body).unwrap_or_default();

        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"iam-gateway\""),
            );
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::domain::Capability;

    const CODES: [Code; 19] = [
        Code::InvalidRequest,
        Code::Unauthenticated,
        Code::Forbidden,
        Code::NotFound,
        Code::Conflict,
        Code::IdempotencyInProgress,
        Code::IdempotencyKeyReused,
        Code::ChangeBrake,
        Code::PreconditionFailed,
        Code::CapabilityNotSupported,
        Code::UpstreamRejected,
        Code::UpstreamAuthFailed,
        Code::UpstreamMalformed,
        Code::UpstreamUnavailable,
        Code::UpstreamRateLimited,
        Code::UpstreamTimeout,
        Code::OutcomeUnknown,
        Code::ServiceUnavailable,
        Code::Internal,
    ];

    async fn body(response: Response) -> Value {
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn the_word_on_the_wire_is_the_word_that_is_stored() {
        for code in CODES {
            let (word, ..) = Kind::Service(code).row();
            assert_eq!(serde_json::to_value(code).unwrap(), word);
        }
    }

    #[tokio::test]
    async fn a_refusal_shows_everything_but_what_is_for_the_log() {
        let error = Error {
            operation_id: Some(Uuid::nil()),
            capabilities: Some(vec![Capability::ListAccounts]),
            internal: Some("password=hunter2".into()),
            ..Error::new(Code::CapabilityNotSupported, "It can't.")
                .field("/kind", "Not kept there.")
        };
        let response = Problem::from(error).into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/problem+json"
        );
        assert_eq!(
            body(response).await,
            json!({
                "type": "urn:iam-gateway:problem:capability_not_supported",
                "title": "Not supported by this connection",
                "status": 422,
                "detail": "It can't.",
                "instance": "urn:request:none",
                "code": "capability_not_supported",
                "retryable": false,
                "errors": [{"pointer": "/kind", "detail": "Not kept there."}],
                "operation_id": Uuid::nil(),
                "capabilities": ["accounts.list"],
            })
        );
    }

    #[tokio::test]
    async fn the_detail_names_the_one_field_at_fault() {
        let said = async |error| body(Problem::from(error).into_response()).await["detail"].clone();
        let one = Error::invalid("/name", "is too long");
        assert_eq!(said(one).await, "`/name`: is too long");
        let root = Error::invalid("", "Should be an object.");
        assert_eq!(said(root).await, "The body: Should be an object.");
        let other = Error::new(Code::Conflict, "The name is taken.").field("/name", "is taken");
        assert_eq!(said(other).await, "The name is taken.");
    }

    #[test]
    fn whoever_has_to_wait_is_told_how_long() {
        for code in CODES {
            let (.., status, _) = Kind::Service(code).row();
            let waits =
                status == StatusCode::SERVICE_UNAVAILABLE || code == Code::IdempotencyInProgress;
            let response = Problem::from(Error::new(code, "")).into_response();
            assert_eq!(
                response.headers().contains_key(header::RETRY_AFTER),
                waits,
                "{code:?}"
            );
        }
        let mut error = Error::new(Code::UpstreamRateLimited, "");
        error.retry_after_seconds = Some(30);
        let response = Problem::from(error).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "30");
    }

    #[test]
    fn a_stranger_learns_how_to_authenticate() {
        let response = Problem::from(Error::new(Code::Unauthenticated, "")).into_response();
        assert!(response.headers().contains_key(header::WWW_AUTHENTICATE));
    }
}
