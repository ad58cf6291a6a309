//! The effect ledger: submitting, running, settling and reading operations.

mod acts;
mod copies;
mod handover;
mod holders;
mod ledger;
mod payload;
mod plan;
mod read;
mod reason;
mod record;
mod results;
mod run;
mod secret;
mod settle;
mod subject;
mod submit;
pub(super) mod turns;

pub use ledger::Ledger;
pub use plan::{Plan, Would};

pub use crate::adapters::contract::{PlannedRequest, Reading};
pub use read::{find_operation, list_operations, resolve_operation, tidy};
pub use results::{AccountUpdated, AccountsUpdated, HoldersReplaced, RowError, RowStatus, Summary};
pub use run::run_due;

pub use payload::AccountAttributes;

pub(crate) use handover::Handover;
pub(super) use payload::Payload;
pub(super) use plan::plan;
pub(super) use reason::checked_reason;
pub(super) use secret::{json_secret, pack_password};
pub(super) use subject::{Holding, Replacement, Subject};
pub(super) use submit::{
    Prepared, Submitted, carry_out, earlier, key_scope, replayed, reused, wait,
};

pub use crate::store::operations::{About, OperationFilter, OperationRow};
