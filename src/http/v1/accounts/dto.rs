//! Accounts on the wire.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use crate::domain::{self, AccountChange, AccountRecord};
use crate::http::extract::present;
use crate::http::paging::Single;
use crate::services::accounts::CreateAccount;

/// A login of a person or a service at one vendor.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// UUIDv7; stays the same for ever.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// The vendor's own id for it, for show.
    external_id: String,
    /// The name that its owner logs in with.
    #[schema(required, example = "ada.lovelace@example.com")]
    login: Option<String>,
    /// E-mail address, as the vendor spells it.
    #[schema(required, example = "ada.lovelace@example.com")]
    email: Option<String>,
    /// Full name, or what the vendor has in its place.
    #[schema(required, example = "Ada Lovelace")]
    display_name: Option<String>,
    /// Given name.
    #[schema(required)]
    given_name: Option<String>,
    /// Family name.
    #[schema(required)]
    family_name: Option<String>,
    /// Whether it belongs to a person.
    #[schema(inline)]
    kind: AccountKind,
    /// Its state, in words that are the same for every vendor. A vendor without account states gives `active`.
    #[schema(inline)]
    status: AccountStatus,
    /// The vendor's own word for the state; null where it has none.
    #[schema(required)]
    vendor_status: Option<String>,
    /// The resource (app, domain) that it belongs to, where it belongs to one.
    #[schema(required)]
    resource_id: Option<Uuid>,
    /// What else the vendor says, by the vendor's names.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    /// When it was last used.
    #[schema(required)]
    last_activity_at: Option<DateTime<Utc>>,
    /// When the vendor made it; null where the vendor does not say.
    #[schema(required)]
    created_at: Option<DateTime<Utc>>,
    /// When the vendor last changed it; null where the vendor does not say.
    #[schema(required)]
    updated_at: Option<DateTime<Utc>>,
    /// When our copy last changed.
    changed_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    #[schema(example = "sync")]
    source: String,
    /// The vendor's payload as it came, with `include=raw` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
}

/// The account as it is now.
#[derive(IntoResponses)]
#[response(
    status = 200,
    headers(("ETag" = String, description = "Its version, for `If-Match`."))
)]
pub struct AccountNow(#[allow(dead_code, reason = "says what the answer is")] Single<Account>);

/// Whether an account belongs to a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person's.
    Human,
    /// A machine's.
    Service,
    /// The vendor does not say.
    Unknown,
}

/// The state of an account, over all vendors.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
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

impl From<domain::AccountKind> for AccountKind {
    fn from(kind: domain::AccountKind) -> Self {
        match kind {
            domain::AccountKind::Human => Self::Human,
            domain::AccountKind::Service => Self::Service,
            domain::AccountKind::Unknown => Self::Unknown,
        }
    }
}

impl From<AccountKind> for domain::AccountKind {
    fn from(kind: AccountKind) -> Self {
        match kind {
            AccountKind::Human => Self::Human,
            AccountKind::Service => Self::Service,
            AccountKind::Unknown => Self::Unknown,
        }
    }
}

impl From<domain::AccountStatus> for AccountStatus {
    fn from(status: domain::AccountStatus) -> Self {
        match status {
            domain::AccountStatus::Active => Self::Active,
            domain::AccountStatus::Inactive => Self::Inactive,
            domain::AccountStatus::Suspended => Self::Suspended,
            domain::AccountStatus::Deprovisioned => Self::Deprovisioned,
            domain::AccountStatus::Pending => Self::Pending,
            domain::AccountStatus::Deleted => Self::Deleted,
            domain::AccountStatus::Unknown => Self::Unknown,
        }
    }
}

impl From<AccountStatus> for domain::AccountStatus {
    fn from(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Active => Self::Active,
            AccountStatus::Inactive => Self::Inactive,
            AccountStatus::Suspended => Self::Suspended,
            AccountStatus::Deprovisioned => Self::Deprovisioned,
            AccountStatus::Pending => Self::Pending,
            AccountStatus::Deleted => Self::Deleted,
            AccountStatus::Unknown => Self::Unknown,
        }
    }
}

impl From<domain::Account> for Account {
    fn from(account: domain::Account) -> Self {
        let domain::Account {
            id,
            connection_id,
            vendor,
            record,
            resource_id,
            changed_at,
            source,
            // Part of `as_of`.
            seen_at: _,
            // The entity tag.
            version: _,
        } = account;
        let AccountRecord {
            // Ours, made from what `external_id` shows.
            external_key: _,
            external_id,
            login,
            email,
            display_name,
            given_name,
            family_name,
            kind,
            status,
            vendor_status,
            attributes,
            last_activity_at,
            created_at,
            updated_at,
            raw,
            // Of interest to the store alone.
            succeeds: _,
            resource_key: _,
        } = record;
        Self {
            id,
            connection_id,
            vendor,
            external_id,
            login,
            email,
            display_name,
            given_name,
            family_name,
            kind: kind.into(),
            status: status.into(),
            vendor_status,
            resource_id,
            attributes,
            last_activity_at,
            created_at,
            updated_at,
            changed_at,
            source,
            // Read from the database only when it was asked for.
            raw: Some(raw).filter(|raw| !raw.is_null()),
        }
    }
}

/// An account to be made. What a vendor can't keep is refused, never dropped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountCreate {
    /// Id or name of the connection.
    connection_id: String,
    /// The name to log in with. Where the login is the e-mail address, one of the two suffices, and both must agree.
    login: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Full name.
    display_name: Option<String>,
    /// Given name.
    given_name: Option<String>,
    /// Family name.
    family_name: Option<String>,
    /// Whether it shall belong to a person.
    #[schema(inline)]
    kind: Option<AccountKind>,
    /// First password, where the vendor takes one. Never shown, logged or kept.
    #[schema(value_type = Option<String>, format = Password, write_only)]
    password: Option<SecretString>,
    /// Entitlements to begin with.
    #[serde(default)]
    entitlement_ids: Vec<Uuid>,
    /// The vendor's own fields; `GET /v1/connections/{id}/capabilities` has their schema.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

impl From<AccountCreate> for CreateAccount {
    fn from(create: AccountCreate) -> Self {
        let AccountCreate {
            connection_id,
            login,
            email,
            display_name,
            given_name,
            family_name,
            kind,
            password,
            entitlement_ids,
            attributes,
        } = create;
        Self {
            connection: connection_id,
            login,
            email,
            display_name,
            given_name,
            family_name,
            kind: kind.map(Into::into),
            password,
            entitlement_ids,
            attributes,
        }
    }
}

/// Changes to an account (JSON Merge Patch, RFC 7396): what is missing stays as it is, null makes a field empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// The name to log in with.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    login: Option<Option<String>>,
    /// E-mail address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    email: Option<Option<String>>,
    /// Full name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    display_name: Option<Option<String>>,
    /// Given name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    given_name: Option<Option<String>>,
    /// Family name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    family_name: Option<Option<String>>,
    /// New password. Never shown, logged or kept.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, format = Password, write_only)]
    password: Option<SecretString>,
    /// The vendor's own fields to change; a null makes one empty. At Apono these are the user's attributes, which the account shows
    /// under `attributes.attributes`: one request sets some or takes some away.
    #[serde(default)]
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

impl From<AccountPatch> for AccountChange {
    fn from(patch: AccountPatch) -> Self {
        let AccountPatch {
            login,
            email,
            display_name,
            given_name,
            family_name,
            password,
            attributes,
        } = patch;
        Self {
            login,
            email,
            display_name,
            given_name,
            family_name,
            password,
            attributes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_on_the_wire_and_inside() {
        for status in domain::AccountStatus::ALL {
            let shown = serde_json::to_value(AccountStatus::from(status)).unwrap();
            assert_eq!(shown, status.as_str());
        }
        for kind in ["human", "service", "unknown"] {
            let shown = AccountKind::from(domain::AccountKind::parse(kind));
            assert_eq!(serde_json::to_value(shown).unwrap(), kind);
        }
    }

    #[test]
    fn a_patch_keeps_null_and_absent_apart() {
        let json = r#"{"email": null, "display_name": "Ada"}"#;
        let change: AccountChange = serde_json::from_str::<AccountPatch>(json).unwrap().into();
        assert_eq!(change.email, Some(None));
        assert_eq!(change.display_name, Some(Some("Ada".into())));
        assert_eq!(change.login, None);
        assert!(serde_json::from_str::<AccountPatch>(r#"{"password": null}"#).is_err());
    }
}
