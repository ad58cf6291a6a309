//! Fields as the vendor spells them. What it answers is optional here: what is missing is told by `convert`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of an API error (§3).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refusal {
    pub(super) error_message: Option<String>,
    pub(super) error_code: Option<String>,
}

/// The body of an identity provider's error (§2.3).
#[derive(Default, Deserialize)]
pub(super) struct OAuthRefusal {
    pub(super) error: Option<String>,
    pub(super) error_description: Option<String>,
}

/// What the token endpoint answers (§2.3).
#[derive(Deserialize)]
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) expires_at: Option<String>,
    pub(super) expires_in: Option<f64>,
    pub(super) refresh_token: Option<String>,
}

/// The realm's own description; more is in it than we need (§2.1).
#[derive(Deserialize)]
pub(super) struct Realm {
    pub(super) public_key: String,
}

/// The realm's signing keys. Each stays as it came, so that one of a new kind does not spoil the others.
#[derive(Deserialize)]
pub(super) struct Keys {
    pub(super) keys: Vec<Value>,
}

/// A page of a listing. The items stay as they came, so that one bad item does not spoil the page.
#[derive(Deserialize)]
pub(super) struct Listing {
    pub(super) data: Vec<Value>,
    #[serde(default)]
    pub(super) meta: Meta,
}

/// What a listing says of itself; both counts are on some lists only (§3).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) items_total: Option<u64>,
    pub(super) pages_total: Option<u32>,
}

/// A single thing in its envelope.
#[derive(Deserialize)]
pub(super) struct Single {
    pub(super) data: Value,
}

/// A user of the tenant. Roles come in three spellings (§7).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    #[serde(default)]
    pub(super) user_roles: Option<Vec<Role>>,
    #[serde(default)]
    pub(super) role_names: Option<Vec<String>>,
    pub(super) role: Option<String>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// An invite. Its fields are not documented beyond those that it is made of (§5).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invite {
    pub(super) id: Option<String>,
    pub(super) receiver_email: Option<String>,
    pub(super) email: Option<String>,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) roles: Option<Vec<Role>>,
    #[serde(default)]
    pub(super) role_names: Option<Vec<String>>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// A role, whole or by its id alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// The permissions of a user in the current tenant (§5: nested, not a list).
#[derive(Deserialize)]
pub(super) struct Permissions {
    pub(super) permissions: Vec<Permission>,
}

/// A permission.
#[derive(Deserialize)]
pub(super) struct Permission {
    pub(super) alias: Option<String>,
}

/// The body of a new invite: the roles by id, or the deprecated way by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInvite<'a> {
    pub(super) receiver_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) roles: Option<[RoleId<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role_names: Option<[&'a str; 1]>,
}

/// A role by its id.
#[derive(Serialize)]
pub(super) struct RoleId<'a> {
    pub(super) id: &'a str,
}
