//! Plain nouns, ids, state moves and paging. Knows nothing of vendors, databases or HTTP.

pub mod account;
pub mod caller;
pub mod capability;
pub mod host_rule;
pub mod identity;
pub mod key;
pub mod operation;
pub mod scope;

pub use account::{Account, AccountChange, AccountKind, AccountRecord, AccountStatus, NewAccount};
pub use caller::{Caller, Connections};
pub use capability::Capability;
pub use host_rule::{BadHostRule, HostRule};
pub use identity::{Identity, IdentityAccount};
pub use key::ExternalKey;
pub use operation::{Effect, OperationKind, OperationStatus};
pub use scope::Scope;
