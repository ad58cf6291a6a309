//! Refusals and failures on the wire: `application/problem+json` (RFC 9457). The only place that turns meaning into status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::request_id;
use crate::domain::Capability;
use crate::error::{Code, Error, FieldError, UpstreamDetail};

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

/// Seconds after which a 429 or 503 that names no time of its own may be tried again.
const RETRY_AFTER_SECONDS: u64 = 5;

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
        let (code, status, title) = self.kind.row();
        self.log(code, status);
        let retry_after = self.retry_after_seconds(status);
        let body = ProblemBody::new(self, code, status, title);
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

/// A refusal or a failure (RFC 9457). Decide by `code`, which never changes; `title` and `detail` are for people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:iam-gateway:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(format = "uri", example = "urn:iam-gateway:problem:not_found")]
    kind: String,
    /// The code in a few words.
    #[schema(example = "Not found")]
    title: &'static str,
    /// The HTTP status of this answer.
    #[schema(example = 404)]
    status: u16,
    /// What is wrong, in plain words.
    #[schema(example = "There is no such account, or you may not see it.")]
    detail: String,
    /// `urn:request:` and the request id, which leads to the log.
    #[schema(
        format = "uri",
        example = "urn:request:0199c2f0-7d7e-7c3e-a5c5-0f3e1f1c2b3a"
    )]
    instance: String,
    /// What is wrong, in one stable word.
    #[schema(example = "not_found")]
    code: &'static str,
    /// Whether the same request may work later, unchanged.
    retryable: bool,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<ProblemField>,
    /// The operation that this belongs to; `GET /v1/operations/{id}` shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_id: Option<Uuid>,
    /// What the vendor said.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<ProblemUpstream>,
    /// What the connection can do, where it can't do what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<&'static str>>,
}

/// A field at fault.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer into the body (RFC 6901); for a query parameter or a header its name.
    #[schema(example = "/settings/base_url")]
    pointer: String,
    /// What is wrong with it and what is allowed.
    detail: String,
}

/// What the vendor said, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemUpstream {
    /// The vendor.
    #[schema(example = "luna")]
    vendor: String,
    /// HTTP status of its answer; null when there was none.
    status: Option<u16>,
    /// Its own code for the error.
    code: Option<String>,
    /// Its own words.
    message: Option<String>,
    /// Its own id for the request, for a conversation with its support.
    correlation_id: Option<String>,
}

impl ProblemBody {
    fn new(problem: Problem, code: &'static str, status: StatusCode, title: &'static str) -> Self {
        let retryable = match problem.kind {
            Kind::Service(_) => problem.error.is_retryable(),
            Kind::MethodNotAllowed | Kind::PayloadTooLarge | Kind::UnsupportedMediaType => false,
        };
        let Error {
            code: _,
            detail,
            fields,
            capabilities,
            upstream,
            operation_id,
            retry_after_seconds: _,
            internal: _,
        } = problem.error;
        Self {
            kind: format!("urn:iam-gateway:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: named(detail, &fields),
            instance: format!("urn:request:{}", request_id::current()),
            code,
            retryable,
            errors: fields.into_iter().map(ProblemField::from).collect(),
            operation_id,
            upstream: upstream.map(ProblemUpstream::from),
            capabilities: capabilities
                .map(|known| known.into_iter().map(Capability::as_str).collect()),
        }
    }
}

/// Where the detail is that of the one field at fault, it says which, so that it can be read alone.
fn named(detail: String, fields: &[FieldError]) -> String {
    match fields {
        [field] if field.detail == detail && field.pointer.is_empty() => {
            format!("The body: {detail}")
        }
        [field] if field.detail == detail => format!("`{}`: {detail}", field.pointer),
        _ => detail,
    }
}

impl From<FieldError> for ProblemField {
    fn from(field: FieldError) -> Self {
        let FieldError { pointer, detail } = field;
        Self { pointer, detail }
    }
}

impl From<UpstreamDetail> for ProblemUpstream {
    fn from(upstream: UpstreamDetail) -> Self {
        let UpstreamDetail {
            vendor,
            status,
            code,
            message,
            correlation_id,
        } = upstream;
        Self {
            vendor,
            status,
            code,
            message,
            correlation_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

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
