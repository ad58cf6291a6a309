//! The 95 operations that Apono documents (§6), one line each, by the part of the API that they are in.

mod admin;
mod legacy;
#[cfg(test)]
mod tests;
mod user;

use crate::adapters::contract::UpstreamOperation;

/// Every operation of the one API that there is.
pub(super) const OPERATIONS: &[&[UpstreamOperation]] =
    &[admin::OPERATIONS, user::OPERATIONS, legacy::OPERATIONS];

/// The word of the API.
pub(super) const API: &str = "api";

// What an operation asks for (§1): a service account's token, the token of the user that acts, or for the older API either
// kind as long as it administers, which the setting `legacy_token` decides.
pub(super) const ACCOUNT: &str = "account";
pub(super) const PERSONAL: &str = "personal";
pub(super) const ADMINISTRATOR: &str = "administrator";

const fn get(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path)
}

/// A creation, or an act: two of them are not as good as one.
const fn post(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "POST", path)
}

/// A whole replacement, or a member added to a set.
const fn put(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "PUT", path).idempotent()
}

/// Fields set to values that do not depend on what was there (§7.4).
const fn patch(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "PATCH", path).idempotent()
}

const fn delete(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, "DELETE", path).idempotent()
}
