//! Every documented operation of Luna's, passed through.

use iam_gateway::adapters::contract::{Trouble, UpstreamOperation};
use serde_json::{Value, json};

use super::passing::{Given, operation};
use super::stand::Stand;
use crate::support::LUNA;

const NEW: &str = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";
const OWNER: (&str, &str) = ("Luna-Account-Id", NEW);

/// Query and body of an operation; the body in no spelling that a serializer would choose.
fn given(id: &str) -> (Vec<(&'static str, &'static str)>, &'static str) {
    match id {
        "create_account" => (
            vec![OWNER],
            r#"{ "password":"s3cret-pass","login":"new@example.org", "account_type":"user"}"#,
        ),
        "get_accounts" => (
            vec![("page_size", "3"), ("targets", "login,account_id")],
            "",
        ),
        "patch_account" => (vec![], r#"{ "description":"né"}"#),
        "create_token" => (
            vec![("grant_all_permissions", "1"), OWNER],
            r#"{ "expiration_time":null }"#,
        ),
        "get_token" => (vec![("permissions_targets", "all")], ""),
        "replace_token" => (
            vec![],
            r#"{"expiration_time":null, "permissions":{"face":["view"]}}"#,
        ),
        "verify_credentials" => (
            vec![],
            r#"{ "login":"ada.lind@example.org","password":"simulated-password"}"#,
        ),
        "healthcheck" => (vec![("include_luna_services", "1")], ""),
        _ => (vec![], ""),
    }
}

#[tokio::test]
async fn every_operation_arrives_as_documented_and_its_answer_comes_back() {
    let stand = Stand::start(LUNA, &[("auth", "bearer")], |_| {}).await;
    let state = stand.vendor.state();
    let account = state.accounts[0]["account_id"].as_str().unwrap();
    let token = state.tokens[0]["token_id"].as_str().unwrap();
    let vendor = iam_gateway::adapters::vendor("luna").unwrap();
    let all = vendor.operations.iter().copied().flatten();
    // What is deleted can't be looked at any more.
    let (deletions, others): (Vec<&UpstreamOperation>, Vec<_>) =
        all.partition(|one| one.method == "DELETE");
    let mut passed = 0;
    for one in others.into_iter().chain(deletions) {
        let (query, body) = given(one.id);
        let value = if one.path.contains("{token_id}") {
            token
        } else {
            account
        };
        let values = vec![value; one.path.matches('{').count()];
        let accept = (one.id == "get_docs_spec").then_some("application/x-yaml");
        let given = Given {
            values,
            query: query.clone(),
            accept,
            content_type: (one.id == "patch_account").then_some("application/json; charset=utf-8"),
            body,
        };
        let before = stand.vendor.effects().len();
        let answer = stand.pass(one, &given).await;
        let received = stand.last();

        assert_eq!(received.method, one.method, "{}", one.id);
        let path = one
            .path
            .replace("{account_id}", account)
            .replace("{token_id}", token);
        assert_eq!(received.path, path, "{}", one.id);
        let (headers, query): (Vec<_>, Vec<_>) = query.into_iter().partition(|one| *one == OWNER);
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            received.query.replace("%2C", ","),
            query.join("&"),
            "{}",
            one.id
        );
        let named = received.headers.get("luna-account-id").map(String::as_str);
        assert_eq!(named, headers.first().map(|(_, id)| *id), "{}", one.id);
        assert_eq!(
            received.headers["authorization"],
            "Bearer simulated-luna-token"
        );
        assert!(
            received.headers["luna-request-id"].contains(','),
            "{}",
            one.id
        );
        assert_eq!(
            received.headers["accept"],
            accept.unwrap_or("application/json")
        );
        let content_type = received.headers.get("content-type").map(String::as_str);
        let json = (!body.is_empty()).then_some("application/json");
        assert_eq!(content_type, given.content_type.or(json), "{}", one.id);
        assert_eq!(received.body, body, "{}", one.id);
        passed += 1;
        if one.id == "get_docs_dev" {
            // It is a redirect, and none is followed: it could lead a credential elsewhere.
            let refusal = answer.err().unwrap();
            assert_eq!(refusal.trouble, Trouble::Rejected);
            assert_eq!(refusal.upstream.unwrap().status, Some(303));
            continue;
        }
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", one.id));
        assert_eq!(received.status, Some(answer.status), "{}", one.id);
        if one.writes {
            let effects = stand.vendor.effects();
            let operation = format!("{} {}", one.method, one.path);
            assert_eq!(effects[before].operation, operation, "{}", one.id);
        } else if one.id != "get_metrics" {
            let (status, body) = stand.again(&received).await;
            assert_eq!((answer.status, answer.body), (status, body), "{}", one.id);
        }
    }
    assert_eq!(passed, 19);
}

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
