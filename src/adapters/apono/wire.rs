//! Apono's bodies as they are spelled. Null and absent are alike (§2); what is missing of a user is told by `convert`.

use serde::Deserialize;
use serde_json::Value;

/// A page of the current API (§3, model A). The items stay as they came, so that one bad item does not spoil the page.
#[derive(Deserialize)]
pub(super) struct TokenPage {
    pub(super) items: Vec<Value>,
    pub(super) pagination: TokenPagination,
}

/// Where the listing goes on.
#[derive(Deserialize)]
pub(super) struct TokenPagination {
    pub(super) next_page_token: Option<String>,
}

/// A list of the legacy API (§3, model B).
#[derive(Deserialize)]
pub(super) struct OffsetPage {
    pub(super) data: Vec<Value>,
    pub(super) pagination: OffsetPagination,
}

/// How much of the list this is.
#[derive(Deserialize)]
pub(super) struct OffsetPagination {
    pub(super) total: u64,
    pub(super) offset: u64,
}

/// A user of either API; the legacy one has the first five members only (§7.10).
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) active: Option<Value>,
}

/// An error, as far as its members can be read (§1). None is promised but those of a 401.
#[derive(Default)]
pub(super) struct ErrorBody {
    /// A string, or a number.
    pub(super) status: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

impl ErrorBody {
    /// Reads what is there, member by member, so that one odd member does not hide the others.
    pub(super) fn read(body: &Value) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| text(body.get(*name)?));
        Self {
            status: first(&["status"]),
            code: first(&["code", "error_code"]),
            message: first(&["message", "error_details", "error", "details"]),
        }
    }
}

/// A text, or a number or an object as its text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}
