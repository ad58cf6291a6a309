//! What a connection can do.

use serde::{Deserialize, Serialize};

/// One thing that an adapter implements; its word is the same in answers, problems and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Capability {
    /// List accounts page by page.
    #[serde(rename = "accounts.list")]
    ListAccounts,
    /// Read one account by its key.
    #[serde(rename = "accounts.read")]
    ReadAccounts,
    /// Create an account.
    #[serde(rename = "accounts.create")]
    CreateAccounts,
    /// Change fields of an account.
    #[serde(rename = "accounts.update")]
    UpdateAccounts,
    /// Change attributes of several accounts by one request.
    #[serde(rename = "accounts.update_many")]
    UpdateManyAccounts,
    /// Delete an account.
    #[serde(rename = "accounts.delete")]
    DeleteAccounts,
    /// Make an account active.
    #[serde(rename = "accounts.activate")]
    ActivateAccounts,
    /// Make an account inactive.
    #[serde(rename = "accounts.deactivate")]
    DeactivateAccounts,
    /// List resources page by page.
    #[serde(rename = "resources.list")]
    ListResources,
    /// Read one resource by its key.
    #[serde(rename = "resources.read")]
    ReadResources,
    /// List entitlements page by page.
    #[serde(rename = "entitlements.list")]
    ListEntitlements,
    /// Read one entitlement by its key.
    #[serde(rename = "entitlements.read")]
    ReadEntitlements,
    /// Change an entitlement itself.
    #[serde(rename = "entitlements.update")]
    UpdateEntitlements,
    /// List grants page by page.
    #[serde(rename = "grants.list")]
    ListGrants,
    /// Read whether an account holds an entitlement.
    #[serde(rename = "grants.read")]
    ReadGrants,
    /// Give an entitlement to an account.
    #[serde(rename = "grants.create")]
    CreateGrants,
    /// Take an entitlement away from an account.
    #[serde(rename = "grants.delete")]
    DeleteGrants,
    /// Replace all who hold an entitlement by one request.
    #[serde(rename = "grants.replace")]
    ReplaceGrants,
    /// List what the vendor reports that was done.
    #[serde(rename = "activity.list")]
    ListActivity,
}

impl Capability {
    /// Every capability that the gateway knows.
    pub const ALL: [Self; 19] = [
        Self::ListAccounts,
        Self::ReadAccounts,
        Self::CreateAccounts,
        Self::UpdateAccounts,
        Self::UpdateManyAccounts,
        Self::DeleteAccounts,
        Self::ActivateAccounts,
        Self::DeactivateAccounts,
        Self::ListResources,
        Self::ReadResources,
        Self::ListEntitlements,
        Self::ReadEntitlements,
        Self::UpdateEntitlements,
        Self::ListGrants,
        Self::ReadGrants,
        Self::CreateGrants,
        Self::DeleteGrants,
        Self::ReplaceGrants,
        Self::ListActivity,
    ];

    /// The word used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListAccounts => "accounts.list",
            Self::ReadAccounts => "accounts.read",
            Self::CreateAccounts => "accounts.create",
            Self::UpdateAccounts => "accounts.update",
            Self::UpdateManyAccounts => "accounts.update_many",
            Self::DeleteAccounts => "accounts.delete",
            Self::ActivateAccounts => "accounts.activate",
            Self::DeactivateAccounts => "accounts.deactivate",
            Self::ListResources => "resources.list",
            Self::ReadResources => "resources.read",
            Self::ListEntitlements => "entitlements.list",
            Self::ReadEntitlements => "entitlements.read",
            Self::UpdateEntitlements => "entitlements.update",
            Self::ListGrants => "grants.list",
            Self::ReadGrants => "grants.read",
            Self::CreateGrants => "grants.create",
            Self::DeleteGrants => "grants.delete",
            Self::ReplaceGrants => "grants.replace",
            Self::ListActivity => "activity.list",
        }
    }

    /// The capability that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_serialized_form() {
        for capability in Capability::ALL {
            let json = serde_json::to_value(capability).unwrap();
            assert_eq!(json, capability.as_str());
            assert_eq!(Capability::parse(capability.as_str()), Some(capability));
        }
    }
}
