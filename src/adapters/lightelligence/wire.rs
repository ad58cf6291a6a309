//! Fields as the vendor spells them. What it answers is optional here: what is missing is told by `convert`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

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

/// What a listing says of itself; each count is on some lists only (§3).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) items_total: Option<u64>,
    pub(super) pages_total: Option<u32>,
    /// What the permissions call their count.
    pub(super) total_size: Option<u64>,
}

impl Meta {
    /// How many items the whole listing has.
    pub(super) fn items(&self) -> Option<u64> {
        self.items_total.or(self.total_size)
    }
}

/// A page whose items may be one level deeper, under the listing's own name (§5).
#[derive(Deserialize)]
pub(super) struct Nested {
    pub(super) data: Value,
    #[serde(default)]
    pub(super) meta: Meta,
}

impl Nested {
    /// The page with its items; `None` when they are nowhere.
    pub(super) fn listing(self, name: &str) -> Option<Listing> {
        let Self { data, meta } = self;
        let data = match data {
            Value::Array(data) => data,
            Value::Object(mut members) => match members.remove(name)? {
                Value::Array(data) => data,
                _ => return None,
            },
            _ => return None,
        };
        Some(Listing { data, meta })
    }
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
    pub(super) user_roles: Option<Vec<RoleWord>>,
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
    pub(super) roles: Option<Vec<RoleWord>>,
    #[serde(default)]
    pub(super) role_names: Option<Vec<String>>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// A role among those of somebody: whole, or by its id or name alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(super) struct RoleWord {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// What a user's row says of roles. Each stays as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRoles {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) user_roles: Option<Vec<Value>>,
    #[serde(default)]
    pub(super) role_names: Option<Vec<String>>,
}

/// A role of the tenant, with what is beyond its name where the vendor says so.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Role {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) locked: Option<bool>,
    #[serde(default)]
    pub(super) permission_ids: Option<Vec<String>>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// A tenant. Whom it bills and how is kept as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tenant {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) package: Option<Value>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// The permissions of a user in the current tenant (§5: nested, not a list).
#[derive(Deserialize)]
pub(super) struct Permissions {
    pub(super) permissions: Vec<Permission>,
}

/// A permission; a user's own come with id and alias only.
#[derive(Deserialize)]
pub(super) struct Permission {
    pub(super) id: Option<String>,
    pub(super) alias: Option<String>,
    pub(super) category: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

/// The body of a new invite: the roles by id, or the deprecated way by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewInvite<'a> {
    pub(super) receiver_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) roles: Option<Vec<RoleId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role_names: Option<Vec<&'a str>>,
}

/// All the roles that a user shall have, which replace those that they have.
#[derive(Serialize)]
pub(super) struct NewRoles {
    pub(super) roles: Vec<RoleId>,
}

/// The same, the deprecated way (§4).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRoleNames<'a> {
    pub(super) role_names: Vec<&'a str>,
}

/// A role by its id.
#[derive(Serialize)]
pub(super) struct RoleId {
    pub(super) id: Uuid,
}
