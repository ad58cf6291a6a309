//! Answers: bounded, whole, never redirected, and without secrets in what they say.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::kit::{
    Ledger, Reply, Server, channel, channel_with, config, get, http, ok, post, read_call, within,
};
use crate::adapters::contract::{Call, SideEffect, Trouble};
use crate::adapters::transport::{RetryConfig, TransportConfig};

fn small() -> TransportConfig {
    TransportConfig {
        max_answer_bytes: 10_000,
        retry: RetryConfig {
            attempts: 1,
            ..RetryConfig::default()
        },
        ..config()
    }
}

#[tokio::test]
async fn an_answer_at_the_limit_passes() {
    let server = Server::start(|_| http("200 OK", "", &"x".repeat(10_000))).await;
    let answer = channel_with(small(), &server.url("/"))
        .read(&read_call(), get(&server))
        .await
        .expect("just small enough");
    assert_eq!(answer.body.len(), 10_000);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read_on() {
    for reply in [http("200 OK", "", &"x".repeat(10_001)), Reply::Flood] {
        let server = Server::start(move |_| reply.clone()).await;
        let error = channel_with(small(), &server.url("/"))
            .read(&read_call(), get(&server))
            .await
            .expect_err("too large");
        assert_eq!(error.trouble, Trouble::Malformed);
        assert!(error.message.contains("larger than 10000 bytes"), "{error}");
        assert_eq!(error.upstream.and_then(|said| said.status), Some(200));
    }
}

#[tokio::test]
async fn a_write_with_an_oversized_answer_has_an_unknown_effect() {
    let server = Server::start(|_| Reply::Flood).await;
    let ledger = Arc::new(Ledger::default());
    let error = channel_with(small(), &server.url("/"))
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("too large");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
}

#[tokio::test]
async fn a_body_that_drips_is_bound_by_the_deadline() {
    let server = Server::start(|_| Reply::Drip(Duration::from_millis(20))).await;
    let started = Instant::now();
    let channel = channel(&server);
    let call = Call::read("request-1", within(Duration::from_millis(200)));
    let error = channel
        .read(&call, get(&server))
        .await
        .expect_err("it never ends");
    assert_eq!(error.trouble, Trouble::Timeout);
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = Server::start(|_| ok()).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("location: {}\r\n", target.url("/elsewhere"));
        let server = Server::start(move |_| http(status, &location, "")).await;
        let error = channel(&server)
            .read(&read_call(), get(&server))
            .await
            .expect_err("a redirect");
        assert_eq!(error.trouble, Trouble::Rejected);
        assert!(
            error.message.contains("redirects are not followed"),
            "{error}"
        );
        assert_eq!(server.hits(), 1);
    }
    assert_eq!(target.hits(), 0);
}

#[tokio::test]
async fn what_the_vendor_repeats_is_redacted() {
    let body = r#"bad key k3y-Of-Luna, password hunter2-of-ann, {"token":"unknown-one"}"#;
    let server = Server::start(move |_| http("400 Bad Request", "", body)).await;
    let ledger = Arc::new(Ledger::default());
    let error = channel(&server)
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("refused");
    let shown = format!("{error} {error:?}");
    for secret in ["k3y", "hunter2", "unknown-one"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("bad key"), "{shown}");
}
