//! The API's errors (contract §3); those of the identity provider are in `realm/errors.rs`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Error {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Error {
            status,
            code,
            message: message.into(),
        }
    }

    /// Something is wrong with a field of the body, the query or the path.
    pub fn invalid(field: &str, what: &str) -> Self {
        let message = format!("\"{field}\" {what}");
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
    }

    pub fn bad_body(what: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", what)
    }

    pub fn unauthorized() -> Self {
        let message = "The access token is missing, invalid or expired";
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    pub fn no_access() -> Self {
        let message = "Access to resource is forbidden";
        Self::new(StatusCode::FORBIDDEN, "NO_ACCESS_TO_RESOURCE", message)
    }

    pub fn other_user() -> Self {
        let message = "User is not permitted to access this resource";
        Self::new(StatusCode::FORBIDDEN, "ID_FORBIDDEN", message)
    }

    /// It isn't there, or the caller may not know.
    pub fn not_found() -> Self {
        let message = "The resource does not exist";
        Self::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND", message)
    }

    pub fn method_not_allowed() -> Self {
        let message = "The method is not supported here";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            message,
        )
    }

    pub fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    pub fn internal() -> Self {
        let message = "Internal server error";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_SERVER_ERROR",
            message,
        )
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn body(&self) -> Value {
        json!({ "errorMessage": self.message, "errorCode": self.code })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
