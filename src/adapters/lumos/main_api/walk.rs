//! Listings that go over wholes (apps, groups) and over the parts of each, one page of the vendor's at a time. Where one stands is
//! all that is kept, so it stops and resumes anywhere and holds no more than a page. Empty pages in between are gone over at once.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::convert::usable;
use super::paging::{Listed, MAX_SIZE, Numbered};
use crate::adapters::contract::{AdapterError, Call, Trouble};

/// How many wholes are read at once: their ids are in the cursor.
const WHOLES: u32 = 25;

/// How many empty pages are gone over at once.
const MOST: u32 = 25;

/// Going over empty pages within one call: most apps of a tenant have nothing that could be asked for.
pub(super) struct Stretch {
    left: u32,
    until: Instant,
}

impl Stretch {
    /// Takes a third of the call's time at most, so that one slow answer more still comes in time.
    pub(super) fn of(call: &Call) -> Self {
        let now = Instant::now();
        Self {
            left: MOST,
            until: now + call.deadline.saturating_duration_since(now) / 3,
        }
    }

    /// Whether another page may be read in the same call.
    pub(super) fn goes_on(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0 && Instant::now() < self.until
    }
}

/// Where such a listing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walk {
    /// The wholes that are left of those read last; the first is being gone over.
    left: Vec<String>,
    /// The page of wholes that comes when none is left; `None` at their end.
    wholes: Option<Numbered>,
    /// The page of the first one's parts.
    parts: Numbered,
}

impl Walk {
    /// At the first part of the first whole.
    pub(super) fn start(size: u32) -> Self {
        Self {
            left: Vec::new(),
            wholes: Some(Numbered::first(WHOLES)),
            parts: Numbered::first(size),
        }
    }

    /// Whether a place can be one of ours.
    pub(super) fn is_sound(&self) -> bool {
        let are_ids = self
            .left
            .iter()
            .all(|id| usable(Some(id.clone())).is_some());
        let wholes = self.wholes.is_none_or(Numbered::is_sound);
        are_ids && self.left.len() <= MAX_SIZE as usize && wholes && self.parts.is_sound()
    }

    /// The page of wholes to read first, if none is left.
    pub(super) fn needs(&self) -> Option<Numbered> {
        self.wholes.filter(|_| self.left.is_empty())
    }

    /// Takes in a page of wholes, and tells what is wrong with it.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] for a whole without an id to go on with: what it holds would be missing in silence.
    pub(super) fn refill(
        &mut self,
        word: &str,
        listed: Listed<Numbered>,
    ) -> Result<Option<String>, AdapterError> {
        for whole in listed.items {
            let id = whole.get("id").and_then(Value::as_str).map(str::to_owned);
            self.left.push(usable(id).ok_or_else(|| {
                AdapterError::new(
                    Trouble::Malformed,
                    format!(
                        "one of the {word} that Lumos lists has no usable `id`, so what it holds can't be read"
                    ),
                )
            })?);
        }
        self.wholes = listed.next;
        Ok(listed.defect.map(|defect| format!("{word}: {defect}")))
    }

    /// The whole that is being gone over, and the page of its parts.
    pub(super) fn current(&self) -> Option<(&str, Numbered)> {
        self.left.first().map(|id| (id.as_str(), self.parts))
    }

    /// Where it goes on after a page of parts; `None` when that was the last of all.
    pub(super) fn after(mut self, next: Option<Numbered>) -> Option<Self> {
        match next {
            Some(next) => self.parts = next,
            None => {
                self.parts = Numbered::first(self.parts.size);
                if !self.left.is_empty() {
                    self.left.remove(0);
                }
            }
        }
        (!self.left.is_empty() || self.wholes.is_some()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn listed(items: Vec<Value>, next: Option<Numbered>) -> Listed<Numbered> {
        Listed {
            items,
            next,
            total: None,
            defect: None,
        }
    }

    fn page(page: u32, size: u32) -> Numbered {
        Numbered { page, size }
    }

    /// The places that a walk comes to, each with its page of parts; of every whole there are so many pages.
    fn places(pages_of_wholes: &[&[&str]], pages_of_parts: u32) -> Vec<(String, u32)> {
        let mut walk = Walk::start(2);
        let mut seen = Vec::new();
        loop {
            if let Some(at) = walk.needs() {
                let ids = pages_of_wholes[at.page as usize - 1];
                let items = ids.iter().map(|id| json!({ "id": id })).collect();
                let is_last = at.page as usize == pages_of_wholes.len();
                let next = (!is_last).then(|| page(at.page + 1, at.size));
                let defect = walk.refill("apps", listed(items, next)).unwrap();
                assert_eq!(defect, None);
            }
            let next = walk.current().map(|(id, parts)| {
                seen.push((id.to_owned(), parts.page));
                (parts.page < pages_of_parts).then(|| page(parts.page + 1, parts.size))
            });
            match walk.after(next.flatten()) {
                Some(next) => walk = next,
                None => return seen,
            }
            let stored = serde_json::to_string(&walk).unwrap();
            assert_eq!(serde_json::from_str::<Walk>(&stored).unwrap(), walk);
            assert!(walk.is_sound(), "{stored}");
        }
    }

    #[test]
    fn every_part_of_every_whole_is_gone_over_once() {
        let seen = places(&[&["a", "b"], &[], &["c"]], 2);
        let expected = [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2)];
        assert_eq!(seen, expected.map(|(id, page)| (id.to_owned(), page)));
        assert_eq!(places(&[&[]], 1), []);
    }

    #[test]
    fn empty_pages_are_gone_over_as_long_as_there_is_time() {
        let of = |time| Stretch::of(&Call::read("a-request", Instant::now() + time));
        let mut stretch = of(Duration::from_secs(60));
        let pages = (1..).take_while(|_| stretch.goes_on()).count();
        assert_eq!(pages, 24, "after the first");
        assert!(!of(Duration::ZERO).goes_on());
    }

    #[test]
    fn a_whole_without_an_id_is_never_passed_over() {
        for id in [Value::Null, json!(".."), json!(7)] {
            let items = vec![json!({ "id": "a" }), json!({ "id": id })];
            let error = Walk::start(2).refill("apps", listed(items, None));
            let error = error.unwrap_err();
            assert_eq!(error.trouble, Trouble::Malformed);
            assert!(error.message.contains("apps"), "{}", error.message);
        }
    }

    #[test]
    fn a_place_that_nobody_gave_is_not_sound() {
        for (left, wholes, parts) in [
            (json!([".."]), Value::Null, json!({ "page": 1, "size": 2 })),
            (json!(["a"]), Value::Null, json!({ "page": 0, "size": 2 })),
            (
                json!([]),
                json!({ "page": 1, "size": 101 }),
                json!({ "page": 1, "size": 2 }),
            ),
            (
                json!(vec!["a"; 101]),
                Value::Null,
                json!({ "page": 1, "size": 2 }),
            ),
        ] {
            let place = json!({ "left": left, "wholes": wholes, "parts": parts });
            let walk: Walk = serde_json::from_value(place.clone()).unwrap();
            assert!(!walk.is_sound(), "{place}");
        }
    }
}
