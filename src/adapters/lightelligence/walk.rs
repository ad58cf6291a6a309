//! Whole listings, page by page: for what no single call of the vendor's answers.

use std::ops::ControlFlow;

use serde_json::Value;

use super::settings::MAX_PAGE_SIZE;
use super::wire::{Listing, Meta};
use crate::adapters::contract::{AdapterError, Trouble};

/// Pages of one listing after which it counts as endless.
const MAX_PAGES: u32 = 10_000;

/// Shows every item to `look` until it has seen enough, or the listing ends.
///
/// # Errors
/// What a page says; [`Trouble::Malformed`] when the listing is not whole, so that nothing may be told from an absence.
pub(super) async fn walk<R>(
    page: impl Fn(u32) -> R,
    mut look: impl FnMut(Value) -> ControlFlow<()>,
) -> Result<(), AdapterError>
where
    R: Future<Output = Result<Listing, AdapterError>>,
{
    let mut before = Vec::new();
    for number in 0..MAX_PAGES {
        let Listing { data, meta } = page(number).await?;
        // Where a list is not paged at all, every page is the first one.
        if number > 0 && !data.is_empty() && data == before {
            return Err(incomplete("it shows one page again and again"));
        }
        let came = data.len();
        if let Some(due) = due(&meta, number, MAX_PAGE_SIZE)
            && came as u64 != due
        {
            return Err(incomplete("a page does not fit the vendor's own count"));
        }
        before.clone_from(&data);
        for item in data {
            if look(item).is_break() {
                return Ok(());
            }
        }
        if !goes_on(&meta, number, MAX_PAGE_SIZE, came) {
            return Ok(());
        }
    }
    Err(incomplete("it does not end"))
}

fn incomplete(why: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!("Lightelligence's listing can't be relied on: {why}"),
    )
}

/// Whether another page follows (§3).
pub(super) fn goes_on(meta: &Meta, page: u32, size: u32, came: usize) -> bool {
    match (meta.pages_total, meta.items()) {
        _ if came == 0 => false,
        (Some(pages), _) => page + 1 < pages,
        (None, Some(items)) => u64::from(page + 1) * u64::from(size) < items,
        (None, None) => came == size as usize,
    }
}

/// How many items the vendor's count makes due on a page.
pub(super) fn due(meta: &Meta, page: u32, size: u32) -> Option<u64> {
    let before = u64::from(page) * u64::from(size);
    let total = meta.items()?;
    Some(total.saturating_sub(before).min(u64::from(size)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A vendor's list of so many items, with or without its counts, that repeats a page or does not.
    async fn walked(items: u64, counts: bool, repeats: bool) -> Result<usize, AdapterError> {
        let page = async |page: u32| {
            let size = u64::from(MAX_PAGE_SIZE);
            let page = if repeats { 0 } else { u64::from(page) };
            let data = (page * size..items.min((page + 1) * size)).map(|n| json!({ "id": n }));
            Ok(Listing {
                data: data.collect(),
                meta: Meta {
                    items_total: counts.then_some(items),
                    pages_total: counts.then_some(items.div_ceil(size) as u32),
                    ..Meta::default()
                },
            })
        };
        let mut seen = 0;
        walk(page, |_| {
            seen += 1;
            ControlFlow::Continue(())
        })
        .await?;
        Ok(seen)
    }

    #[tokio::test]
    async fn every_item_is_seen_once_with_counts_and_without() {
        for items in [0, 1, 99, 100, 101, 200, 250] {
            for counts in [true, false] {
                assert_eq!(
                    walked(items, counts, false).await,
                    Ok(items as usize),
                    "{items} {counts}"
                );
            }
        }
    }

    #[tokio::test]
    async fn a_list_that_is_not_whole_proves_nothing() {
        for counts in [true, false] {
            let error = walked(250, counts, true).await.unwrap_err();
            assert_eq!(error.trouble, Trouble::Malformed);
        }
    }

    #[tokio::test]
    async fn who_has_seen_enough_asks_no_further() {
        let asked = std::sync::atomic::AtomicU32::new(0);
        let page = async |_| {
            asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(Listing {
                data: vec![json!({}); MAX_PAGE_SIZE as usize],
                meta: Meta::default(),
            })
        };
        walk(page, |_| ControlFlow::Break(())).await.unwrap();
        assert_eq!(asked.into_inner(), 1);
    }
}
