//! The resource capabilities, one trait each.

use async_trait::async_trait;

use super::{AdapterError, Call, Page, PageRequest};
use crate::domain::{ExternalKey, ResourceRecord};

/// Lists the resources of a connection. A part comes on the same page as the whole that it belongs to, or on a later one.
#[async_trait]
pub trait ListsResources: Send + Sync {
    /// One page; the caller loops and may stop and resume at any cursor.
    async fn list_resources(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError>;
}

/// Reads one resource.
#[async_trait]
pub trait ReadsResources: Send + Sync {
    /// The resource, or `None` when the vendor's answer proves that it is gone. [`super::Trouble::Unsupported`] for a kind
    /// that can't be read alone.
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError>;
}
