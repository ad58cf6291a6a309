//! What vendors report that was done.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ExternalKey;

/// One thing that a vendor reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityRecord {
    /// The vendor's id of the report in a canonical array; where it has none, a hash of what makes the report one.
    pub external_key: ExternalKey,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// What happened, as the vendor says it: `login`, `access_request`, `user.updated` …
    pub action: String,
    /// How it ended, as the vendor says it; `None` where it does not.
    pub outcome: Option<String>,
    /// The key of the account that did it, where the vendor tells one.
    pub account_key: Option<ExternalKey>,
    /// The e-mail address of who did it, where the vendor tells one.
    pub actor_email: Option<String>,
    /// What the vendor calls who did it, for show.
    pub actor_name: Option<String>,
    /// The key of the resource that it was done at, where the vendor tells one.
    pub resource_key: Option<ExternalKey>,
    /// What the vendor calls what it was done to, for show.
    pub target: Option<String>,
    /// Whether it shows that the account was used: then the account's `last_activity_at` is no earlier.
    pub is_use: bool,
    /// What else the vendor says, by the vendor's names.
    pub attributes: Map<String, Value>,
    /// The payload as it came.
    pub raw: Value,
}
