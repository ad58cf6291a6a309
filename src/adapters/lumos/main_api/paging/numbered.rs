//! `page` and `size`: nearly every listing (§A2.1).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Listed, Paging, number, take_items};

/// The largest page that the vendor gives.
pub(in super::super) const MAX_SIZE: u32 = 100;

/// A page by its number, from 1. The size belongs to the place: with another one, numbers mean other items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Numbered {
    pub(in super::super) page: u32,
    pub(in super::super) size: u32,
}

impl Numbered {
    /// The first page, no larger than the vendor allows.
    pub(in super::super) fn first(size: u32) -> Self {
        Self {
            page: 1,
            size: size.clamp(1, MAX_SIZE),
        }
    }

    /// Whether it is a place that a listing can come to.
    pub(in super::super) fn is_sound(self) -> bool {
        self.page >= 1 && (1..=MAX_SIZE).contains(&self.size)
    }

    /// The place in words.
    pub(in super::super) fn cursor(self) -> String {
        serde_json::json!(self).to_string()
    }
}

impl Paging for Numbered {
    fn ask(&self, url: &mut Url) {
        url.query_pairs_mut()
            .append_pair("page", &self.page.to_string())
            .append_pair("size", &self.size.to_string());
    }

    fn read(&self, mut page: Value) -> Option<Listed<Self>> {
        let items = take_items(&mut page, "items")?;
        let total = number(&page, "total");
        let asked = u64::from(self.page);
        // A server that gives smaller pages than asked for counts by its own size.
        let size = number(&page, "size")
            .filter(|size| *size > 0)
            .unwrap_or(u64::from(self.size));
        let goes_on = match (number(&page, "pages"), total) {
            (Some(pages), _) => asked < pages,
            (None, Some(total)) => asked.saturating_mul(size) < total,
            // A page past the end is empty.
            (None, None) => !items.is_empty(),
        };
        let answered = number(&page, "page").unwrap_or(asked);
        Some(Listed {
            items,
            next: self
                .page
                .checked_add(1)
                .filter(|_| goes_on)
                .map(|page| Self {
                    page,
                    size: self.size,
                }),
            total,
            defect: (answered != asked)
                .then(|| format!("page {answered} came where page {asked} was asked for")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::query;
    use super::*;

    fn read(page: u32, answer: Value) -> Listed<Numbered> {
        Numbered { page, size: 10 }.read(answer).unwrap()
    }

    /// Whether page 2 of size 10 is followed by another.
    fn goes_on(answer: Value) -> bool {
        read(2, answer).next.is_some()
    }

    #[test]
    fn a_page_is_asked_for_by_number_and_size() {
        assert_eq!(query(&Numbered::first(1000)), "expand=x&page=1&size=100");
        assert_eq!(Numbered::first(0).size, 1);
    }

    #[test]
    fn the_number_of_pages_ends_it() {
        let page = |pages: u64| json!({ "items": [1], "total": 21, "page": 2, "size": 10, "pages": pages });
        assert!(goes_on(page(3)));
        assert!(!goes_on(page(2)));
        assert!(!goes_on(page(0)));
        let next = read(2, page(3)).next;
        assert_eq!(next, Some(Numbered { page: 3, size: 10 }));
    }

    #[test]
    fn without_it_the_total_does() {
        let page = |total: u64| json!({ "items": [1], "total": total, "pages": null });
        assert!(goes_on(page(21)));
        assert!(!goes_on(page(20)));
        assert!(!goes_on(page(0)));
        let smaller = json!({ "items": [1], "total": 11, "size": 5 });
        assert!(goes_on(smaller), "it gives pages of 5: page 2 ends at 10");
    }

    #[test]
    fn without_both_an_empty_page_does() {
        assert!(goes_on(json!({ "items": [1], "total": null })));
        assert!(!goes_on(json!({ "items": [] })));
    }

    #[test]
    fn an_empty_page_before_the_end_does_not_end_it() {
        assert!(goes_on(json!({ "items": [], "total": 30, "pages": 3 })));
    }

    #[test]
    fn another_page_than_the_one_asked_for_is_a_defect() {
        let page = |number: u64| json!({ "items": [1], "total": 30, "page": number });
        assert_eq!(read(2, page(2)).defect, None);
        assert!(read(2, page(1)).defect.unwrap().contains("page 1"));
    }
}
