//! What an adapter promises and what it gets: capability traits, slots, calls, custody and errors. No I/O here.

mod accounts;
mod adapter;
#[cfg(test)]
mod any_json;
mod call;
mod custody;
mod error;
mod page;
mod plan;
pub mod refusals;
mod succession;

pub use accounts::{
    ActivatesAccounts, CreateProof, CreatesAccounts, DeactivatesAccounts, DeletesAccounts,
    ListsAccounts, ReadsAccounts, UpdatesAccounts,
};
pub use adapter::{Adapter, CheckReport, Checks, Finding};
#[cfg(test)]
pub use any_json::any_json;
pub use call::{Call, MarkRefused, Outcome, Sent};
pub use custody::{CellTrouble, CredentialCell, Kept, Lease, MemoryCell, Tokens};
pub use error::{AdapterError, SideEffect, Trouble, Upstream};
pub use page::{Page, PageRequest};
pub use plan::{PlannedRequest, Reading, Sketch, Sketched};
pub use succession::FindsSuccessors;
