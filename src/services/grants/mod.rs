//! Grants: who holds what. Read from our copies, written through the ledger.

mod read;
mod write;

pub use read::{GrantFilter, GrantsWanted, Of, find_grant, list_grants, list_grants_of};
pub use write::{CreateGrant, create_grant, delete_grant};
