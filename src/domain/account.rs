//! A person's or a service's login at one vendor.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{EntitlementRecord, ExternalKey};

/// Whether an account belongs to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person's account.
    Human,
    /// A machine's account.
    Service,
    /// The vendor does not say.
    Unknown,
}

impl AccountKind {
    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }

    /// The kind that a word names; an unknown word is [`AccountKind::Unknown`].
    pub fn parse(word: &str) -> Self {
        match word {
            "human" => Self::Human,
            "service" => Self::Service,
            _ => Self::Unknown,
        }
    }
}

/// The state of an account, over all vendors. A vendor without account states gives [`AccountStatus::Active`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// May be used.
    Active,
    /// Switched off.
    Inactive,
    /// Switched off for a time.
    Suspended,
    /// Its access was taken away.
    Deprovisioned,
    /// Invited or being made.
    Pending,
    /// Gone at the vendor.
    Deleted,
    /// A word that the gateway does not know; `vendor_status` keeps it.
    Unknown,
}

impl AccountStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Inactive,
        Self::Suspended,
        Self::Deprovisioned,
        Self::Pending,
        Self::Deleted,
        Self::Unknown,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
            Self::Deprovisioned => "deprovisioned",
            Self::Pending => "pending",
            Self::Deleted => "deleted",
            Self::Unknown => "unknown",
        }
    }

    /// The status that a word names; an unknown word is [`AccountStatus::Unknown`].
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == word)
            .unwrap_or(Self::Unknown)
    }
}

/// What a vendor's answer says of one account: made by an adapter, stored by a sync or a write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// The key that the gateway keeps it under.
    pub external_key: ExternalKey,
    /// The vendor's own word for it, for show.
    pub external_id: String,
    /// The name that the owner logs in with.
    pub login: Option<String>,
    /// E-mail address as the vendor spells it.
    pub email: Option<String>,
    /// Full name, or what the vendor has in its place.
    pub display_name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Person or machine.
    pub kind: AccountKind,
    /// Normalized state.
    pub status: AccountStatus,
    /// The vendor's own word for the state, `None` where it has none.
    pub vendor_status: Option<String>,
    /// The key of the resource (app, domain) that it belongs to, where it belongs to one.
    #[serde(default)]
    pub resource_key: Option<ExternalKey>,
    /// What else the vendor says, by the vendor's names.
    pub attributes: Map<String, Value>,
    /// When the account was last used.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// When the vendor made it.
    pub created_at: Option<DateTime<Utc>>,
    /// When the vendor last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// The payload as it came.
    pub raw: Value,
    /// The first part of the keys of accounts that turn into this one, such as `invite`; mostly `None`. A live row with such a
    /// key and this record's e-mail becomes this record's row, and keeps its id.
    pub succeeds: Option<Cow<'static, str>>,
}

/// An account as the gateway keeps it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The gateway's id (UUIDv7).
    pub id: Uuid,
    /// The connection that it belongs to.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// What the vendor said last.
    pub record: AccountRecord,
    /// The resource (app, domain) that it belongs to, where it belongs to one.
    pub resource_id: Option<Uuid>,
    /// When our copy last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was last written or read by itself, or changed by a sync; a sync that found it unchanged leaves no trace here.
    pub seen_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    pub source: String,
    /// Counts the changes of our copy; the entity tag.
    pub version: i64,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The operation that makes it; a vendor that lets us choose ids gets this one.
    pub operation_id: Uuid,
    /// The name to log in with.
    pub login: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Full name.
    pub display_name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Person or machine; `None` where the caller does not say.
    pub kind: Option<AccountKind>,
    /// First password.
    pub password: Option<SecretString>,
    /// The vendor's own fields, checked against the connection's schema.
    pub attributes: Map<String, Value>,
    /// What it shall hold from the beginning.
    pub entitlements: Vec<EntitlementRecord>,
}

/// Changes to an account. Outer `None`: leave as it is; inner `None`: make it empty.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The name to log in with.
    pub login: Option<Option<String>>,
    /// E-mail address.
    pub email: Option<Option<String>>,
    /// Full name.
    pub display_name: Option<Option<String>>,
    /// Given name.
    pub given_name: Option<Option<String>>,
    /// Family name.
    pub family_name: Option<Option<String>>,
    /// New password.
    pub password: Option<SecretString>,
    /// The vendor's own fields; a `null` makes one empty.
    pub attributes: Map<String, Value>,
}

/// Changes to the attributes of one account of several.
#[derive(Clone, Debug)]
pub struct AttributesChange {
    /// The account, as the vendor said it last.
    pub account: AccountRecord,
    /// By the vendor's names; a `null` takes one away.
    pub attributes: Map<String, Value>,
}
