//! What the two models of lists have in common with our pages (§3).

use serde_json::Value;

use super::wire::{OffsetPage, TokenPagination};
use crate::adapters::contract::{AdapterError, Page, Trouble};

/// The token of the next page; `asked` is the one that this page was asked for with. A page that leads back to itself ends the
/// listing with a defect.
pub(super) fn next(
    pagination: TokenPagination,
    asked: Option<&str>,
    defects: &mut Vec<String>,
) -> Option<String> {
    // Null, missing and empty all are the end (§3).
    let token = pagination
        .next_page_token
        .filter(|token| !token.is_empty())?;
    if Some(token.as_str()) == asked {
        defects.push(
            "the page leads back to itself, so the listing has no end and is not complete"
                .to_owned(),
        );
        return None;
    }
    Some(token)
}

/// What could be converted; what is wrong with the rest goes to the defects.
pub(super) fn records<T>(
    noun: &str,
    items: Vec<Value>,
    convert: impl Fn(Value) -> Result<T, String>,
    defects: &mut Vec<String>,
) -> Vec<T> {
    let mut records = Vec::with_capacity(items.len());
    for (index, raw) in items.into_iter().enumerate() {
        match convert(raw) {
            Ok(record) => records.push(record),
            Err(defect) => defects.push(format!("{noun} {} of a page: {defect}", index + 1)),
        }
    }
    records
}

/// The rows of a legacy list. Its envelope counts like one of many pages, but no other can be asked for (§3): what it counts and
/// does not show is missing.
pub(super) fn whole(noun: &str, listed: OffsetPage, defects: &mut Vec<String>) -> Vec<Value> {
    if listed.is_cut_off() {
        defects.push(format!(
            "Apono's list of {noun} is cut off: {} of {} came, from the {}. on, and it has no further pages",
            listed.data.len(),
            listed.pagination.total,
            listed.pagination.offset.saturating_add(1)
        ));
    }
    listed.data
}

/// A page without a count.
pub(super) fn page<T>(items: Vec<T>, next: Option<String>, defects: Vec<String>) -> Page<T> {
    Page {
        items,
        next,
        total: None,
        defects,
    }
}

pub(super) fn malformed(why: impl Into<String>) -> AdapterError {
    AdapterError::new(Trouble::Malformed, why)
}
