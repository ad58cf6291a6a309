//! Listing and reading accounts: the tenant's users, and the open invites of those who will be.

use std::ops::ControlFlow;

use async_trait::async_trait;
use uuid::Uuid;

use super::convert::{self, Key};
use super::settings::MAX_PAGE_SIZE;
use super::walk::{due, goes_on, walk};
use super::{Api, wire};
use crate::adapters::contract::{
    AdapterError, Call, FindsSuccessors, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
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
            Some(cursor) => Place::parse(cursor).ok_or_else(|| {
                AdapterError::invalid("/cursor", "the cursor is not of a Lightelligence listing")
            })?,
            // Counted first, so that the total is the same on every page of both parts while nothing changes.
            None => Place {
                part: Part::Users,
                page: 0,
                size: page.size.clamp(1, MAX_PAGE_SIZE),
                count: Some(self.open_invites(call).await?.len() as u64),
            },
        };
        let listing = match place.part {
            Part::Users => self.client.list_users(call, place.page, place.size).await?,
            Part::Invites => {
                self.client
                    .list_invites(call, place.page, place.size)
                    .await?
            }
        };
        Ok(place.page(listing))
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        match convert::key(key).ok_or_else(not_ours)? {
            Key::User(id) => self.find_user(call, id).await,
            Key::Invite(id) => self.find_invite(call, id).await,
        }
    }
}

#[async_trait]
impl FindsSuccessors for Api {
    async fn find_successor(
        &self,
        call: &Call,
        gone: &AccountRecord,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        match (convert::key(&gone.external_key), &gone.email) {
            (Some(Key::Invite(_)), Some(email)) => self.user_by_email(call, email).await,
            _ => Ok(None),
        }
    }
}

impl Api {
    /// The user with this id. The vendor reads no single user of a tenant (§4), and its 404 hides as much as it tells (§3):
    /// a user is gone only if this very credential sees all users but not this one, and the vendor knows no roles of theirs.
    pub(super) async fn find_user(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let key = convert::user_key(id);
        let found = self
            .first_user(call, |user| user.external_key == key)
            .await?;
        if found.is_some() {
            return Ok(found);
        }
        match self.client.user_roles(call, id).await {
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Err(AdapterError::new(
                Trouble::Malformed,
                "Lightelligence lists no such user and knows the user's roles: the listing moved while it was read",
            )),
        }
    }

    /// The open invite with this id; two readings of all of them must agree that there is none.
    async fn find_invite(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let key = convert::invite_key(id);
        for _ in 0..2 {
            let mut open = self.open_invites(call).await?;
            open.retain(|invite| invite.external_key == key);
            if let Some(invite) = open.pop() {
                return Ok(Some(invite));
            }
        }
        Ok(None)
    }

    /// The user with this e-mail.
    pub(super) async fn user_by_email(
        &self,
        call: &Call,
        email: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        self.first_user(call, |user| convert::has_email(user, email))
            .await
    }

    /// The first user that is wanted, of all users of the tenant.
    pub(super) async fn first_user(
        &self,
        call: &Call,
        is_wanted: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let mut found = None;
        walk(
            |page| self.client.list_users(call, page, MAX_PAGE_SIZE),
            |raw| match convert::user(raw) {
                Ok(user) if is_wanted(&user) => {
                    found = Some(user);
                    ControlFlow::Break(())
                }
                // A sync tells of those that can't be read.
                _ => ControlFlow::Continue(()),
            },
        )
        .await?;
        Ok(found)
    }

    /// Every open invite of the tenant.
    pub(super) async fn open_invites(
        &self,
        call: &Call,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let mut open = Vec::new();
        walk(
            |page| self.client.list_invites(call, page, MAX_PAGE_SIZE),
            |raw| {
                open.extend(convert::invite(raw).unwrap_or_default());
                ControlFlow::Continue(())
            },
        )
        .await?;
        Ok(open)
    }
}

pub(super) fn not_ours() -> AdapterError {
    AdapterError::new(
        Trouble::Invalid,
        "the key is not of a Lightelligence user or invite",
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Users,
    Invites,
}

/// Where a listing stands: first all users, then the invites. Whoever accepts in between is on no page; that they are missed
/// is told when they are looked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    part: Part,
    /// Counts from 0.
    page: u32,
    /// Belongs to the place: with another one, page numbers mean other accounts.
    size: u32,
    /// Among the users, how many open invites there were at the beginning; among the invites, how many accounts there are in
    /// all, if the vendor counts its users.
    count: Option<u64>,
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let mut parts = cursor.split('/');
        let part = match parts.next()? {
            "users" => Part::Users,
            "invites" => Part::Invites,
            _ => return None,
        };
        let place = Self {
            part,
            page: parts.next()?.parse().ok()?,
            size: parts.next()?.parse().ok()?,
            count: match parts.next()? {
                "" => None,
                text => Some(text.parse().ok()?),
            },
        };
        let is_whole = parts.next().is_none() && (1..=MAX_PAGE_SIZE).contains(&place.size);
        is_whole.then_some(place)
    }

    fn cursor(self) -> String {
        let part = match self.part {
            Part::Users => "users",
            Part::Invites => "invites",
        };
        let count = self
            .count
            .map_or_else(String::new, |count| count.to_string());
        format!("{part}/{}/{}/{count}", self.page, self.size)
    }

    fn page(self, listing: wire::Listing) -> Page<AccountRecord> {
        let wire::Listing { data, meta } = listing;
        let came = data.len();
        let what = match self.part {
            Part::Users => "users",
            Part::Invites => "invites",
        };
        let mut defects = Vec::new();
        if let Some(due) = due(&meta, self.page, self.size)
            && came as u64 != due
        {
            defects.push(format!(
                "page {} of the {what} has {came} where the vendor's own count makes {due} due",
                self.page
            ));
        }
        let mut items = Vec::with_capacity(came);
        for (index, raw) in data.into_iter().enumerate() {
            let converted = match self.part {
                Part::Users => convert::user(raw).map(Some),
                Part::Invites => convert::invite(raw),
            };
            match converted {
                Ok(record) => items.extend(record),
                Err(defect) => defects.push(format!(
                    "item {} of page {} of the {what}: {defect}",
                    index + 1,
                    self.page
                )),
            }
        }
        let total = match self.part {
            Part::Users => meta.items_total.and_then(|users| Some(users + self.count?)),
            Part::Invites => self.count,
        };
        Page {
            items,
            next: self.after(&meta, came, total).map(Self::cursor),
            total,
            defects,
        }
    }

    fn after(self, meta: &wire::Meta, came: usize, total: Option<u64>) -> Option<Self> {
        if goes_on(meta, self.page, self.size, came) {
            return Some(Self {
                page: self.page + 1,
                ..self
            });
        }
        (self.part == Part::Users).then_some(Self {
            part: Part::Invites,
            page: 0,
            size: self.size,
            count: total,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn users(count: usize, total: Option<u64>) -> wire::Listing {
        let data = (0..count)
            .map(|n| json!({ "id": Uuid::from_u128(n as u128), "email": format!("a{n}@b.co") }));
        wire::Listing {
            data: data.collect(),
            meta: wire::Meta {
                items_total: total,
                pages_total: None,
            },
        }
    }

    fn place(part: Part, page: u32, count: Option<u64>) -> Place {
        Place {
            part,
            page,
            size: 10,
            count,
        }
    }

    #[test]
    fn the_invites_follow_the_users_under_one_total() {
        let first = place(Part::Users, 0, Some(3)).page(users(10, Some(12)));
        assert_eq!(
            (first.next.as_deref(), first.total),
            (Some("users/1/10/3"), Some(15))
        );
        let last = place(Part::Users, 1, Some(3)).page(users(2, Some(12)));
        assert_eq!(
            (last.next.as_deref(), last.total),
            (Some("invites/0/10/15"), Some(15))
        );
        assert!(first.defects.is_empty() && last.defects.is_empty());
        let invites: Vec<Value> = (0..3)
            .map(|n| json!({ "id": Uuid::from_u128(n), "receiverEmail": "x@b.co" }))
            .collect();
        let end = place(Part::Invites, 0, Some(15)).page(wire::Listing {
            data: invites,
            meta: wire::Meta::default(),
        });
        assert_eq!((end.next, end.total, end.items.len()), (None, Some(15), 3));
    }

    #[test]
    fn without_counts_a_short_page_ends_a_part() {
        let full = place(Part::Users, 4, Some(0)).page(users(10, None));
        assert_eq!(
            (full.next.as_deref(), full.total),
            (Some("users/5/10/0"), None)
        );
        let short = place(Part::Users, 5, Some(0)).page(users(3, None));
        assert_eq!(
            (short.next.as_deref(), short.total),
            (Some("invites/0/10/"), None)
        );
    }

    #[test]
    fn a_page_that_does_not_fit_the_count_is_a_defect() {
        assert_eq!(
            place(Part::Users, 0, Some(0))
                .page(users(7, Some(30)))
                .defects
                .len(),
            1
        );
        let empty = place(Part::Users, 1, Some(0)).page(users(0, Some(30)));
        assert_eq!(empty.defects.len(), 1);
        assert_eq!(
            empty.next.as_deref(),
            Some("invites/0/10/30"),
            "it does not go on for ever"
        );
    }

    #[test]
    fn a_bad_item_costs_itself_only_and_a_closed_invite_nothing() {
        let good = Uuid::from_u128(1);
        let page = place(Part::Invites, 0, None).page(wire::Listing {
            data: vec![
                json!({ "id": good, "receiverEmail": "x@b.co" }),
                json!({ "receiverEmail": "y@b.co" }),
                json!({ "id": good, "receiverEmail": "z@b.co", "status": "accepted" }),
            ],
            meta: wire::Meta::default(),
        });
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.defects.len(), 1, "{:?}", page.defects);
        assert!(page.defects[0].starts_with("item 2 of page 0 of the invites"));
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for one in [
            place(Part::Users, 7, Some(3)),
            place(Part::Invites, 0, None),
        ] {
            assert_eq!(Place::parse(&one.cursor()), Some(one));
        }
        for cursor in [
            "",
            "users",
            "users/1",
            "users/1/10",
            "users/1/0/3",
            "users/1/101/3",
            "roles/1/10/3",
            "users/1/10/3/4",
            "users/x/10/3",
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
