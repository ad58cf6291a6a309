//! The realm's operations (§2). Their paths are relative to the realm, whose own URL is `/`.

use super::{Credential, IDENTITY_API};
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(IDENTITY_API, id, method, path)
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(IDENTITY_API, id, method, path)
}

pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    read("get_realm", "GET", "/")
        .by(Credential::Nothing.word())
        .normalized("check_connection"),
    read(
        "get_openid_configuration",
        "GET",
        "/.well-known/openid-configuration",
    )
    .by(Credential::Nothing.word()),
    // Either way a code comes of it, by which somebody can log in.
    write("authorize", "POST", "/protocol/openid-connect/auth")
        .by(Credential::Nothing.word())
        .secret(),
    write("authorize_by_query", "GET", "/protocol/openid-connect/auth")
        .by(Credential::Nothing.word())
        .secret(),
    // By it a refresh token is used up, perhaps the connection's own.
    write("create_token", "POST", "/protocol/openid-connect/token")
        .by(Credential::Client.word())
        .secret()
        .dangerous(),
    read("get_userinfo", "GET", "/protocol/openid-connect/userinfo")
        .by(Credential::AccessToken.word()),
    read("list_keys", "GET", "/protocol/openid-connect/certs")
        .by(Credential::Nothing.word())
        .normalized("check_connection"),
    read(
        "introspect_token",
        "POST",
        "/protocol/openid-connect/token/introspect",
    )
    .by(Credential::Client.word())
    .secret(),
    // Either may end the session that the connection lives by.
    write("logout", "POST", "/protocol/openid-connect/logout")
        .by(Credential::Client.word())
        .idempotent()
        .dangerous(),
    write("logout_by_query", "GET", "/protocol/openid-connect/logout")
        .by(Credential::Nothing.word())
        .idempotent()
        .dangerous(),
];
