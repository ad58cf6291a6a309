//! Apono's errors: the documented 401, and the others in its shape (contract §1).

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    BadRequest(String),
    /// A bad request with the code, the field and the details that the vendor's validation has (contract §1).
    Field(&'static str, &'static str, Value),
    Unauthorized,
    Forbidden(String),
    NotFound(String),
    MethodNotAllowed,
    Conflict(String),
    Internal,
}

impl Error {
    pub(super) fn no(noun: &str, id: &str) -> Self {
        Error::NotFound(format!("there is no {noun} {id}"))
    }

    pub(super) fn bad(text: &str) -> Self {
        Error::BadRequest(text.to_owned())
    }

    fn reason(&self) -> (StatusCode, &'static str) {
        match self {
            Error::BadRequest(_) | Error::Field(..) => (StatusCode::BAD_REQUEST, "BadRequest"),
            Error::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "NotFound"),
            Error::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Error::Conflict(_) => (StatusCode::CONFLICT, "Conflict"),
            Error::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
        }
    }

    fn message(&self) -> Option<String> {
        match self {
            // As documented, to the letter.
            Error::Unauthorized => None,
            Error::BadRequest(text)
            | Error::Forbidden(text)
            | Error::NotFound(text)
            | Error::Conflict(text) => Some(text.clone()),
            Error::Field(_, field, _) => Some(format!("{field} is not valid")),
            Error::MethodNotAllowed => Some("this method is not allowed here".to_owned()),
            Error::Internal => Some("something went wrong".to_owned()),
        }
    }

    /// The status in it is a string.
    pub(super) fn body(&self) -> Value {
        let (status, code) = self.reason();
        let mut body = json!({ "status": status.as_u16().to_string(), "code": code });
        if let Some(message) = self.message() {
            body["message"] = message.into();
        }
        if let Error::Field(code, field, details) = self {
            body["errors"] = json!([{ "code": code, "field": field, "details": details }]);
        }
        body
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.reason().0, Json(self.body())).into_response()
    }
}
