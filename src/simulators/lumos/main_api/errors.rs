//! FastAPI's errors: a text under `detail`, or the list of what is wrong with the parameters (contract §A3).

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    /// Each with `loc`, `msg` and `type`.
    Invalid(Vec<Value>),
    /// A cursor that is none.
    BadCursor,
    /// No token: 403, or 401 by a switch.
    NotAuthenticated(StatusCode),
    BadToken,
    Forbidden,
    /// The noun of what isn't there.
    NotFound(&'static str),
    MethodNotAllowed,
    TooManyRequests,
    Internal,
    /// Anything else, with its words.
    Refused(StatusCode, String),
    /// As the knowledge area tells it: with a type and a code.
    Coded {
        status: StatusCode,
        kind: &'static str,
        code: &'static str,
        detail: String,
    },
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::BadCursor => StatusCode::BAD_REQUEST,
            Error::NotAuthenticated(status) => *status,
            Error::BadToken => StatusCode::UNAUTHORIZED,
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Error::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Error::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Error::Refused(status, _) | Error::Coded { status, .. } => *status,
        }
    }

    /// A refusal of what the caller wants.
    pub(super) fn bad(why: impl Into<String>) -> Self {
        Error::Refused(StatusCode::BAD_REQUEST, why.into())
    }

    /// It contradicts what is there.
    pub(super) fn conflict(why: impl Into<String>) -> Self {
        Error::Refused(StatusCode::CONFLICT, why.into())
    }

    /// The same error as the knowledge area tells it; what is wrong with parameters is told alike everywhere.
    pub(super) fn coded(self) -> Self {
        let (kind, code) = match self.status() {
            StatusCode::UNAUTHORIZED => ("authentication", "unauthenticated"),
            StatusCode::FORBIDDEN => ("permission", "permission_denied"),
            StatusCode::NOT_FOUND => ("not_found", "not_found"),
            StatusCode::CONFLICT => ("conflict", "conflict"),
            StatusCode::TOO_MANY_REQUESTS => ("rate_limited", "rate_limited"),
            StatusCode::BAD_REQUEST => ("validation", "invalid"),
            _ => ("runtime", "internal"),
        };
        match &self {
            Error::Invalid(_) | Error::MethodNotAllowed | Error::Coded { .. } => self,
            plain => Error::Coded {
                status: plain.status(),
                kind,
                code,
                detail: plain.body()["detail"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            },
        }
    }

    pub(super) fn body(&self) -> Value {
        let text = match self {
            Error::Invalid(errors) => return json!({ "detail": errors }),
            Error::BadCursor => "Invalid cursor",
            Error::NotAuthenticated(_) => "Not authenticated",
            Error::BadToken => "Invalid authentication credentials",
            Error::Forbidden => "You do not have permission to perform this action",
            Error::NotFound(noun) => return json!({ "detail": format!("{noun} not found") }),
            Error::MethodNotAllowed => "Method Not Allowed",
            Error::TooManyRequests => "Rate limit exceeded",
            Error::Internal => "Internal Server Error",
            Error::Refused(_, text) => text,
            Error::Coded {
                kind, code, detail, ..
            } => {
                return json!({ "detail": detail, "type": kind, "code": code, "errors": [] });
            }
        };
        json!({ "detail": text })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status(), Json(self.body())).into_response()
    }
}
