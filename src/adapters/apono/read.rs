//! Listing and reading users, through the API that the connection is set to.

use async_trait::async_trait;
use serde_json::Value;

use super::client::Place;
use super::pages::{malformed, next, page, records};
use super::settings::UsersApi;
use super::wire::{OffsetPage, TokenPage};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::domain::{AccountRecord, ExternalKey};

#[async_trait]
impl ListsAccounts for Api {
    async fn list_accounts(
        &self,
        call: &Call,
        wanted: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        match (self.users_api, wanted.cursor.as_deref()) {
            (UsersApi::Current, None) => {
                let first = Place::First(wanted.size.clamp(1, self.page_size));
                Ok(token_page(self.client.users(call, first).await?, None))
            }
            (UsersApi::Current, Some(token)) => {
                let listed = self.client.users(call, Place::Token(token)).await?;
                Ok(token_page(listed, Some(token)))
            }
            (UsersApi::Legacy, None) => Ok(offset_page(self.client.legacy_users(call).await?)),
            (UsersApi::Legacy, Some(_)) => Err(AdapterError::invalid(
                "/cursor",
                "Apono's legacy list of users has one page",
            )),
        }
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let id = convert::id(key).ok_or_else(|| {
            AdapterError::new(Trouble::Invalid, "the key is not of a user of Apono")
        })?;
        let read = match self.users_api {
            UsersApi::Current => self.client.user(call, &id).await,
            UsersApi::Legacy => self.client.legacy_user(call, &id).await,
        };
        match read {
            Ok(raw) => the_user(raw, &id).map(Some),
            Err(error) if error.trouble == Trouble::NotFound => {
                self.confirm_gone(call, &id).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Api {
    /// `Ok` when a 404 for this user is really about the user.
    ///
    /// No body of a 404 is documented (§1), and a wrong base URL answers the same. Users that are listed at the same place,
    /// for the same token, prove that the place and the token's rights are right; the legacy list is whole and shows more.
    async fn confirm_gone(&self, call: &Call, id: &str) -> Result<(), AdapterError> {
        match self.users_api {
            UsersApi::Current => self.client.users(call, Place::First(1)).await.map(drop),
            UsersApi::Legacy => {
                let listed = self.client.legacy_users(call).await?;
                let is_listed = |user: &Value| user["id"].as_str() == Some(id);
                if listed.data.iter().any(is_listed) {
                    return Err(malformed(
                        "Apono lists the user, and does not find it alone",
                    ));
                }
                Ok(())
            }
        }
    }
}

/// The user that was asked for, and no other: the legacy API also takes an address for an id.
fn the_user(raw: Value, id: &str) -> Result<AccountRecord, AdapterError> {
    let record = convert::user(raw)
        .map_err(|defect| malformed(format!("Apono's user can't be used: {defect}")))?;
    if record.external_id != id {
        return Err(malformed(
            "Apono answered with another user than the one asked for",
        ));
    }
    Ok(record)
}

/// A page by token; `asked` is the token that it was asked for with. No count comes with it.
pub(super) fn token_page(listed: TokenPage, asked: Option<&str>) -> Page<AccountRecord> {
    let mut defects = Vec::new();
    let items = records("item", listed.items, convert::user, &mut defects);
    let next = next(listed.pagination, asked, &mut defects);
    page(items, next, defects)
}

/// The one page of the legacy API. Its envelope counts like one of many, but no other can be asked for (§3).
pub(super) fn offset_page(listed: OffsetPage) -> Page<AccountRecord> {
    let came = listed.data.len();
    let is_cut_off = listed.is_cut_off();
    let (total, offset) = (listed.pagination.total, listed.pagination.offset);
    let mut defects = Vec::new();
    let items = records("item", listed.data, convert::user, &mut defects);
    if is_cut_off {
        defects.push(format!(
            "Apono's legacy list is cut off: {came} of {total} users came, from the {}. on, and it has no further pages; \
             set `users_api` to `current`",
            offset.saturating_add(1)
        ));
    }
    Page {
        items,
        next: None,
        total: Some(total),
        defects,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tokens(pagination: Value, asked: Option<&str>) -> Page<AccountRecord> {
        let page = json!({ "items": [{ "id": "usr-1" }], "pagination": pagination });
        token_page(serde_json::from_value(page).unwrap(), asked)
    }

    fn offsets(users: usize, total: u64, offset: u64) -> Page<AccountRecord> {
        let data: Vec<Value> = (0..users)
            .map(|n| json!({ "id": format!("usr-{n}") }))
            .collect();
        let page = json!({ "data": data, "pagination": { "total": total, "limit": total, "offset": offset } });
        offset_page(serde_json::from_value(page).unwrap())
    }

    #[test]
    fn null_missing_and_empty_tokens_end_a_listing() {
        for end in [
            json!({ "next_page_token": null }),
            json!({}),
            json!({ "next_page_token": "" }),
        ] {
            let page = tokens(end.clone(), Some("t-1"));
            assert_eq!(page.next, None, "{end}");
            assert!(page.defects.is_empty());
        }
        let page = tokens(json!({ "next_page_token": "t-2" }), Some("t-1"));
        assert_eq!(page.next.as_deref(), Some("t-2"));
        assert!(page.defects.is_empty());
    }

    #[test]
    fn a_page_that_leads_back_to_itself_ends_the_listing_with_a_defect() {
        let page = tokens(json!({ "next_page_token": "t-1" }), Some("t-1"));
        assert_eq!((page.next, page.items.len()), (None, 1));
        assert!(
            page.defects[0].contains("not complete"),
            "{:?}",
            page.defects
        );
    }

    #[test]
    fn a_legacy_list_is_whole_or_says_that_it_is_cut_off() {
        let whole = offsets(3, 3, 0);
        assert_eq!(
            (whole.items.len(), whole.next, whole.total),
            (3, None, Some(3))
        );
        assert!(whole.defects.is_empty());
        for cut in [offsets(3, 12, 0), offsets(3, 3, 9)] {
            assert_eq!((cut.items.len(), cut.next), (3, None));
            assert!(cut.defects[0].contains("cut off"), "{:?}", cut.defects);
        }
    }

    #[test]
    fn a_bad_item_costs_itself_only() {
        let page =
            json!({ "items": [{ "id": "usr-1" }, { "email": "x@y.zz" }, 7], "pagination": {} });
        let page = token_page(serde_json::from_value(page).unwrap(), None);
        assert_eq!((page.items.len(), page.defects.len()), (1, 2));
        assert!(page.defects[0].starts_with("item 2"), "{:?}", page.defects);
    }

    #[test]
    fn a_missing_list_is_no_empty_list() {
        for body in [
            "{}",
            r#"{"items":null,"pagination":{}}"#,
            r#"{"items":[]}"#,
            r#"{"items":[],"pagination":null}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<TokenPage>(body).is_err(), "{body}");
        }
        for body in [
            "{}",
            r#"{"data":[]}"#,
            r#"{"data":[],"pagination":{"total":1}}"#,
            r#"{"data":[],"pagination":{"offset":0}}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<OffsetPage>(body).is_err(), "{body}");
        }
    }
}
