//! The capability to report what was done.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{AdapterError, Call, Page, PageRequest};
use crate::domain::ActivityRecord;

/// Lists what the vendor reports.
#[async_trait]
pub trait ListsActivity: Send + Sync {
    /// One page of what happened at or after `since`, in any order. A report may come again, on this page or in a later
    /// listing: its key tells. Vendors without a filter by time are asked for everything, and what is older is left out.
    async fn list_activity(
        &self,
        call: &Call,
        since: DateTime<Utc>,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AdapterError>;
}
