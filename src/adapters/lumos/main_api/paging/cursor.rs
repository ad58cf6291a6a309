//! `cursor` and `limit`: the changes of identities (§A2.3).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Listed, Paging, number, take_items};

/// The vendor's own page size; no largest one is documented.
const MAX_LIMIT: u32 = 100;

/// A page by the cursor that the page before gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Cursor {
    cursor: Option<String>,
    limit: u32,
}

impl Cursor {
    /// The first page.
    pub(in super::super) fn first(limit: u32) -> Self {
        Self {
            cursor: None,
            limit: limit.clamp(1, MAX_LIMIT),
        }
    }

    /// Whether it is a place that a listing can come to.
    pub(in super::super) fn is_sound(&self) -> bool {
        (1..=MAX_LIMIT).contains(&self.limit)
    }
}

impl Paging for Cursor {
    fn ask(&self, url: &mut Url) {
        let mut query = url.query_pairs_mut();
        if let Some(cursor) = &self.cursor {
            query.append_pair("cursor", cursor);
        }
        query.append_pair("limit", &self.limit.to_string());
    }

    fn read(&self, mut page: Value) -> Option<Listed<Self>> {
        let items = take_items(&mut page, "identity_events")?;
        let next = page["next_cursor"].as_str().filter(|next| !next.is_empty());
        let is_circle = next.is_some() && next == self.cursor.as_deref();
        Some(Listed {
            items,
            next: next.filter(|_| !is_circle).map(|next| Self {
                cursor: Some(next.to_owned()),
                limit: self.limit,
            }),
            total: number(&page, "total_count"),
            defect: is_circle.then(|| "the page leads back to itself".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::query;
    use super::*;

    fn page(next: Value) -> Value {
        json!({ "identity_events": [1], "next_cursor": next, "total_count": 3 })
    }

    #[test]
    fn the_cursor_of_a_page_leads_to_the_next() {
        let first = Cursor::first(1);
        assert_eq!(query(&first), "expand=x&limit=1");
        let listed = first.read(page(json!("a b&c"))).unwrap();
        assert_eq!(listed.total, Some(3));
        assert_eq!(
            query(&listed.next.unwrap()),
            "expand=x&cursor=a+b%26c&limit=1"
        );
    }

    #[test]
    fn null_absent_and_empty_end_it() {
        for end in [Value::Null, json!("")] {
            assert_eq!(Cursor::first(1).read(page(end)).unwrap().next, None);
        }
        let bare = json!({ "identity_events": [] });
        assert_eq!(Cursor::first(1).read(bare).unwrap().next, None);
    }

    #[test]
    fn a_page_that_leads_back_to_itself_ends_it_with_a_defect() {
        let second = Cursor::first(1)
            .read(page(json!("x")))
            .unwrap()
            .next
            .unwrap();
        let listed = second.read(page(json!("x"))).unwrap();
        assert_eq!(listed.next, None);
        assert!(listed.defect.is_some());
    }
}
