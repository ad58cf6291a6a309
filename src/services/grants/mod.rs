//! Grants: who holds what. Read from our copies, written through the ledger.

mod read;
mod replace;
mod write;

pub use read::{GrantFilter, GrantsWanted, Of, find_grant, list_grants, list_grants_of};
pub use replace::{GrantsReplaced, ReplaceGrants, replace_grants};
pub use write::{CreateGrant, create_grant, delete_grant};
