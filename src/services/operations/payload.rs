//! The stored form of what an operation is to do: everything but its secrets.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::{AccountChange, AccountKind, NewAccount};

/// The payload of an operation, as stored: without secrets.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Payload {
    /// A new account.
    Create {
        login: Option<String>,
        email: Option<String>,
        display_name: Option<String>,
        given_name: Option<String>,
        family_name: Option<String>,
        kind: Option<AccountKind>,
        attributes: Map<String, Value>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entitlement_ids: Vec<Uuid>,
    },
    /// Changed fields; a present `null` makes one empty.
    Update {
        changes: Map<String, Value>,
        attributes: Map<String, Value>,
    },
    /// The account itself is all there is to say.
    Account {},
    /// The grant itself is all there is to say, and why.
    Grant {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl Payload {
    /// The stored form of a new account.
    pub(crate) fn create(new: &NewAccount, entitlement_ids: Vec<Uuid>) -> Self {
        Self::Create {
            login: new.login.clone(),
            email: new.email.clone(),
            display_name: new.display_name.clone(),
            given_name: new.given_name.clone(),
            family_name: new.family_name.clone(),
            kind: new.kind,
            attributes: new.attributes.clone(),
            entitlement_ids,
        }
    }

    /// Why it is asked for, where the caller says so.
    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Grant { reason } => reason.as_deref(),
            Self::Create { .. } | Self::Update { .. } | Self::Account {} => None,
        }
    }

    /// The stored form of a change.
    pub(crate) fn update(change: &AccountChange) -> Self {
        let mut changes = Map::new();
        for (name, value) in [
            ("login", &change.login),
            ("email", &change.email),
            ("display_name", &change.display_name),
            ("given_name", &change.given_name),
            ("family_name", &change.family_name),
        ] {
            if let Some(value) = value {
                changes.insert(name.to_owned(), Value::from(value.clone()));
            }
        }
        Self::Update {
            changes,
            attributes: change.attributes.clone(),
        }
    }
}
