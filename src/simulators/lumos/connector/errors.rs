//! The error envelope (contract §B4). It goes out with status 200.

use serde_json::{Value, json};

use super::APP_ID;

/// An error that the connector reports.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Error {
    code: &'static str,
    message: String,
    /// The third party's HTTP status; none where the connector itself found the error.
    status: Option<u16>,
    raised_by: Option<&'static str>,
    app_code: Option<&'static str>,
}

impl Error {
    /// What the SDK finds wrong with the request before the connector sees it.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Error {
            raised_by: None,
            ..Error::raised("bad_request", message)
        }
    }

    /// A request model that doesn't fit. Such messages are pydantic's, which nobody should read by machine.
    pub(super) fn does_not_fit(model: &str, why: impl std::fmt::Display) -> Self {
        Error::bad_request(format!(
            "1 validation error for {model}\n  {why} [type=value_error]\n    For further information visit the model's documentation"
        ))
    }

    pub(super) fn invalid_value(message: impl Into<String>) -> Self {
        Error::raised("invalid_value", message)
    }

    pub(super) fn invalid_page_token() -> Self {
        Error::raised("invalid_page_token", "the page token can't be read")
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Error::raised("internal_error", message)
    }

    pub(super) fn unauthorized() -> Self {
        Error {
            app_code: Some("acme.bad_credential"),
            raised_by: Some("AuthenticationError"),
            ..Error::raised("unauthorized", "the credential was not accepted")
        }
    }

    pub(super) fn no_account(id: &str) -> Self {
        Error::missing(format!("account {id}"))
    }

    pub(super) fn missing(what: impl std::fmt::Display) -> Self {
        Error::of_third_party("not_found", 404, format!("there is no {what}"))
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Error::of_third_party("conflict", 409, message)
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    fn raised(code: &'static str, message: impl Into<String>) -> Self {
        Error {
            code,
            message: message.into(),
            status: None,
            raised_by: Some("ConnectorError"),
            app_code: None,
        }
    }

    fn of_third_party(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Error {
            status: Some(status),
            raised_by: Some("HTTPStatusError"),
            ..Error::raised(code, message)
        }
    }

    /// Fault, category, retryable, refreshable (contract §B4's table). Nothing here is throttled.
    fn metadata(&self) -> (&'static str, &'static str, bool, bool) {
        match self.code {
            "unauthorized" => ("upstream", "authentication", false, true),
            "internal_error" => ("connector", "internal", true, false),
            _ => ("caller", "client", false, false),
        }
    }

    pub(super) fn body(&self) -> Value {
        let (fault, category, retryable, refreshable) = self.metadata();
        json!({
            "is_error": true,
            "error": {
                "message": self.message,
                "status_code": self.status,
                "app_error_code": self.app_code,
                "error_code": self.code,
                "app_id": APP_ID,
                "raised_by": self.raised_by,
                "raised_in": self.raised_by.map(|_| "acme_directory.capabilities"),
                "error_metadata": {
                    "fault": fault,
                    "category": category,
                    "hint": null,
                    "retryable": retryable,
                    "throttled": false,
                    "refreshable": refreshable,
                    "retry_after_seconds": null
                }
            },
            "raw_data": null,
            "page": null
        })
    }
}
