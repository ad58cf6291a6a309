//! What the token endpoint refuses, in Keycloak's words.

use serde_json::json;

use super::{get_realm, http, is, own_tokens, post_form, realm, send, start, started_with, told};
use crate::simulators::lightelligence::seed;

/// Status, error and description of a refused token request.
async fn refused(vendor: &super::Running, fields: &[(&str, &str)]) -> (u16, String, String) {
    told(&post_form(vendor, "token", fields).await)
}

#[tokio::test]
async fn bad_token_requests_are_told_as_keycloak_does() {
    let vendor = start().await;
    let service = [
        ("client_id", seed::SERVICE),
        ("client_secret", seed::SECRET),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&service[..], more].concat();
    for (fields, expected) in [
        (
            with(&[]),
            is(400, "invalid_request", "Missing form parameter: grant_type"),
        ),
        (
            with(&[("grant_type", "id_token")]),
            is(400, "unsupported_grant_type", "Unsupported grant_type"),
        ),
        (
            vec![("grant_type", "client_credentials")],
            is(400, "invalid_client", "Missing client_id parameter"),
        ),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", "nobody"),
            ],
            is(
                401,
                "invalid_client",
                "Invalid client or Invalid client credentials",
            ),
        ),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", seed::SERVICE),
                ("client_secret", "wrong"),
            ],
            is(
                401,
                "unauthorized_client",
                "Invalid client or Invalid client credentials",
            ),
        ),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", seed::SERVICE),
            ],
            is(
                401,
                "unauthorized_client",
                "Invalid client or Invalid client credentials",
            ),
        ),
        (
            vec![
                ("grant_type", "client_credentials"),
                ("client_id", seed::PORTAL),
            ],
            is(
                401,
                "unauthorized_client",
                "Public client not allowed to retrieve service account",
            ),
        ),
        (
            with(&[
                ("grant_type", "client_credentials"),
                ("scope", "a"),
                ("scope", "a"),
            ]),
            is(400, "invalid_request", "duplicated parameter"),
        ),
        (
            with(&[("grant_type", "password")]),
            is(
                401,
                "unauthorized_client",
                "Client not allowed for direct access grants",
            ),
        ),
        (
            with(&[("grant_type", "authorization_code")]),
            is(400, "invalid_request", "Missing parameter: code"),
        ),
        (
            with(&[("grant_type", "authorization_code"), ("code", "x")]),
            is(400, "invalid_grant", "Code not valid"),
        ),
        (
            with(&[("grant_type", "refresh_token")]),
            is(400, "invalid_request", "No refresh token"),
        ),
        (
            with(&[("grant_type", "refresh_token"), ("refresh_token", "a.b.c")]),
            is(400, "invalid_grant", "Invalid refresh token"),
        ),
    ] {
        assert_eq!(refused(&vendor, &fields).await, expected, "{fields:?}");
    }
}

#[tokio::test]
async fn parameters_outside_the_body_are_not_seen() {
    let vendor = start().await;
    let query = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        seed::SERVICE,
        seed::SECRET
    );
    let url = format!("{}/protocol/openid-connect/token", realm(&vendor));
    let by_query = send(http().post(format!("{url}?{query}"))).await;
    let missing = is(400, "invalid_request", "Missing form parameter: grant_type");
    assert_eq!(told(&by_query), missing);
    let json = json!({"grant_type": "client_credentials"}).to_string();
    let request = http().post(&url).header("content-type", "application/json");
    assert_eq!(told(&send(request.body(json)).await), missing);
    // A client may show its secret in the header instead.
    let credentials = http()
        .post(&url)
        .basic_auth(seed::SERVICE, Some(seed::SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    send(credentials).await.expect(200);
}

#[tokio::test]
async fn an_old_keycloak_words_things_differently() {
    let vendor = started_with(&[("idp", "old")]).await;
    assert_eq!(
        refused(&vendor, &[("grant_type", "id_token")]).await,
        is(400, "invalid_request", "Unsupported grant_type")
    );
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", seed::SERVICE),
        ("client_secret", "wrong"),
    ];
    assert_eq!(
        refused(&vendor, &fields).await,
        is(400, "unauthorized_client", "Invalid client secret")
    );
    assert!(get_realm(&vendor, "").await["admin-api"].is_string());
}

#[tokio::test]
async fn a_closed_realm_lets_nobody_in() {
    for (word, error, text) in [
        ("off", "access_denied", "Realm not enabled"),
        ("https", "invalid_request", "HTTPS required"),
    ] {
        let vendor = started_with(&[("realm", word)]).await;
        let answer = own_tokens(&vendor, seed::SERVICE, &[]).await;
        assert_eq!(told(&answer), is(403, error, text));
    }
}
