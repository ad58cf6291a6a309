//! An account holds an entitlement.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ExternalKey;

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// The account holds the entitlement.
    Active,
    /// It is being given.
    Granting,
    /// It is being taken away; until that is proven the account holds it.
    Revoking,
    /// Gone, as the vendor confirmed or a reading showed.
    Deleted,
}

impl GrantStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Granting, Self::Revoking, Self::Deleted];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Granting => "granting",
            Self::Revoking => "revoking",
            Self::Deleted => "deleted",
        }
    }

    /// The status that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

/// What a vendor's answer says of one grant. That it is said at all means that the account holds the entitlement, or is just
/// getting or losing it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantRecord {
    /// The key of the account.
    pub account_key: ExternalKey,
    /// The key of the entitlement.
    pub entitlement_key: ExternalKey,
    /// [`GrantStatus::Active`], or what the vendor says that is under way.
    pub status: GrantStatus,
    /// The vendor's own word for the state, `None` where it has none.
    pub vendor_status: Option<String>,
    /// The vendor's listing does not name the type of the entitlement and several match: shown, never taken as proof.
    pub ambiguous: bool,
    /// What else the vendor says, by the vendor's names.
    pub attributes: Map<String, Value>,
    /// When the vendor made it.
    pub created_at: Option<DateTime<Utc>>,
    /// When the vendor last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// The payload as it came.
    pub raw: Value,
}

impl GrantRecord {
    /// That the account holds the entitlement, and nothing more.
    pub fn held(account_key: ExternalKey, entitlement_key: ExternalKey, raw: Value) -> Self {
        Self {
            account_key,
            entitlement_key,
            status: GrantStatus::Active,
            vendor_status: None,
            ambiguous: false,
            attributes: Map::new(),
            created_at: None,
            updated_at: None,
            raw,
        }
    }

    /// The key that the gateway keeps it under: the key of its account, then the key of its entitlement.
    pub fn external_key(&self) -> ExternalKey {
        Self::key(&self.account_key, &self.entitlement_key)
    }

    /// The key of the grant of an entitlement to an account.
    pub fn key(account: &ExternalKey, entitlement: &ExternalKey) -> ExternalKey {
        ExternalKey::new(&[account.as_str(), entitlement.as_str()])
    }
}

/// A grant as the gateway keeps it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The gateway's id (UUIDv7).
    pub id: Uuid,
    /// The connection that it belongs to.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// What the vendor said last.
    pub record: GrantRecord,
    /// Who holds it.
    pub account_id: Uuid,
    /// What is held.
    pub entitlement_id: Uuid,
    /// Whether the gateway gave it.
    pub managed: bool,
    /// The entitlement of the same exclusive group that it took the place of; its end gives it back.
    pub displaced_id: Option<Uuid>,
    /// When our copy last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was last written or read by itself, or changed by a sync.
    pub seen_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    pub source: String,
}
