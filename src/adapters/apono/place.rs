//! Where a listing is that goes over several of Apono's, as the text of a cursor.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::adapters::contract::AdapterError;

/// A page of one of Apono's own listings: the first, or the one behind this token.
pub(super) type Token = Option<String>;

/// In the listing of resources. Integrations come one at a time, each with what is in it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum InResources {
    Integrations { token: Token },
    Scopes { token: Token },
}

/// In the listing of entitlements.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub(super) enum InEntitlements {
    Groups {
        token: Token,
    },
    Bundles {
        token: Token,
    },
    Available {
        token: Token,
    },
    /// In the inventory of one integration, behind the pairs of the resource of this id.
    Inventory {
        token: Token,
        after: Option<String>,
    },
}

/// In the listing of grants: at a group, in its members.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct InGrants {
    pub(super) group: Token,
    pub(super) members: Token,
}

/// In the activity: up to where it has been read, and how far the next window reaches, in seconds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct InActivity {
    pub(super) from: i64,
    pub(super) span: i64,
}

/// The place as the text of a cursor.
pub(super) fn cursor<T: Serialize>(place: &T) -> String {
    serde_json::json!(place).to_string()
}

/// The place that a cursor names, or the beginning.
///
/// # Errors
/// When it is no cursor of this listing.
pub(super) fn place<T: DeserializeOwned>(
    cursor: Option<&str>,
    start: T,
) -> Result<T, AdapterError> {
    match cursor {
        None => Ok(start),
        Some(text) => serde_json::from_str(text)
            .map_err(|_| AdapterError::invalid("/cursor", "this is no cursor of this listing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_no_other_listing_takes_it() {
        let text = cursor(&InEntitlements::Inventory {
            token: Some("t".into()),
            after: None,
        });
        let read = place(Some(&text), InEntitlements::Groups { token: None }).unwrap();
        assert_eq!(
            read,
            InEntitlements::Inventory {
                token: Some("t".into()),
                after: None
            }
        );
        let start = InResources::Integrations { token: None };
        let error = place(Some(&text), start).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/cursor"));
        assert_eq!(
            place(None, InGrants::default()).unwrap(),
            InGrants::default()
        );
    }
}
