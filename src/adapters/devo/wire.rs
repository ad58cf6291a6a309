//! Fields as Devo spells them. Everything that Devo answers is optional here: what is missing is told by `convert`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user, of a domain or global; a global one has neither domain nor roles (§4).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) email: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) status: Option<String>,
    /// Comma-joined when there are several.
    pub(super) role: Option<String>,
    /// The newer form of `role`.
    pub(super) role_list: Option<Vec<String>>,
    pub(super) owner: Option<bool>,
    pub(super) phone: Option<String>,
    /// A string where it is documented; a number does no harm.
    pub(super) id: Option<Value>,
    pub(super) external_id: Option<String>,
}

/// The body of a creation.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewUser<'a> {
    pub(super) domain: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_name: Option<&'a str>,
    pub(super) email: &'a str,
    pub(super) role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<&'a str>,
}

/// The body of a change: both fields, since it is a PUT.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phone: Option<&'a str>,
}

/// A domain (§5).
#[derive(Deserialize)]
pub(super) struct Domain {
    pub(super) name: Option<String>,
    pub(super) plan: Option<String>,
    pub(super) status: Option<String>,
}

/// A role of a domain (§5).
#[derive(Deserialize)]
pub(super) struct Role {
    /// A number where it was seen; text does no harm.
    pub(super) id: Option<Value>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) description: Option<String>,
    pub(super) policies: Option<Value>,
    pub(super) applications: Option<Value>,
}
