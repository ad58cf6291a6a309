//! What passing operations through shows of Luna's adapter alone; `passthrough::exchanges` has an exchange of every operation.

use serde_json::{Value, json};

use super::passing::{Given, operation};
use super::stand::Stand;
use crate::support::LUNA;

#[tokio::test]
async fn answers_that_are_text_come_as_they_are() {
    let stand = Stand::start(LUNA, &[], |_| {}).await;
    for (id, accept, content_type, words) in [
        (
            "get_metrics",
            None,
            "text/plain; version=0.0.4",
            "request_count_total",
        ),
        (
            "get_config",
            Some("text/plain"),
            "text/plain",
            "LUNA_ACCOUNTS_DB",
        ),
        (
            "get_docs_spec",
            Some("application/x-yaml"),
            "application/x-yaml",
            "openapi:",
        ),
        (
            "get_docs_spec",
            Some("text/html"),
            "text/html; charset=utf-8",
            "<!doctype html>",
        ),
    ] {
        let version = operation("luna", "accounts", "get_version");
        stand.pass(version, &Given::default()).await.unwrap();
        let given = Given {
            accept,
            ..Given::default()
        };
        let answer = stand.pass(operation("luna", "accounts", id), &given).await;
        let answer = answer.unwrap();
        assert_eq!(answer.content_type.as_deref(), Some(content_type));
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.contains(words), "{id}: {text}");
    }
    let spec = operation("luna", "accounts", "get_docs_spec");
    let refusal = stand.pass(spec, &Given::default()).await.err().unwrap();
    assert_eq!(refusal.upstream.unwrap().code.as_deref(), Some("12023"));
}

#[tokio::test]
async fn the_api_prefix_of_the_connection_stands_for_the_documented_one() {
    let stand = Stand::start(LUNA, &[], |connection| {
        connection["settings"]["api_prefix"] = json!("/luna/6");
    })
    .await;
    let accounts = operation("luna", "accounts", "get_accounts");
    // The simulator has no such prefix; what counts is what arrives.
    stand.pass(accounts, &Given::default()).await.err().unwrap();
    assert_eq!(stand.last().path, "/luna/6/accounts");
    let version = operation("luna", "accounts", "get_version");
    let answer = stand.pass(version, &Given::default()).await.unwrap();
    assert_eq!(stand.last().path, "/version");
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(body["Version"].is_object());
}
