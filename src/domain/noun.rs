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
