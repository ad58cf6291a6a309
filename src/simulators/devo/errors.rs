//! Devo's errors: an application code and a message, nearly always with 400 (contract §3).

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Error {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Error {
    /// The code that stands for everything without one of its own.
    pub(super) fn generic(message: impl Into<String>) -> Self {
        Error {
            status: StatusCode::BAD_REQUEST,
            code: 100,
            message: message.into(),
        }
    }

    pub(super) fn owner_stays() -> Self {
        Error {
            code: 112,
            ..Error::generic("Domain owner can not be deleted")
        }
    }

    /// The wording for disabling is the vendor's own, backwards as it is.
    pub(super) fn wrong_state(act: &str, email: &str, domain: &str) -> Self {
        let message = match act {
            "disable" => {
                format!("Error disabling a non inactive user. User {email} at domain {domain}")
            }
            _ => format!("Error enabling a non inactive user. User {email} at domain {domain}"),
        };
        Error {
            code: 116,
            ..Error::generic(message)
        }
    }

    pub(super) fn no_user(what: &str) -> Self {
        Error::generic(format!("User {what} not found"))
    }

    pub(super) fn no_domain(domain: &str) -> Self {
        Error::generic(format!("Domain '{domain}' not found"))
    }

    pub(super) fn no_role(word: &str) -> Self {
        Error::generic(format!("Role '{word}' not found"))
    }

    pub(super) fn unauthenticated() -> Self {
        Error {
            status: StatusCode::UNAUTHORIZED,
            ..Error::generic("The credentials are not valid")
        }
    }

    pub(super) fn forbidden(domain: &str) -> Self {
        Error {
            status: StatusCode::FORBIDDEN,
            ..Error::generic(format!(
                "The credentials are not valid for domain '{domain}'"
            ))
        }
    }

    /// Whether it says that something isn't there.
    pub(super) fn is_missing(&self) -> bool {
        self.status == StatusCode::BAD_REQUEST && self.message.ends_with("not found")
    }

    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Error { status, ..self }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message } })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
