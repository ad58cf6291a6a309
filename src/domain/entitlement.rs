//! Something that an account can hold: a role, a licence, a permission, a group membership, an account type.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ExternalKey, ThingStatus};

/// What sort of entitlement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementKind {
    /// A role.
    Role,
    /// A licence, which costs a seat.
    Licence,
    /// A permission, alone or on a resource.
    Permission,
    /// The membership of a group.
    Group,
    /// The type that an account is of.
    AccountType,
}

impl EntitlementKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Role,
        Self::Licence,
        Self::Permission,
        Self::Group,
        Self::AccountType,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Licence => "licence",
            Self::Permission => "permission",
            Self::Group => "group",
            Self::AccountType => "account_type",
        }
    }

    /// The kind that a word names; our own tables hold no other words.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

/// How many entitlements of a type an account must and may hold for an act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// At least so many; `None`: no lower bound.
    pub min: Option<u32>,
    /// At most so many; `None`: no upper bound.
    pub max: Option<u32>,
}

/// What a vendor's answer says of one entitlement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntitlementRecord {
    /// The key that the gateway keeps it under.
    pub external_key: ExternalKey,
    /// The vendor's own word for it, for show.
    pub external_id: String,
    /// What sort it is.
    pub kind: EntitlementKind,
    /// Its name.
    pub name: String,
    /// What the vendor says that it is for.
    pub description: Option<String>,
    /// The key of the resource that it is at; `None`: it holds everywhere in the connection.
    pub resource_key: Option<ExternalKey>,
    /// Whether it can be granted through the gateway directly.
    pub assignable: bool,
    /// Whether it can be asked for at the vendor.
    pub requestable: bool,
    /// An account holds one member of this group at a time; `None` mostly.
    pub exclusive_group: Option<String>,
    /// Whether it is what an account falls back to when nothing else of its exclusive group was given to it: displacing it
    /// takes nothing away from anybody, and it can't be revoked.
    pub is_rest: bool,
    /// How many of its type an account holds; `None`: any number.
    pub bounds: Bounds,
    /// How many of its type an account must hold for an act, by the vendor's word for the act.
    pub requirements: BTreeMap<String, Bounds>,
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

/// An entitlement as the gateway keeps it.
#[derive(Clone, Debug)]
pub struct Entitlement {
    /// The gateway's id (UUIDv7).
    pub id: Uuid,
    /// The connection that it belongs to.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// What the vendor said last.
    pub record: EntitlementRecord,
    /// The row of [`EntitlementRecord::resource_key`]; `None` also while we have no such row.
    pub resource_id: Option<Uuid>,
    /// When our copy last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was last written or read by itself, or changed by a sync.
    pub seen_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    pub source: String,
}

/// Changes to an entitlement itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntitlementChange {
    /// Its new name.
    pub name: String,
}
