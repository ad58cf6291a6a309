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
        };
        json!({ "detail": text })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status(), Json(self.body())).into_response()
    }
}
