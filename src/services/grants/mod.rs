//! Grants: who holds what.

mod read;

pub use read::{GrantFilter, GrantsWanted, Of, find_grant, list_grants, list_grants_of};
