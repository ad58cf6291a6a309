//! One mutating act toward a vendor, from intent to proven outcome.

use serde::{Deserialize, Serialize};

use super::Capability;

/// What an operation does. The word is stored and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationKind {
    /// Makes an account.
    #[serde(rename = "account.create")]
    CreateAccount,
    /// Changes fields of an account.
    #[serde(rename = "account.update")]
    UpdateAccount,
    /// Changes attributes of several accounts by one request.
    #[serde(rename = "account.update_many")]
    UpdateManyAccounts,
    /// Removes an account.
    #[serde(rename = "account.delete")]
    DeleteAccount,
    /// Makes an account active.
    #[serde(rename = "account.activate")]
    ActivateAccount,
    /// Makes an account inactive.
    #[serde(rename = "account.deactivate")]
    DeactivateAccount,
    /// Changes an entitlement itself.
    #[serde(rename = "entitlement.update")]
    UpdateEntitlement,
    /// Gives an entitlement to an account.
    #[serde(rename = "grant.create")]
    CreateGrant,
    /// Takes an entitlement away from an account.
    #[serde(rename = "grant.delete")]
    DeleteGrant,
    /// Replaces all who hold an entitlement.
    #[serde(rename = "grant.replace")]
    ReplaceGrants,
    /// Sends a documented operation of the vendor's as it is.
    #[serde(rename = "upstream.write")]
    UpstreamWrite,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::CreateAccount,
        Self::UpdateAccount,
        Self::UpdateManyAccounts,
        Self::DeleteAccount,
        Self::ActivateAccount,
        Self::DeactivateAccount,
        Self::UpdateEntitlement,
        Self::CreateGrant,
        Self::DeleteGrant,
        Self::ReplaceGrants,
        Self::UpstreamWrite,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreateAccount => "account.create",
            Self::UpdateAccount => "account.update",
            Self::UpdateManyAccounts => "account.update_many",
            Self::DeleteAccount => "account.delete",
            Self::ActivateAccount => "account.activate",
            Self::DeactivateAccount => "account.deactivate",
            Self::UpdateEntitlement => "entitlement.update",
            Self::CreateGrant => "grant.create",
            Self::DeleteGrant => "grant.delete",
            Self::ReplaceGrants => "grant.replace",
            Self::UpstreamWrite => "upstream.write",
        }
    }

    /// The kind that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// Whether it takes access away, or may: such an act must not wait behind others.
    pub const fn is_removal(self) -> bool {
        match self {
            Self::DeleteAccount
            | Self::DeactivateAccount
            | Self::DeleteGrant
            | Self::ReplaceGrants => true,
            Self::CreateAccount
            | Self::UpdateAccount
            | Self::UpdateManyAccounts
            | Self::ActivateAccount
            | Self::UpdateEntitlement
            | Self::CreateGrant
            | Self::UpstreamWrite => false,
        }
    }

    /// What it is about: the noun of its audit events.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::CreateAccount
            | Self::UpdateAccount
            | Self::DeleteAccount
            | Self::ActivateAccount
            | Self::DeactivateAccount => "account",
            Self::UpdateEntitlement | Self::ReplaceGrants => "entitlement",
            Self::CreateGrant | Self::DeleteGrant => "grant",
            Self::UpdateManyAccounts | Self::UpstreamWrite => "connection",
        }
    }

    /// What a connection must be able to do for it; `None` where no capability of its own is behind it.
    pub const fn capability(self) -> Option<Capability> {
        Some(match self {
            Self::CreateAccount => Capability::CreateAccounts,
            Self::UpdateAccount => Capability::UpdateAccounts,
            Self::UpdateManyAccounts => Capability::UpdateManyAccounts,
            Self::DeleteAccount => Capability::DeleteAccounts,
            Self::ActivateAccount => Capability::ActivateAccounts,
            Self::DeactivateAccount => Capability::DeactivateAccounts,
            Self::UpdateEntitlement => Capability::UpdateEntitlements,
            Self::CreateGrant => Capability::CreateGrants,
            Self::DeleteGrant => Capability::DeleteGrants,
            Self::ReplaceGrants => Capability::ReplaceGrants,
            Self::UpstreamWrite => return None,
        })
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// Recorded, not begun.
    Pending,
    /// Owned by a replica.
    Running,
    /// Done, proven by the vendor's answer or by a reading.
    Succeeded,
    /// Not done, proven likewise.
    Failed,
    /// Sent, and no reading can tell what became of it; waits for a person.
    OutcomeUnknown,
}

impl OperationStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::OutcomeUnknown,
    ];

    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::OutcomeUnknown => "outcome_unknown",
        }
    }

    /// The status that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// Whether nothing more happens by itself.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::OutcomeUnknown)
    }
}

/// What a successful operation did at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Something new is there.
    Created,
    /// Something was changed.
    Updated,
    /// Something is gone.
    Deleted,
    /// It already was as asked.
    Noop,
}

impl Effect {
    /// The word used on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Noop => "noop",
        }
    }
}
