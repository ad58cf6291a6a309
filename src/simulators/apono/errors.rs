//! Apono's errors: the documented 401, and the others in its shape (contract §1).

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    BadRequest(String),
    Unauthorized,
    Forbidden(String),
    NotFound(String),
    MethodNotAllowed,
    Internal,
}

impl Error {
    pub(super) fn no(noun: &str, id: &str) -> Self {
        Error::NotFound(format!("there is no {noun} {id}"))
    }

    fn reason(&self) -> (StatusCode, &'static str) {
        match self {
            Error::BadRequest(_) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Error::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "NotFound"),
            Error::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Error::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
        }
    }

    fn message(&self) -> Option<&str> {
        match self {
            // As documented, to the letter.
            Error::Unauthorized => None,
            Error::BadRequest(text) | Error::Forbidden(text) | Error::NotFound(text) => Some(text),
            Error::MethodNotAllowed => Some("this method is not allowed here"),
            Error::Internal => Some("something went wrong"),
        }
    }

    /// The status in it is a string.
    pub(super) fn body(&self) -> Value {
        let (status, code) = self.reason();
        let mut body = json!({ "status": status.as_u16().to_string(), "code": code });
        if let Some(message) = self.message() {
            body["message"] = message.into();
        }
        body
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.reason().0, Json(self.body())).into_response()
    }
}
