//! Accounts that turn into others: an invite that was accepted is a user from then on, and its row stays the same one.

use async_trait::async_trait;

use super::{AdapterError, Call};
use crate::domain::AccountRecord;

/// Knows what became of accounts that are no longer there under their own key.
///
/// The other half is [`AccountRecord::succeeds`], by which a listing that shows only the successor finds the row.
#[async_trait]
pub trait FindsSuccessors: Send + Sync {
    /// The account that took the place of one which a reading has just shown to be gone; `None` when none did.
    async fn find_successor(
        &self,
        call: &Call,
        gone: &AccountRecord,
    ) -> Result<Option<AccountRecord>, AdapterError>;
}
