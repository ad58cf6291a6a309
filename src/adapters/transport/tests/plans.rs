//! Plans: readings are made, the mutating request stays here.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::kit::{Server, channel, channel_with, config, dead_port, get, http, ok, post, within};
use crate::adapters::contract::{
    AdapterError, Call, PlannedRequest, Reading, SideEffect, Sketch, Trouble,
};
use crate::adapters::transport::{Request, Sign};

fn planning(sketch: &Arc<Sketch>) -> Call {
    let secrets = Arc::new([SecretString::from("hunter2-of-ann")]);
    Call::plan(
        "request-1",
        within(Duration::from_secs(5)),
        Uuid::now_v7(),
        secrets,
        sketch.clone(),
    )
}

struct Key;

impl Sign for Key {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        let key = HeaderValue::from_static("k3y-Of-Luna");
        request.headers.insert("x-door", key);
        let key = HeaderValue::from_static("of another kind");
        request.headers.insert("authorization", key);
        Ok(())
    }
}

#[tokio::test]
async fn a_planned_write_is_shown_signed_and_redacted_and_stays_here() {
    let server = Server::start(|_| ok()).await;
    let sketch = Arc::new(Sketch::default());
    let body = r#"{"name":"ann","word":"hunter2-of-ann","password":"x"}"#;
    let request = Request {
        body: Bytes::from_static(body.as_bytes()),
        sign: Some(Arc::new(Key)),
        ..post(&server)
    };
    let call = planning(&sketch);
    let outcome = channel(&server).write(&call, request, &json!({})).await;
    let error = outcome.expect_err("it does not leave");
    assert_eq!(
        (error.trouble, error.effect, call.is_sent()),
        (Trouble::Fenced, SideEffect::None, false)
    );
    assert_eq!(server.hits(), 0);
    let marked = |name: &str| (name.to_owned(), "[redacted]".to_owned());
    assert_eq!(
        sketch.take().request,
        Some(PlannedRequest {
            method: "POST".into(),
            url: server.url("/things").to_string(),
            headers: [marked("authorization"), marked("x-door")].into(),
            body: json!({"name": "ann", "word": "[redacted]", "password": "[redacted]"}),
        })
    );
}

#[tokio::test]
async fn only_the_first_write_is_shown() {
    let server = Server::start(|_| ok()).await;
    let sketch = Arc::new(Sketch::default());
    let call = planning(&sketch);
    for path in ["/first", "/second"] {
        let request = Request {
            url: server.url(path),
            ..post(&server)
        };
        let outcome = channel(&server).write(&call, request, &json!({})).await;
        assert!(outcome.is_err());
    }
    let shown = sketch.take().request.expect("a request");
    assert_eq!(shown.url, server.url("/first").to_string());
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn readings_of_a_plan_are_made_and_noted_with_their_status() {
    let server = Server::start(|number| match number {
        0 => ok(),
        _ => http("404 Not Found", "", "{}"),
    })
    .await;
    let sketch = Arc::new(Sketch::default());
    let call = planning(&sketch);
    let channel = channel(&server);
    channel.read(&call, get(&server)).await.expect("it is read");
    let secret = Request {
        url: server.url("/things?key=k3y-Of-Luna"),
        ..get(&server)
    };
    channel.read(&call, secret).await.expect_err("it is gone");
    let reading = |url: String, status| Reading {
        method: "GET".into(),
        url,
        status: Some(status),
    };
    assert_eq!(
        sketch.take().readings,
        [
            reading(server.url("/things").to_string(), 200),
            reading(server.url("/things?key=[redacted]").to_string(), 404),
        ]
    );
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn a_reading_without_an_answer_has_no_status() {
    let port = dead_port().await;
    let base = format!("http://127.0.0.1:{port}/").parse().expect("a URL");
    let sketch = Arc::new(Sketch::default());
    let request = Request {
        url: base,
        ..super::kit::request(
            reqwest::Method::GET,
            "http://x.example/".parse().expect("a URL"),
        )
    };
    let channel = channel_with(config(), &request.url);
    let outcome = channel.read(&planning(&sketch), request).await;
    assert!(outcome.is_err());
    assert_eq!(sketch.take().readings[0].status, None);
}
