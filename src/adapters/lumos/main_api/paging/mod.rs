//! The main API's three styles of paging (§A2), each in a file of its own.

mod cursor;
mod numbered;
mod offset;

use serde_json::Value;
use url::Url;

pub(super) use cursor::Cursor;
pub(super) use numbered::{MAX_SIZE, Numbered};
pub(super) use offset::Offset;

/// Where a listing stands, in one of the styles.
pub(super) trait Paging: Sized {
    /// Writes the place into the query.
    fn ask(&self, url: &mut Url);

    /// Reads the answer to that; `None` when it is no page of this style. A missing list is not an empty one.
    fn read(&self, page: Value) -> Option<Listed<Self>>;
}

/// One page, its items as they came.
#[derive(Debug, PartialEq)]
pub(super) struct Listed<P> {
    pub(super) items: Vec<Value>,
    /// Where the listing goes on.
    pub(super) next: Option<P>,
    /// How many items the whole listing has.
    pub(super) total: Option<u64>,
    /// Why the page can't be trusted.
    pub(super) defect: Option<String>,
}

impl<P> Listed<P> {
    /// The items that can be converted, and the defects of the page in words: of the page itself, and of each other item. A page
    /// without a number is 0.
    pub(super) fn converted<T>(
        self,
        word: &str,
        page: u32,
        convert: impl Fn(Value) -> Result<T, String>,
    ) -> (Vec<T>, Vec<String>) {
        let mut defects: Vec<String> = self
            .defect
            .map(|defect| format!("{word}: {defect}"))
            .into_iter()
            .collect();
        let place = match page {
            0 => format!("a page of the {word}"),
            page => format!("page {page} of the {word}"),
        };
        let mut converted = Vec::with_capacity(self.items.len());
        for (index, raw) in self.items.into_iter().enumerate() {
            match convert(raw) {
                Ok(record) => converted.push(record),
                Err(defect) => defects.push(format!("item {} of {place}: {defect}", index + 1)),
            }
        }
        (converted, defects)
    }
}

/// Takes the list out of a page.
fn take_items(page: &mut Value, name: &str) -> Option<Vec<Value>> {
    match page.get_mut(name)?.take() {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// A number of a page; null and absent are alike.
fn number(page: &Value, name: &str) -> Option<u64> {
    page.get(name)?.as_u64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The query that a place makes.
    pub(super) fn query(place: &impl Paging) -> String {
        let mut url = Url::parse("https://api.lumos.example/things?expand=x").unwrap();
        place.ask(&mut url);
        url.query().unwrap().to_owned()
    }

    #[test]
    fn a_missing_list_is_no_empty_list_in_any_style() {
        for page in [
            json!({}),
            json!({ "items": null, "identity_events": null }),
            json!({ "items": {}, "identity_events": "x", "total": 3 }),
            json!([]),
            json!(null),
            json!("text"),
        ] {
            assert_eq!(Numbered::first(50).read(page.clone()), None, "{page}");
            assert_eq!(Offset::first(50).read(page.clone()), None, "{page}");
            assert_eq!(Cursor::first(50).read(page.clone()), None, "{page}");
        }
    }

    proptest! {
        #[test]
        fn no_numbers_make_it_panic(
            page in any::<u32>(), size in 0u32..200, came in 0usize..5, claimed in any::<[Option<u64>; 5]>()
        ) {
            let [total, number, sized, pages, offset] = claimed;
            let items = vec![json!(1); came];
            let answer = json!({
                "items": items, "identity_events": items, "total": total, "total_count": total, "page": number,
                "size": sized, "pages": pages, "offset": offset, "limit": sized, "next_cursor": "x"
            });
            let _ = Numbered { page, size }.read(answer.clone());
            let _ = Offset { offset: u64::from(page) << 32, limit: size }.read(answer.clone());
            let _ = Cursor::first(size).read(answer);
        }
    }
}
