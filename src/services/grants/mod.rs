//! Grants: written through the ledger.

mod write;

pub use write::{CreateGrant, create_grant, delete_grant};
