//! Reading one thing: found, proven gone, or neither.

use serde_json::Value;

use super::paging::{Listed, Numbered};
use crate::adapters::contract::{AdapterError, Trouble};

/// What was read, or `None` when it is gone. A wrong base URL answers a 404 as well, so things of its sort must be listed at the
/// same place, for the same token, to prove that this one is about the thing.
pub(super) async fn unless_gone(
    read: Result<Value, AdapterError>,
    listing: impl Future<Output = Result<Listed<Numbered>, AdapterError>> + Send,
) -> Result<Option<Value>, AdapterError> {
    match read {
        Ok(raw) => Ok(Some(raw)),
        Err(error) if error.trouble == Trouble::NotFound => {
            listing.await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The thing as a record, if it is the one that was asked for.
pub(super) fn as_asked<T>(
    noun: &str,
    asked: &str,
    converted: Result<T, String>,
    id: impl FnOnce(&T) -> String,
) -> Result<T, AdapterError> {
    let malformed = |why: String| AdapterError::new(Trouble::Malformed, why);
    let record =
        converted.map_err(|defect| malformed(format!("Lumos' {noun} can't be used: {defect}")))?;
    if id(&record) == asked {
        return Ok(record);
    }
    Err(malformed(format!(
        "Lumos answered with another {noun} than the one asked for"
    )))
}

/// The refusal of a cursor that no page of ours gave.
pub(super) fn strange_cursor() -> AdapterError {
    AdapterError::invalid("/cursor", "the cursor is not of a listing of this tenant")
}
