//! Listing and reading accounts.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Api, convert, wire};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::domain::{AccountRecord, ExternalKey};

#[async_trait]
impl ListsAccounts for Api {
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => Place {
                page: 1,
                size: page.size.clamp(1, self.settings.page_size),
            },
            Some(cursor) => Place::parse(cursor).ok_or_else(|| {
                AdapterError::invalid("/cursor", "the cursor is not of a Luna listing")
            })?,
        };
        let listed = self
            .client
            .list_accounts(call, place.page, place.size)
            .await?;
        Ok(place.page(listed))
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let id = convert::id(key).ok_or_else(not_ours)?;
        self.find(call, id).await
    }
}

impl Api {
    /// The account with this id; `None` only when Luna itself says that there is none.
    pub(super) async fn find(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let malformed = |why: String| AdapterError::new(Trouble::Malformed, why);
        match self.client.get_account(call, id).await {
            Ok(raw) => {
                let record = convert::record(raw).map_err(|defect| {
                    malformed(format!("Luna's account can't be used: {defect}"))
                })?;
                if record.external_key != convert::key(id) {
                    return Err(malformed(
                        "Luna answered with another account than the one asked for".to_owned(),
                    ));
                }
                Ok(Some(record))
            }
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn not_ours() -> AdapterError {
    AdapterError::new(Trouble::Invalid, "the key is not of a Luna account")
}

/// Where a listing stands. The size belongs to the place: with another one, page numbers mean other accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) page: u32,
    pub(super) size: u32,
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let (page, size) = cursor.split_once('/')?;
        let (page, size) = (page.parse().ok()?, size.parse().ok()?);
        (page >= 1 && (1..=100).contains(&size)).then_some(Self { page, size })
    }

    fn cursor(self) -> String {
        format!("{}/{}", self.page, self.size)
    }

    /// What the answer for this place comes to.
    pub(super) fn page(self, listed: wire::AccountPage) -> Page<AccountRecord> {
        let wire::AccountPage {
            accounts,
            total_count,
        } = listed;
        let (page, size) = (self.page, self.size);
        let came = accounts.len() as u64;
        let mut defects = Vec::new();
        let before = u64::from(page - 1) * u64::from(size);
        let after = before + u64::from(size);
        if let Some(total) = total_count {
            let due = total.saturating_sub(before).min(u64::from(size));
            if came != due {
                defects.push(format!(
                    "page {page} has {came} accounts where Luna's total of {total} makes {due} due"
                ));
            }
        }
        let goes_on = match total_count {
            Some(total) => after < total,
            None => came >= u64::from(size),
        };
        let next = Self {
            page: page.saturating_add(1),
            size,
        };
        let mut items = Vec::with_capacity(accounts.len());
        for (index, raw) in accounts.into_iter().enumerate() {
            match convert::record(raw) {
                Ok(record) => items.push(record),
                Err(defect) => defects.push(format!("item {} of page {page}: {defect}", index + 1)),
            }
        }
        Page {
            items,
            // An empty page ends the listing whatever the total says; the defect above keeps it from proving absence.
            next: (goes_on && came > 0).then(|| next.cursor()),
            total: total_count,
            defects,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn accounts(count: usize) -> Vec<Value> {
        (0..count)
            .map(|n| json!({ "account_id": Uuid::from_u128(n as u128), "login": format!("a{n}@b.co") }))
            .collect()
    }

    fn page(page: u32, size: u32, count: usize, total_count: Option<u64>) -> Page<AccountRecord> {
        Place { page, size }.page(wire::AccountPage {
            accounts: accounts(count),
            total_count,
        })
    }

    #[test]
    fn a_listing_goes_on_until_the_total_is_reached() {
        let first = page(1, 10, 10, Some(20));
        assert_eq!(
            (first.next.as_deref(), first.total),
            (Some("2/10"), Some(20))
        );
        let last = page(2, 10, 10, Some(20));
        assert_eq!(last.next, None);
        assert!(first.defects.is_empty() && last.defects.is_empty());
        assert_eq!(page(1, 10, 0, Some(0)).next, None);
    }

    #[test]
    fn without_a_total_a_short_page_ends_it() {
        assert_eq!(page(3, 10, 10, None).next.as_deref(), Some("4/10"));
        assert_eq!(page(4, 10, 3, None).next, None);
    }

    #[test]
    fn a_page_that_does_not_fit_the_total_is_a_defect() {
        let short = page(2, 10, 7, Some(30));
        assert_eq!(short.defects.len(), 1);
        assert_eq!(short.next.as_deref(), Some("3/10"));
        let missing = page(2, 10, 0, Some(30));
        assert_eq!(missing.defects.len(), 1);
        assert_eq!(missing.next, None);
        assert!(page(3, 10, 5, Some(25)).defects.is_empty());
        assert_eq!(page(3, 10, 4, Some(25)).defects.len(), 1);
        let repeated = page(3, 10, 10, Some(25));
        assert_eq!(repeated.defects.len(), 1, "it can't be the last page");
    }

    #[test]
    fn a_bad_item_costs_itself_only() {
        let mut items = accounts(2);
        items.insert(1, json!({ "login": "no-id@b.co" }));
        let page = Place { page: 1, size: 10 }.page(wire::AccountPage {
            accounts: items,
            total_count: Some(3),
        });
        assert_eq!(page.items.len(), 2);
        assert_eq!(page.defects.len(), 1);
        assert!(
            page.defects[0].starts_with("item 2 of page 1"),
            "{:?}",
            page.defects
        );
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        let place = Place { page: 7, size: 50 };
        assert_eq!(Place::parse(&place.cursor()), Some(place));
        for cursor in ["", "7", "0/50", "7/0", "7/101", "-1/5", "a/b"] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }

    #[test]
    fn a_missing_list_is_no_empty_list() {
        for body in ["{}", "{\"accounts\":null}", "[]", "{\"total_count\":3}"] {
            assert!(
                serde_json::from_str::<wire::AccountPage>(body).is_err(),
                "{body}"
            );
        }
        let empty: wire::AccountPage = serde_json::from_str("{\"accounts\":[]}").unwrap();
        assert_eq!(empty.total_count, None);
    }
}
