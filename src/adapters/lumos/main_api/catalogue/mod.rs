//! The operations that the main API documents (§A4), by area: what the pass-through lets through.
//!
//! Paths are spelled as the contract prints them. What shows the effect of a write takes no path parameter that the write
//! does not have, so that it can be asked with what is known of the write.

mod appstore;
mod tenant;
#[cfg(test)]
mod tests;
mod work;

use crate::adapters::contract::UpstreamOperation;

/// The word for this API.
pub(super) const API: &str = "main";
/// The bearer token (§A1).
const TOKEN: &str = "api_token";
/// Signs of life and what other vendors call carry no credential (§A1).
pub(super) const NONE: &str = "none";

/// Apps, people, accounts, groups and activity.
pub(in crate::adapters::lumos) const TENANT: &[UpstreamOperation] = tenant::OPERATIONS;
/// What can be asked for, and what was.
pub(in crate::adapters::lumos) const APPSTORE: &[UpstreamOperation] = appstore::OPERATIONS;
/// Tasks, policies, reviews, knowledge and agreements.
pub(in crate::adapters::lumos) const WORK: &[UpstreamOperation] = work::OPERATIONS;

const fn get(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path).by(TOKEN)
}

/// Repeating it makes or does the thing once more.
const fn post(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "POST", path).by(TOKEN)
}

const fn patch(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "PATCH", path)
        .by(TOKEN)
        .idempotent()
}

const fn put(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "PUT", path)
        .by(TOKEN)
        .idempotent()
}

const fn delete(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "DELETE", path)
        .by(TOKEN)
        .idempotent()
}
