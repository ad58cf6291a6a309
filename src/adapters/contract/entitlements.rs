//! The entitlement capabilities, one trait each.

use async_trait::async_trait;

use super::{AdapterError, Call, Outcome, Page, PageRequest};
use crate::domain::{EntitlementChange, EntitlementRecord, ExternalKey};

/// Lists the entitlements of a connection.
#[async_trait]
pub trait ListsEntitlements: Send + Sync {
    /// One page; the caller loops and may stop and resume at any cursor.
    async fn list_entitlements(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError>;
}

/// Reads one entitlement.
#[async_trait]
pub trait ReadsEntitlements: Send + Sync {
    /// The entitlement, or `None` when the vendor's answer proves that it is gone. [`super::Trouble::Unsupported`] for a kind
    /// that can't be read alone.
    async fn find_entitlement(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError>;
}

/// Changes entitlements themselves. The order of a write is that of the accounts' (see [`super::CreatesAccounts`]).
#[async_trait]
pub trait UpdatesEntitlements: Send + Sync {
    /// What changes take turns by, over all replicas: a word that other acts on the same entitlement share where they must not
    /// go on at the same time.
    fn turns_of_updating(&self, known: &EntitlementRecord) -> String;

    /// Checks the change without any I/O.
    ///
    /// # Errors
    /// [`super::Trouble::Unsupported`] where this entitlement can't be changed, [`super::Trouble::Invalid`] with the pointer of
    /// the field.
    fn prepare_update(
        &self,
        known: &EntitlementRecord,
        change: &EntitlementChange,
    ) -> Result<(), AdapterError>;

    /// Makes the readings that must be made and sends the one mutating request; repeating it is safe. What is so already is a
    /// [`crate::domain::Effect::Noop`]. The value is the entitlement as it is afterwards.
    ///
    /// # Errors
    /// [`super::Trouble::NotFound`] where it is gone, [`super::Trouble::Conflict`] in words where something is in the way.
    async fn update_entitlement(
        &self,
        call: &Call,
        known: &EntitlementRecord,
        change: &EntitlementChange,
    ) -> Result<Outcome<EntitlementRecord>, AdapterError>;
}
