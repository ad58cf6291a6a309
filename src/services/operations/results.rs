//! What an operation tells of several things at once: stored with it, shown with it, and answered to its caller.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Code;

/// Who began and who ceased to hold an entitlement when its holders were replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldersReplaced {
    /// Accounts that did not hold it before.
    pub added: Vec<Uuid>,
    /// Accounts that held it before and don't any more.
    pub removed: Vec<Uuid>,
    /// Others who held it and don't any more, by the vendor's names for them: there is no account of theirs here.
    pub removed_unknown: Vec<String>,
}

/// What became of the accounts that were changed by one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsUpdated {
    /// How many there were.
    pub summary: Summary,
    /// Each of them, in the order of asking.
    pub items: Vec<AccountUpdated>,
}

/// How many things there were, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// All of them.
    pub total: usize,
    /// Those that are as asked.
    pub succeeded: usize,
    /// Those that are not.
    pub failed: usize,
}

/// What became of one account of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUpdated {
    /// The account.
    pub account_id: Uuid,
    /// Whether it is as asked.
    pub status: RowStatus,
    /// Why it is not.
    pub error: Option<RowError>,
}

/// Whether one of several is as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// It is.
    Updated,
    /// It is not, and nothing of it was changed.
    Failed,
}

/// Why one of several is not as asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// What went wrong.
    pub code: Code,
    /// In plain words.
    pub detail: String,
}

impl AccountsUpdated {
    /// With the counts of its items.
    pub(super) fn of(items: Vec<AccountUpdated>) -> Self {
        let failed = items.iter().filter(|item| item.error.is_some()).count();
        Self {
            summary: Summary {
                total: items.len(),
                succeeded: items.len() - failed,
                failed,
            },
            items,
        }
    }
}
