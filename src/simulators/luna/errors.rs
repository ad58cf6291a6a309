//! Luna's errors: code, description, detail (contract §4).

use axum::{
    http::StatusCode,
    response::{IntoResponse, Json, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::AccountType;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Error {
    Internal,
    NotAUuid,
    NotJson,
    EmptyJson,
    AuthorizationNeeded,
    AuthorizationMalformed,
    /// The name of the query parameter, or of the header, which has no code of its own.
    BadParameter(String),
    PageNotFound,
    BadContentType,
    MethodNotAllowed,
    /// A field of the body and what is the matter with it.
    BadField {
        path: String,
        message: String,
    },
    /// A body that is wrong as a whole.
    BadBody(String),
    NoData,
    LoginTaken(String),
    AccountIdTaken(Uuid),
    AccountNotFound(Uuid),
    TokenNotFound(Uuid),
    JwtUnknown,
    WrongCredentials,
    TokenExpired,
    TokenCorrupted,
    PermissionsUnacceptable {
        permissions: String,
        kind: AccountType,
    },
    BadTarget(String),
    /// A token without the account that it is for.
    NoAccountHeader,
    UnacceptableContentType,
}

const BAD_INPUT: &str = "Bad/incomplete input data";

impl Error {
    pub(super) fn field(path: &str, message: impl Into<String>) -> Self {
        Error::BadField {
            path: path.to_owned(),
            message: message.into(),
        }
    }

    fn code(&self) -> (StatusCode, u32) {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Error::Internal => (StatusCode::INTERNAL_SERVER_ERROR, 1),
            Error::NotAUuid => (BAD, 12001),
            Error::NotJson => (BAD, 12002),
            Error::EmptyJson => (BAD, 12005),
            Error::AuthorizationNeeded => (StatusCode::UNAUTHORIZED, 12010),
            Error::AuthorizationMalformed => (StatusCode::UNAUTHORIZED, 12019),
            Error::BadParameter(_) => (BAD, 12012),
            Error::PageNotFound => (StatusCode::NOT_FOUND, 12013),
            Error::BadContentType => (BAD, 12017),
            Error::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, 12021),
            Error::BadField { .. } => (BAD, 12022),
            Error::BadBody(_) => (BAD, 12027),
            Error::NoData => (BAD, 12030),
            Error::LoginTaken(_) => (StatusCode::CONFLICT, 41001),
            Error::AccountIdTaken(_) => (StatusCode::CONFLICT, 41002),
            Error::AccountNotFound(_) => (StatusCode::NOT_FOUND, 41004),
            Error::TokenNotFound(_) => (StatusCode::NOT_FOUND, 41003),
            Error::JwtUnknown => (StatusCode::NOT_FOUND, 41005),
            Error::WrongCredentials => (StatusCode::UNAUTHORIZED, 41006),
            Error::TokenExpired => (StatusCode::UNAUTHORIZED, 41007),
            Error::TokenCorrupted => (BAD, 41008),
            Error::PermissionsUnacceptable { .. } => (BAD, 41009),
            Error::BadTarget(_) => (BAD, 41010),
            Error::NoAccountHeader => (BAD, 11066),
            Error::UnacceptableContentType => (BAD, 12023),
        }
    }

    fn description(&self) -> &'static str {
        match self {
            Error::Internal => "Internal server error",
            Error::PageNotFound => "Resource not found",
            Error::MethodNotAllowed => "Method not allowed",
            Error::LoginTaken(_) | Error::AccountIdTaken(_) => "Unique constraint error",
            Error::AccountNotFound(_) | Error::TokenNotFound(_) => "Object not found",
            Error::JwtUnknown => "JWT token not found",
            Error::WrongCredentials | Error::TokenExpired => "Account credentials wrong",
            Error::BadTarget(_) => "Bad input data",
            Error::NotAUuid
            | Error::NotJson
            | Error::EmptyJson
            | Error::AuthorizationNeeded
            | Error::AuthorizationMalformed
            | Error::BadParameter(_)
            | Error::BadContentType
            | Error::BadField { .. }
            | Error::BadBody(_)
            | Error::NoData
            | Error::TokenCorrupted
            | Error::PermissionsUnacceptable { .. }
            | Error::NoAccountHeader
            | Error::UnacceptableContentType => BAD_INPUT,
        }
    }

    pub(super) fn detail(&self) -> String {
        match self {
            Error::Internal => "Unknown error".to_owned(),
            Error::NotAUuid => "object in query is not a UUID".to_owned(),
            Error::NotJson => "Request does not contain json".to_owned(),
            Error::EmptyJson => "Request contain empty json".to_owned(),
            Error::AuthorizationNeeded => "Authorization header needed".to_owned(),
            Error::AuthorizationMalformed => "Authorization header is badly formed".to_owned(),
            Error::BadParameter(name) => format!("Bad query parameters '{name}'"),
            Error::PageNotFound => "Page not found".to_owned(),
            Error::BadContentType => "Bad content type".to_owned(),
            Error::MethodNotAllowed => "Method not allowed".to_owned(),
            Error::BadField { path, message } => {
                format!("Failed to validate input json. Path: '{path}', message: '{message}'")
            }
            Error::BadBody(message) => format!("Failed to validate input json. Message: {message}"),
            Error::NoData => "Request does not contain data".to_owned(),
            Error::LoginTaken(login) => format!("Account with login '{login}' already exists"),
            Error::AccountIdTaken(id) => format!("Account with account_id '{id}' already exists"),
            Error::AccountNotFound(id) => format!("Account with id '{id}' not found"),
            Error::TokenNotFound(id) => format!("Token with id '{id}' not found"),
            Error::JwtUnknown => "Specified JWT token doesn't exist".to_owned(),
            Error::TokenExpired => "Token has been expired".to_owned(),
            Error::PermissionsUnacceptable { permissions, kind } => format!(
                "Specified permissions ('{permissions}') are unacceptable for '{}' account type",
                kind.word()
            ),
            Error::NoAccountHeader => "Luna-Account-Id header not found".to_owned(),
            Error::UnacceptableContentType => "Unacceptable content type".to_owned(),
            Error::WrongCredentials => "Account login or password are incorrect".to_owned(),
            Error::TokenCorrupted => "Specified token corrupted".to_owned(),
            Error::BadTarget(target) => format!(
                "'{target}' is not valid target to get account(s). Valid target should be one of {}",
                super::query::TARGETS.join(", ")
            ),
        }
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error_code": self.code().1, "desc": self.description(), "detail": self.detail() })
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.code().0, Json(self.body())).into_response()
    }
}
