//! `limit` and `offset`: the activity log (§A2.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Listed, Paging, number, take_items};

/// The largest page that the vendor gives.
const MAX_LIMIT: u32 = 100;

/// A page by the number of items before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Offset {
    pub(super) offset: u64,
    pub(super) limit: u32,
}

impl Offset {
    /// The first page, no larger than the vendor allows.
    pub(in super::super) fn first(limit: u32) -> Self {
        Self {
            offset: 0,
            limit: limit.clamp(1, MAX_LIMIT),
        }
    }

    /// Whether it is a place that a listing can come to.
    pub(in super::super) fn is_sound(&self) -> bool {
        (1..=MAX_LIMIT).contains(&self.limit)
    }
}

impl Paging for Offset {
    fn ask(&self, url: &mut Url) {
        url.query_pairs_mut()
            .append_pair("limit", &self.limit.to_string())
            .append_pair("offset", &self.offset.to_string());
    }

    fn read(&self, mut page: Value) -> Option<Listed<Self>> {
        let items = take_items(&mut page, "items")?;
        let total = number(&page, "total");
        let offset = self.offset.saturating_add(items.len() as u64);
        let has_link = page
            .pointer("/links/next")
            .is_some_and(|next| !next.is_null());
        // What came moves the offset, so an empty page can only end the listing.
        let goes_on = !items.is_empty()
            && match total {
                Some(total) => offset < total,
                None => has_link,
            };
        let answered = number(&page, "offset").unwrap_or(self.offset);
        Some(Listed {
            items,
            next: goes_on.then_some(Self {
                offset,
                limit: self.limit,
            }),
            total,
            defect: (answered != self.offset).then(|| {
                format!(
                    "the items from {answered} on came where those from {} on were asked for",
                    self.offset
                )
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::query;
    use super::*;

    fn read(answer: Value) -> Listed<Offset> {
        let place = Offset {
            offset: 20,
            limit: 10,
        };
        place.read(answer).unwrap()
    }

    #[test]
    fn a_page_is_asked_for_by_limit_and_offset() {
        assert_eq!(query(&Offset::first(500)), "expand=x&limit=100&offset=0");
    }

    #[test]
    fn it_goes_on_behind_what_came_until_the_total_is_reached() {
        let page =
            |total: u64| json!({ "items": [1, 2, 3], "total": total, "limit": 10, "offset": 20 });
        let next = read(page(24)).next.unwrap();
        assert_eq!(query(&next), "expand=x&limit=10&offset=23");
        assert_eq!(read(page(23)).next, None);
        assert_eq!(read(page(24)).defect, None);
    }

    #[test]
    fn without_a_total_the_link_decides() {
        let page = |next: Value| json!({ "items": [1], "links": { "next": next } });
        assert!(read(page(json!("/activity_logs?offset=21"))).next.is_some());
        assert_eq!(read(page(Value::Null)).next, None);
    }

    #[test]
    fn an_empty_page_ends_it_whatever_the_total_says() {
        assert_eq!(read(json!({ "items": [], "total": 99 })).next, None);
    }

    #[test]
    fn another_place_than_the_one_asked_for_is_a_defect() {
        let page = json!({ "items": [1], "total": 30, "offset": 0 });
        assert!(read(page).defect.unwrap().contains("from 20"));
    }
}
