//! What a connection is synced for.

use serde::{Deserialize, Serialize};

use super::Capability;

/// A noun whose rows come from vendors. The word is stored, shown, and the name of the noun's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// What access is given to.
    Resources,
    /// What can be held.
    Entitlements,
    /// Who can hold it.
    Accounts,
    /// Who holds what.
    Grants,
}

impl Noun {
    /// Every noun, in the order in which a full sync goes over them: each refers only to those before it.
    pub const ALL: [Self; 4] = [
        Self::Resources,
        Self::Entitlements,
        Self::Accounts,
        Self::Grants,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Entitlements => "entitlements",
            Self::Accounts => "accounts",
            Self::Grants => "grants",
        }
    }

    /// One of them, in words.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Resources => "resource",
            Self::Entitlements => "entitlement",
            Self::Accounts => "account",
            Self::Grants => "grant",
        }
    }

    /// The noun that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// What a connection must be able to do so that it is synced for them.
    pub const fn listing(self) -> Capability {
        match self {
            Self::Resources => Capability::ListResources,
            Self::Entitlements => Capability::ListEntitlements,
            Self::Accounts => Capability::ListAccounts,
            Self::Grants => Capability::ListGrants,
        }
    }

    /// What it must be able to do so that one of them can be read by itself.
    pub const fn reading(self) -> Capability {
        match self {
            Self::Resources => Capability::ReadResources,
            Self::Entitlements => Capability::ReadEntitlements,
            Self::Accounts => Capability::ReadAccounts,
            Self::Grants => Capability::ReadGrants,
        }
    }
}

impl std::fmt::Display for Noun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One part of a sync: a noun whose rows are copied, or what the vendor reports that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncPart {
    /// The rows of a noun.
    Rows(Noun),
    /// What the vendor reports. Last: it names accounts and resources.
    Activity,
}

impl SyncPart {
    /// Every part, in the order in which a full sync goes over them.
    pub const ALL: [Self; 5] = [
        Self::Rows(Noun::Resources),
        Self::Rows(Noun::Entitlements),
        Self::Rows(Noun::Accounts),
        Self::Rows(Noun::Grants),
        Self::Activity,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rows(noun) => noun.as_str(),
            Self::Activity => "activity",
        }
    }

    /// The part that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// What a connection must be able to do so that this is a part of its syncs.
    pub const fn listing(self) -> Capability {
        match self {
            Self::Rows(noun) => noun.listing(),
            Self::Activity => Capability::ListActivity,
        }
    }
}

impl From<Noun> for SyncPart {
    fn from(noun: Noun) -> Self {
        Self::Rows(noun)
    }
}

impl std::fmt::Display for SyncPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
