//! The effect ledger: submitting, running, settling and reading operations.

mod acts;
mod ledger;
mod payload;
mod plan;
mod read;
mod run;
mod settle;
mod submit;

pub use ledger::Ledger;
pub use plan::{Plan, Would};

pub use crate::adapters::contract::{PlannedRequest, Reading};
pub use read::{find_operation, list_operations, resolve_operation, tidy};
pub use run::run_due;

pub(super) use payload::Payload;
pub(super) use plan::plan;
pub(super) use submit::{Prepared, Submitted, key_scope, replayed, reused, submit, wait};

pub use crate::store::operations::{OperationFilter, OperationRow};
