//! Tokens (§6), with the paths of the `v2` flavour.

use super::CREDENTIALS_API as API;
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path).by("bearer")
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, method, path).by("bearer")
}

/// The operations of §6. A change may answer with the whole token, its value included.
pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    read("list_tokens", "/v2/accounts/{a}/tokens"),
    read("get_token", "/v2/accounts/{a}/tokens/{id}").secret(),
    write("create_token", "POST", "/v2/accounts/{a}/tokens")
        .read_back_by("list_tokens")
        .secret(),
    write("enable_token", "PUT", "/v2/accounts/{a}/tokens/{id}/enable")
        .read_back_by("list_tokens")
        .secret(),
    write(
        "disable_token",
        "PUT",
        "/v2/accounts/{a}/tokens/{id}/disable",
    )
    .read_back_by("list_tokens")
    .secret(),
    write("rename_token", "PUT", "/v2/accounts/{a}/tokens/{id}/rename")
        .idempotent()
        .read_back_by("list_tokens")
        .secret(),
    write("delete_token", "DELETE", "/v2/accounts/{a}/tokens/{id}")
        .idempotent()
        .read_back_by("list_tokens"),
];
