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
    /// Changes of several accounts by one request.
    UpdateMany {
        items: Vec<AccountAttributes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A change of an entitlement.
    UpdateEntitlement { name: String },
    /// Who shall hold the entitlement, and nobody else.
    Replace {
        account_ids: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A documented operation of the vendor's; the body is the secret part.
    Upstream {
        api: String,
        operation: String,
        segments: Vec<String>,
        query: Vec<(String, String)>,
        accept: Option<String>,
        content_type: Option<String>,
        /// Keyed, so that nobody can guess a short body from it: the master key's id, a colon, HMAC-SHA-256 in hex.
        #[serde(alias = "body_sha256")]
        body_hmac: String,
        body_bytes: usize,
    },
}

/// The attributes of one account of several, by the vendor's names; a `null` takes one away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountAttributes {
    /// The account.
    pub account_id: Uuid,
    /// What changes.
    pub attributes: Map<String, Value>,
}

impl Payload {
    /// What the audit events of an operation tell of a stored payload, besides what it was done to.
    pub(super) fn told(stored: &Value) -> Map<String, Value> {
        let reasons = ["/grant/reason", "/replace/reason", "/update_many/reason"];
        let reason = reasons.iter().find_map(|place| stored.pointer(place));
        if let Some(reason) = reason {
            return Map::from_iter([("reason".to_owned(), reason.clone())]);
        }
        let Some(upstream) = stored.get("upstream") else {
            return Map::new();
        };
        ["api", "operation", "segments", "body_hmac", "body_bytes"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), upstream.get(name)?.clone())))
            .collect()
    }

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
