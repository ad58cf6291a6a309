//! Database errors told as ours: constraint names are the truth, nothing is read first.

use crate::error::{Code, Error};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &error {
            match database.constraint() {
                Some("connections_name_key") => {
                    return Self::new(
                        Code::Conflict,
                        "Another connection has this name; names are unique.",
                    )
                    .field("/name", "taken by another connection");
                }
                Some("sync_runs_one_open") => {
                    return Self::new(
                        Code::Conflict,
                        "A sync of this connection is running already.",
                    );
                }
                _ => {}
            }
            // 22021, 22P05: a NUL character in a text or in JSON. What vendors say is cleaned of it, so a caller sent it.
            if matches!(database.code().as_deref(), Some("22021" | "22P05")) {
                return Self::new(
                    Code::InvalidRequest,
                    "A text holds the character U+0000, which can't be kept. Leave it out.",
                );
            }
            // 08: connection, 25006: read-only, 28 and 3D: not let in, 53: out of resources, 55000: the database takes no
            // connections, 57P: shutting down.
            const PASSING: [&str; 7] = ["08", "25006", "28", "3D", "53", "55000", "57P"];
            let passing = database
                .code()
                .is_some_and(|code| PASSING.iter().any(|class| code.starts_with(class)));
            return if passing {
                Self::unavailable(error)
            } else {
                Self::internal(error)
            };
        }
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::unavailable(error),
            other => Self::internal(other),
        }
    }
}
