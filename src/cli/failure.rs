//! Why a command ended badly, for the person at the terminal.

use std::{fmt, io, process::ExitCode};

use crate::{config::ConfigErrors, error::Error, postgres::PostgresError, secrets::SecretError};

/// A command's failure. Unlike a caller of the API, who runs a command may see what went wrong inside.
#[derive(Debug)]
pub enum Failure {
    /// Called or configured wrongly.
    Usage(String),
    /// It did not work.
    Failed(String),
}

impl Failure {
    /// 2 where the operator has to change something first, else 1.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(text) | Self::Failed(text)) = self;
        formatter.write_str(text)
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Usage(errors.to_string())
    }
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The public words of an inner failure point to a log; here the reason itself is in place.
        Self::Failed(error.internal.unwrap_or(error.detail))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(format!("{error:#}"))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
