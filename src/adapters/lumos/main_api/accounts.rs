//! Listing and reading accounts: the tenant's users first, then the accounts in its apps, as one listing.

use async_trait::async_trait;
use serde_json::Value;

use super::convert::Named;
use super::one::{as_asked, strange_cursor, unless_gone};
use super::paging::{Listed, Numbered};
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
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => self.first(call, page.size).await?,
            Some(cursor) => Place::parse(cursor).ok_or_else(strange_cursor)?,
        };
        let listed = match place.part {
            Part::Users => self.client.users(call, place.at).await?,
            Part::Accounts => self.client.accounts(call, place.at).await?,
        };
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
        match convert::named(key) {
            Some(Named::User(id)) => self.find_user(call, &id).await,
            Some(Named::Account) => Err(AdapterError::new(
                Trouble::Unsupported,
                "Lumos shows accounts in apps only in a listing, not one by one",
            )),
            _ => Err(AdapterError::new(
                Trouble::Invalid,
                "the key is not of a user or an account of a Lumos tenant",
            )),
        }
    }
}

impl Api {
    /// Where a listing begins. The accounts are counted now, so that every page can say how many there are in all.
    async fn first(&self, call: &Call, size: u32) -> Result<Place, AdapterError> {
        let accounts = self.client.accounts(call, Numbered::first(1)).await?;
        Ok(Place {
            part: Part::Users,
            at: Numbered::first(size),
            elsewhere: accounts.total,
        })
    }

    async fn find_user(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let read = self.client.user(call, id).await;
        let raw = unless_gone(read, self.client.users(call, Numbered::first(1))).await?;
        raw.map(|raw| {
            as_asked("user", id, convert::user(raw), |user| {
                user.external_id.clone()
            })
        })
        .transpose()
    }
}

/// The two listings that make up one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Users,
    Accounts,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Accounts => "accounts",
        }
    }
}

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    part: Part,
    at: Numbered,
    /// How many items the other part has; `None` where the vendor did not say.
    elsewhere: Option<u64>,
}

impl Place {
    /// `users:<page>/<size>/<items of the other part>`; the last is empty where it is not known.
    fn cursor(self) -> String {
        let elsewhere = self.elsewhere.map_or(String::new(), |n| n.to_string());
        let Numbered { page, size } = self.at;
        format!("{}:{page}/{size}/{elsewhere}", self.part.word())
    }

    fn parse(cursor: &str) -> Option<Self> {
        let (word, place) = cursor.split_once(':')?;
        let part = [Part::Users, Part::Accounts]
            .into_iter()
            .find(|part| part.word() == word)?;
        let mut numbers = place.splitn(3, '/');
        let (page, size): (u32, u32) =
            (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let elsewhere = match numbers.next()? {
            "" => None,
            known => Some(known.parse().ok()?),
        };
        (page >= 1 && size == Numbered::first(size).size).then_some(Self {
            part,
            at: Numbered { page, size },
            elsewhere,
        })
    }

    fn page(self, listed: Listed<Numbered>) -> Page<AccountRecord> {
        let (next, total) = (listed.next, listed.total);
        let convert: fn(Value) -> Result<AccountRecord, String> = match self.part {
            Part::Users => convert::user,
            Part::Accounts => convert::account,
        };
        let (items, defects) = listed.converted(self.part.word(), self.at.page, convert);
        let next = match (next, self.part) {
            (Some(at), _) => Some(Self { at, ..self }),
            (None, Part::Users) => Some(Self {
                part: Part::Accounts,
                at: Numbered::first(self.at.size),
                elsewhere: total,
            }),
            (None, Part::Accounts) => None,
        };
        Page {
            items,
            next: next.map(Self::cursor),
            total: total
                .zip(self.elsewhere)
                .map(|(one, other)| one.saturating_add(other)),
            defects,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(part: Part, page: u32, elsewhere: Option<u64>) -> Place {
        let at = Numbered { page, size: 2 };
        Place {
            part,
            at,
            elsewhere,
        }
    }

    fn listed(items: Vec<Value>, next: bool, total: Option<u64>) -> Listed<Numbered> {
        Listed {
            items,
            next: next.then_some(Numbered { page: 2, size: 2 }),
            total,
            defect: None,
        }
    }

    #[test]
    fn the_accounts_follow_the_users() {
        let users = vec![json!({ "id": "u-1" }), json!({ "id": "u-2" })];
        let page = place(Part::Users, 1, Some(7)).page(listed(users.clone(), true, Some(4)));
        assert_eq!(page.items.len(), 2);
        assert_eq!(page.next.as_deref(), Some("users:2/2/7"));
        assert_eq!(page.total, Some(11));

        let page = place(Part::Users, 2, Some(7)).page(listed(users, false, Some(4)));
        assert_eq!(page.next.as_deref(), Some("accounts:1/2/4"));
        assert_eq!(page.total, Some(11));

        let account = json!({ "id": "a-1", "app_id": "x" });
        let page = place(Part::Accounts, 4, Some(4)).page(listed(vec![account], false, Some(7)));
        assert_eq!((page.next, page.total), (None, Some(11)));
    }

    #[test]
    fn a_total_that_one_part_does_not_tell_is_none() {
        let page = place(Part::Users, 1, None).page(listed(vec![], false, Some(4)));
        assert_eq!(page.total, None);
        let page = place(Part::Users, 1, Some(7)).page(listed(vec![], false, None));
        assert_eq!(
            (page.total, page.next.as_deref()),
            (None, Some("accounts:1/2/"))
        );
    }

    #[test]
    fn a_bad_item_costs_itself_only_and_is_named() {
        let items = vec![json!({ "id": "u-1" }), json!({ "name": "no id" })];
        let page = place(Part::Users, 3, Some(0)).page(listed(items, false, Some(2)));
        assert_eq!(page.items.len(), 1);
        assert_eq!(
            page.defects,
            ["item 2 of page 3 of the users: it has no usable `id`"]
        );
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for place in [
            place(Part::Users, 7, Some(12)),
            place(Part::Accounts, 1, None),
        ] {
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        for cursor in [
            "",
            "users",
            "users:1",
            "users:1/2",
            "users:0/2/",
            "users:1/0/",
            "users:1/101/",
            "users:1/2/x",
            "groups:1/2/3",
            "users:-1/2/3",
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
