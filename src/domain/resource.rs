//! Something that access is given to: a tenant, a domain, an app, an integration, a database.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ExternalKey;

/// The state of a resource or an entitlement, over all vendors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingStatus {
    /// It is there.
    Active,
    /// It is there and out of use, or in trouble; `vendor_status` says how.
    Inactive,
    /// Gone at the vendor.
    Deleted,
    /// A word that the gateway does not know; `vendor_status` keeps it.
    Unknown,
}

impl ThingStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Inactive, Self::Deleted, Self::Unknown];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
            Self::Unknown => "unknown",
        }
    }

    /// The status that a word names; an unknown word is [`ThingStatus::Unknown`].
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == word)
            .unwrap_or(Self::Unknown)
    }
}

/// What a vendor's answer says of one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourceRecord {
    /// The key that the gateway keeps it under.
    pub external_key: ExternalKey,
    /// The vendor's own word for it, for show.
    pub external_id: String,
    /// The key of the resource that it is a part of.
    pub parent_key: Option<ExternalKey>,
    /// What it is, in lower snake case: `tenant`, `domain`, `app`, `integration`, or the vendor's own type.
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
    /// What the vendor says that it is for.
    pub description: Option<String>,
    /// Normalized state; a vendor without states gives [`ThingStatus::Active`].
    pub status: ThingStatus,
    /// The vendor's own word for the state, `None` where it has none.
    pub vendor_status: Option<String>,
    /// What else the vendor says, by the vendor's names.
    pub attributes: Map<String, Value>,
    /// When the vendor made it.
    pub created_at: Option<DateTime<Utc>>,
    /// When the vendor last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// The payload as it came.
    pub raw: Value,
}

/// A resource as the gateway keeps it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The gateway's id (UUIDv7).
    pub id: Uuid,
    /// The connection that it belongs to.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// What the vendor said last.
    pub record: ResourceRecord,
    /// The row of [`ResourceRecord::parent_key`]; `None` also while we have no such row.
    pub parent_id: Option<Uuid>,
    /// When our copy last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was last written or read by itself, or changed by a sync.
    pub seen_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    pub source: String,
}
