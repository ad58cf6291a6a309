//! The realm's operations (§2). Their paths are relative to the realm, whose own URL is `/`.

use super::{ACCESS_TOKEN, CLIENT, NOTHING};
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read("identity", id, method, path)
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write("identity", id, method, path)
}

pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    read("get_realm", "GET", "/")
        .by(NOTHING)
        .normalized("check_connection"),
    read(
        "get_openid_configuration",
        "GET",
        "/.well-known/openid-configuration",
    )
    .by(NOTHING),
    // Either way a code comes of it, by which somebody can log in.
    write("authorize", "POST", "/protocol/openid-connect/auth")
        .by(NOTHING)
        .secret(),
    write("authorize_by_query", "GET", "/protocol/openid-connect/auth")
        .by(NOTHING)
        .secret(),
    // By it a refresh token is used up, perhaps the connection's own.
    write("create_token", "POST", "/protocol/openid-connect/token")
        .by(CLIENT)
        .secret()
        .dangerous(),
    read("get_userinfo", "GET", "/protocol/openid-connect/userinfo").by(ACCESS_TOKEN),
    read("list_keys", "GET", "/protocol/openid-connect/certs")
        .by(NOTHING)
        .normalized("check_connection"),
    read(
        "introspect_token",
        "POST",
        "/protocol/openid-connect/token/introspect",
    )
    .by(CLIENT)
    .secret(),
    // Either may end the session that the connection lives by.
    write("logout", "POST", "/protocol/openid-connect/logout")
        .by(CLIENT)
        .idempotent()
        .dangerous(),
    write("logout_by_query", "GET", "/protocol/openid-connect/logout")
        .by(NOTHING)
        .idempotent()
        .dangerous(),
];
