//! Fields as Luna spells them. Everything that Luna answers is optional here: what is missing is told by `convert`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of an error (§4).
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error_code: i64,
    pub(super) desc: Option<String>,
    pub(super) detail: Option<String>,
}

/// An account (§5).
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) account_id: Option<String>,
    pub(super) login: Option<String>,
    pub(super) account_type: Option<String>,
    pub(super) description: Option<String>,
    pub(super) create_time: Option<String>,
    pub(super) last_update_time: Option<String>,
}

/// A page of accounts. The items stay as they came, so that one bad item does not spoil the page.
#[derive(Deserialize)]
pub(super) struct AccountPage {
    pub(super) accounts: Vec<Value>,
    pub(super) total_count: Option<u64>,
}

/// What a creation answers.
#[derive(Default, Deserialize)]
pub(super) struct Created {
    pub(super) account_id: Option<String>,
}

/// The body of a creation. Luna refuses unknown fields (§4), so nothing else may be in it.
#[derive(Serialize)]
pub(super) struct NewAccount<'a> {
    pub(super) login: &'a str,
    pub(super) password: &'a str,
    pub(super) account_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
}

/// The body of a change: at least one field (§5).
#[derive(Serialize)]
pub(super) struct AccountPatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) login: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
}
