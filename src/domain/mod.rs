//! Plain nouns, ids, state moves and paging. Knows nothing of vendors, databases or HTTP.

pub mod account;
pub mod activity;
pub mod calendar;
pub mod caller;
pub mod capability;
pub mod entitlement;
pub mod grant;
pub mod host_rule;
pub mod identity;
pub mod key;
pub mod noun;
pub mod operation;
pub mod resource;
pub mod scope;

pub use account::{
    Account, AccountChange, AccountKind, AccountRecord, AccountStatus, AttributesChange, NewAccount,
};
pub use activity::ActivityRecord;
pub use caller::{Caller, Connections};
pub use capability::Capability;
pub use entitlement::{Bounds, Entitlement, EntitlementChange, EntitlementKind, EntitlementRecord};
pub use grant::{Grant, GrantRecord, GrantStatus};
pub use host_rule::{BadHostRule, HostRule};
pub use identity::{Identity, IdentityAccount};
pub use key::ExternalKey;
pub use noun::{Noun, SyncPart};
pub use operation::{Effect, OperationKind, OperationStatus};
pub use resource::{Resource, ResourceRecord, ThingStatus};
pub use scope::Scope;
