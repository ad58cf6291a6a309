//! The effect ledger: submitting, running, settling and reading operations.

mod acts;
mod ledger;
mod payload;
mod read;
mod run;
mod settle;
mod submit;

pub use ledger::Ledger;
pub use read::{find_operation, list_operations, resolve_operation, tidy};
pub use run::run_due;

pub(super) use payload::Payload;
pub(super) use submit::{Prepared, Submitted, key_scope, replayed, reused, submit, wait};

pub use crate::store::operations::{OperationFilter, OperationRow};
