//! What can go wrong with the embedded server, told so that an operator knows what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

const INSTALL: &str = "Install it (Debian, Ubuntu: `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; \
    macOS: `brew install postgresql`), or set DATABASE_URL to a PostgreSQL that runs already";

/// Why there is no embedded PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// None of the places where PostgreSQL is installed has its server programs.
    #[error(
        "no PostgreSQL programs (initdb, pg_ctl, postgres) were found on this machine. {INSTALL}"
    )]
    NoPrograms,
    /// The data was made by a major version that isn't installed.
    #[error(
        "the data in {data} was made by PostgreSQL {needed}, and only {found} is installed. Install PostgreSQL {needed}, or \
         choose another data directory"
    )]
    WrongVersion {
        /// The data directory of the server.
        data: PathBuf,
        /// The major version that the data needs.
        needed: String,
        /// The major versions that are there.
        found: String,
    },
    /// Another process holds this data directory.
    #[error(
        "another iam-gateway process is using {0}. Stop it, or choose another directory with --data-dir"
    )]
    InUse(PathBuf),
    /// As root the server runs under another account, which can't get to its directory.
    #[error(
        "PostgreSQL doesn't run as root, so it is started as '{account}', and that account can't enter {blocked}. Choose a \
         directory that it can reach with --data-dir, or allow it to pass (`chmod o+x {blocked}`)"
    )]
    Unreachable {
        /// The account's name.
        account: String,
        /// The outermost directory that keeps it out.
        blocked: PathBuf,
    },
    /// As root we need a program to change the account, and an account to change to.
    #[error(
        "PostgreSQL doesn't run as root, and {0}. Start iam-gateway as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount(String),
    /// The data is there, the password that it was made with is not.
    #[error(
        "the password of the database in {data} is gone: {password} doesn't exist. Put it back, or remove {data} to begin anew"
    )]
    PasswordLost {
        /// The data directory of the server.
        data: PathBuf,
        /// Where the password was kept.
        password: PathBuf,
    },
    /// The data directory couldn't be filled.
    #[error("PostgreSQL could not set up its data directory: {0}")]
    Initialize(String),
    /// The server didn't start.
    #[error("PostgreSQL did not start: {0}")]
    Start(String),
    /// The server didn't stop.
    #[error("PostgreSQL did not stop: {0}")]
    Stop(String),
    /// The server runs but doesn't take our connection.
    #[error("the embedded PostgreSQL refused us: {0}")]
    Connect(#[from] sqlx::Error),
    /// The file system or a helper program failed.
    #[error("could not {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PostgresError {
    /// Turns a system's error into ours, for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
