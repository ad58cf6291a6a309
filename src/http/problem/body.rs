//! The body of a problem.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Kind, Problem};
use crate::domain::Capability;
use crate::error::{Error, FieldError, UpstreamDetail};
use crate::http::request_id;

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
    /// What a problem says, as part of the request that it answers.
    pub(super) fn of(problem: Problem) -> Self {
        let (code, status, title) = problem.kind.row();
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
