//! Where a listing stands, and what a page of it comes to. Pure.

use uuid::Uuid;

use super::settings::MAX_PAGE_SIZE;
use super::walk::{due, goes_on};
use super::{convert, wire};
use crate::adapters::contract::Page;
use crate::domain::AccountRecord;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Users,
    Invites,
}

/// Where a listing stands: first all users, then the invites. Whoever accepts in between is on no page; that they are missed
/// is told when they are looked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: Part,
    /// Counts from 0.
    pub(super) page: u32,
    /// Belongs to the place: with another one, page numbers mean other accounts.
    pub(super) size: u32,
    /// Among the users, how many open invites there were at the beginning; among the invites, how many accounts there are in
    /// all, if the vendor counts its users.
    pub(super) count: Option<u64>,
}

impl Place {
    pub(super) fn parse(cursor: &str) -> Option<Self> {
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

    /// `tenant` is the one that these are of.
    pub(super) fn page(self, tenant: Uuid, listing: wire::Listing) -> Page<AccountRecord> {
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
                Part::Users => convert::user(tenant, raw).map(Some),
                Part::Invites => convert::invite(tenant, raw),
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
            Part::Users => meta
                .items()
                .and_then(|users| users.checked_add(self.count?)),
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
    use super::*;
    use serde_json::{Value, json};

    const TENANT: Uuid = Uuid::from_u128(7);

    fn users(count: usize, total: Option<u64>) -> wire::Listing {
        let data = (0..count)
            .map(|n| json!({ "id": Uuid::from_u128(n as u128), "email": format!("a{n}@b.co") }));
        wire::Listing {
            data: data.collect(),
            meta: wire::Meta {
                items_total: total,
                ..wire::Meta::default()
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
        let first = place(Part::Users, 0, Some(3)).page(TENANT, users(10, Some(12)));
        assert_eq!(
            (first.next.as_deref(), first.total),
            (Some("users/1/10/3"), Some(15))
        );
        let last = place(Part::Users, 1, Some(3)).page(TENANT, users(2, Some(12)));
        assert_eq!(
            (last.next.as_deref(), last.total),
            (Some("invites/0/10/15"), Some(15))
        );
        assert!(first.defects.is_empty() && last.defects.is_empty());
        let invites: Vec<Value> = (0..3)
            .map(|n| json!({ "id": Uuid::from_u128(n), "receiverEmail": "x@b.co" }))
            .collect();
        let end = place(Part::Invites, 0, Some(15)).page(
            TENANT,
            wire::Listing {
                data: invites,
                meta: wire::Meta::default(),
            },
        );
        assert_eq!((end.next, end.total, end.items.len()), (None, Some(15), 3));
    }

    #[test]
    fn without_counts_a_short_page_ends_a_part() {
        let full = place(Part::Users, 4, Some(0)).page(TENANT, users(10, None));
        assert_eq!(
            (full.next.as_deref(), full.total),
            (Some("users/5/10/0"), None)
        );
        let short = place(Part::Users, 5, Some(0)).page(TENANT, users(3, None));
        assert_eq!(
            (short.next.as_deref(), short.total),
            (Some("invites/0/10/"), None)
        );
    }

    #[test]
    fn a_page_that_does_not_fit_the_count_is_a_defect() {
        assert_eq!(
            place(Part::Users, 0, Some(0))
                .page(TENANT, users(7, Some(30)))
                .defects
                .len(),
            1
        );
        let empty = place(Part::Users, 1, Some(0)).page(TENANT, users(0, Some(30)));
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
        let page = place(Part::Invites, 0, None).page(
            TENANT,
            wire::Listing {
                data: vec![
                    json!({ "id": good, "receiverEmail": "x@b.co" }),
                    json!({ "receiverEmail": "y@b.co" }),
                    json!({ "id": good, "receiverEmail": "z@b.co", "status": "accepted" }),
                ],
                meta: wire::Meta::default(),
            },
        );
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
