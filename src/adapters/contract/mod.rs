//! What an adapter promises and what it gets: capability traits, slots, calls, custody and errors. No I/O here.

mod accounts;
mod activity;
mod adapter;
#[cfg(test)]
mod any_json;
mod call;
mod catalogue;
mod custody;
mod entitlements;
mod error;
mod forward;
mod grants;
mod page;
mod permits;
mod plan;
pub mod refusals;
mod resources;
mod succession;

pub use accounts::{
    ActivatesAccounts, CreateProof, CreatesAccounts, DeactivatesAccounts, DeletesAccounts,
    ListsAccounts, ReadsAccounts, RowOutcome, Shown, UpdatesAccounts, UpdatesManyAccounts,
};
pub use activity::ListsActivity;
pub use adapter::{Adapter, CheckReport, Checks, Finding};
#[cfg(test)]
pub use any_json::any_json;
pub use call::{Call, MarkRefused, Outcome, Sent};
pub use catalogue::UpstreamOperation;
pub use custody::{CellTrouble, CredentialCell, Kept, Lease, MemoryCell, Tokens};
pub use entitlements::{ListsEntitlements, ReadsEntitlements, UpdatesEntitlements};
pub use error::{AdapterError, SideEffect, Trouble, Upstream};
pub use forward::{Forward, Forwarded, Forwards};
pub use grants::{
    Completeness, GrantsEntitlements, Holders, ListsGrants, Pair, ReadsGrants, ReplacesGrants,
    RevokesEntitlements,
};
pub use page::{Page, PageRequest};
pub use permits::{Permit, Permits, Urgency};
pub use plan::{PlannedRequest, Reading, Sketch, Sketched};
pub use resources::{ListsResources, ReadsResources};
pub use succession::FindsSuccessors;
