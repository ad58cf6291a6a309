//! What the vendor documents, as data: the realm at the identity provider (§2), and the platform's API (§4, §5).
//!
//! A parameter has one name throughout, that of §4; §5 shortens it (`{t}` is `{tenantId}`).

mod api;
mod identity;
#[cfg(test)]
mod tests;

pub(super) use api::OPERATIONS as API;
pub(super) use identity::OPERATIONS as IDENTITY;

use crate::adapters::contract::UpstreamOperation;

/// The API of [`IDENTITY`].
pub(super) const IDENTITY_API: &str = "identity";

/// What an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    /// Nothing.
    Nothing,
    /// That the OAuth client shows who it is: its id and, where it has one, its secret (§2.3).
    Client,
    /// The access token that the connection lives by (§3).
    AccessToken,
    /// An access token that a client got for itself, not for a person (§5).
    ClientToken,
}

impl Credential {
    const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Client,
        Self::AccessToken,
        Self::ClientToken,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Client => "client",
            Self::AccessToken => "access_token",
            Self::ClientToken => "client_token",
        }
    }

    /// What this operation asks for; a test sees to it that each says so.
    pub(super) fn of(operation: &UpstreamOperation) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|known| known.word() == operation.credential)
            .unwrap_or(Self::AccessToken)
    }
}
