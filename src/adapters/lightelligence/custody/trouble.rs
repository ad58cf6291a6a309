//! Why there is no token, in words that tell what to do.

use std::time::Duration;

use crate::adapters::contract::{AdapterError, CellTrouble, Trouble};

/// The login is over: only a new one helps.
pub(super) fn dead(reason: &str) -> AdapterError {
    AdapterError::new(
        Trouble::AuthFailed,
        format!(
            "this connection's login has ended ({reason}). Log in again and PATCH credentials; until then nothing is sent"
        ),
    )
}

/// What is kept can't be had.
pub(super) fn cell(trouble: CellTrouble) -> AdapterError {
    let wait = Some(Duration::from_secs(1));
    match trouble {
        CellTrouble::Unreachable | CellTrouble::Replaced => {
            AdapterError::new(Trouble::Unavailable, trouble.to_string()).after(wait)
        }
        CellTrouble::Unreadable(_) => {
            tracing::error!(%trouble, "The tokens of a connection can't be used");
            AdapterError::new(
                Trouble::AuthFailed,
                "the tokens that are kept for this connection can't be read. Log in again and PATCH credentials",
            )
        }
    }
}
