//! The entitlement capabilities, one trait each.

use async_trait::async_trait;

use super::{AdapterError, Call, Page, PageRequest};
use crate::domain::{EntitlementRecord, ExternalKey};

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
