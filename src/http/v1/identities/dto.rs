//! Identities on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain;
use crate::http::v1::accounts::AccountStatus;
use crate::http::v1::grants::Grant;
use crate::services::identities;

/// One person over all connections: the accounts that have one e-mail address. It is derived from the accounts and can't be
/// made or changed by itself; an account whose address changes belongs to another identity from then on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Identity {
    /// UUIDv7; stays the same for ever, also for a person who leaves and comes back.
    id: Uuid,
    /// The address that its accounts have in common: in lower case (as PostgreSQL's `lower()` makes it, beyond ASCII by the
    /// database's locale), without blanks around it.
    #[schema(example = "ada.lovelace@example.com")]
    email: String,
    /// The display name of one of its accounts: of those that are not deleted and have one, a person's before a machine's,
    /// then an active one, then the one that is here longest. Null where none has one.
    #[schema(required, example = "Ada Lovelace")]
    display_name: Option<String>,
    /// When our copy of one of its accounts last changed.
    changed_at: DateTime<Utc>,
    /// Its accounts, as far as your key sees their connections; the longest here first.
    accounts: Vec<IdentityAccount>,
}

/// One person over all connections, with what they hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeIdentity {
    #[serde(flatten)]
    identity: Identity,
    /// The grants of its accounts that are not deleted, as far as your key sees their connections. Null where your key lacks
    /// `grants:read`.
    #[schema(required)]
    grants: Option<Vec<Grant>>,
}

impl From<identities::WholeIdentity> for WholeIdentity {
    fn from(whole: identities::WholeIdentity) -> Self {
        let identities::WholeIdentity { identity, grants } = whole;
        Self {
            identity: identity.into(),
            grants: grants.map(|grants| grants.into_iter().map(Grant::from).collect()),
        }
    }
}

/// An account of an identity.
#[derive(Debug, Serialize, ToSchema)]
struct IdentityAccount {
    /// The account's id: `GET /v1/accounts/{id}` has the rest.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// Its state.
    #[schema(inline)]
    status: AccountStatus,
}

impl From<domain::Identity> for Identity {
    fn from(identity: domain::Identity) -> Self {
        let display_name = identity.display_name().map(str::to_owned);
        let domain::Identity {
            id,
            email,
            changed_at,
            accounts,
        } = identity;
        Self {
            id,
            email,
            display_name,
            changed_at,
            accounts: accounts.into_iter().map(IdentityAccount::from).collect(),
        }
    }
}

impl From<domain::IdentityAccount> for IdentityAccount {
    fn from(account: domain::IdentityAccount) -> Self {
        let domain::IdentityAccount {
            id,
            connection_id,
            vendor,
            status,
            // The account's own answer has them.
            kind: _,
            display_name: _,
            changed_at: _,
            seen_at: _,
        } = account;
        Self {
            id,
            connection_id,
            vendor,
            status: status.into(),
        }
    }
}
