//! Sync runs on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::paging::{Limit, page};
use crate::http::v1::failure::Failure;
use crate::services::{PageSpec, syncs};

/// One run over a vendor's listing.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRun {
    /// UUIDv7.
    id: Uuid,
    /// The connection.
    connection_id: Uuid,
    /// What is synced.
    #[schema(example = "accounts")]
    noun: String,
    /// `demand` or `schedule`.
    #[schema(example = "demand")]
    cause: String,
    /// `pending`, `running`, `complete`, `incomplete` (it had defects, so nothing counts as gone) or `failed`.
    #[schema(example = "complete")]
    status: String,
    /// When it was asked for.
    requested_at: DateTime<Utc>,
    /// When its first page was asked for.
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// How many items the vendor says there are, where it says so.
    #[schema(required)]
    total: Option<i64>,
    /// Pages read so far.
    pages: i32,
    /// Different items met so far.
    seen: i64,
    /// Items that were new to us.
    created: i64,
    /// Items that had changed.
    changed: i64,
    /// Items that are gone.
    removed: i64,
    /// Why the run proves no absence, in words.
    #[schema(value_type = Vec<String>)]
    defects: Value,
    /// Why it failed.
    #[schema(required)]
    error: Option<Failure>,
}

impl From<syncs::SyncRun> for SyncRun {
    fn from(run: syncs::SyncRun) -> Self {
        let syncs::SyncRun {
            id,
            connection_id,
            noun,
            cause,
            status,
            // How replicas share the work is their own business.
            epoch: _,
            attempts: _,
            cursor: _,
            requested_at,
            started_at,
            finished_at,
            total,
            pages,
            seen,
            created,
            changed,
            removed,
            defects,
            error,
        } = run;
        Self {
            id,
            connection_id,
            noun,
            cause,
            status,
            requested_at,
            started_at,
            finished_at,
            total,
            pages,
            seen,
            created,
            changed,
            removed,
            defects,
            error: error.map(Failure::of_stored),
        }
    }
}

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SyncQuery {
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl From<SyncQuery> for PageSpec {
    fn from(query: SyncQuery) -> Self {
        let SyncQuery { limit, cursor } = query;
        page(limit, cursor)
    }
}
