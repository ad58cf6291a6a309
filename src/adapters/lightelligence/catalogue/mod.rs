//! What the vendor documents, as data: the realm at the identity provider (§2), and the platform's API (§4, §5).
//!
//! A parameter has one name throughout, that of §4; §5 shortens it (`{t}` is `{tenantId}`).

mod api;
mod identity;
#[cfg(test)]
mod tests;

pub(super) use api::OPERATIONS as API;
pub(super) use identity::OPERATIONS as IDENTITY;

/// Asked for by nobody.
const NOTHING: &str = "none";
/// The OAuth client shows who it is: its id and, where it has one, its secret (§2.3).
const CLIENT: &str = "client";
/// The access token that the connection lives by (§3).
const ACCESS_TOKEN: &str = "access_token";
/// An access token that a client got for itself, not for a person (§5).
const CLIENT_TOKEN: &str = "client_token";
