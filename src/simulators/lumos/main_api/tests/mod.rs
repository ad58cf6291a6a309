//! The main API as a client sees it.

mod access;
mod activity;
mod apps;
mod budget;
mod drift;
mod listing;
mod requests;
mod seeded;
mod store;
mod work;

use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::simulators::{self, Holdings, Options, Running};

const ADMIN: &str = "lsk_simulated-main-token";
const MEMBER: &str = "lsk_simulated-member-token";

async fn lumos() -> Running {
    with(&[]).await
}

async fn with(quirks: &[(&str, &str)]) -> Running {
    let options = quirks
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.with_quirk(name, value)
        });
    simulators::start("lumos", options).await.unwrap()
}

async fn send(lumos: &Running, token: &str, path: &str) -> Response {
    let request = Client::new().get(format!("{}{path}", lumos.url));
    request.bearer_auth(token).send().await.unwrap()
}

/// Status and body of a call with this token.
async fn call(lumos: &Running, token: &str, path: &str) -> (u16, Value) {
    let response = send(lumos, token, path).await;
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

/// Status and body of a call that carries JSON; an empty answer is null.
async fn act(lumos: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = Client::new().request(method.parse().unwrap(), format!("{}{path}", lumos.url));
    let request = match body {
        Value::Null => request,
        body => request
            .header("content-type", "application/json")
            .body(body.to_string()),
    };
    let response = request.bearer_auth(ADMIN).send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// The body of a reading call, which must be let in.
async fn get(lumos: &Running, path: &str) -> Value {
    let (status, body) = call(lumos, ADMIN, path).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// The `loc` and `type` of everything that is wrong with a call.
async fn wrong(lumos: &Running, path: &str) -> Value {
    let (status, body) = call(lumos, ADMIN, path).await;
    assert_eq!(status, 422, "{path}: {body}");
    let errors = body["detail"].as_array().unwrap().iter();
    errors
        .map(|error| {
            assert!(error["msg"].is_string(), "{error}");
            json!([error["loc"], error["type"]])
        })
        .collect()
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().unwrap()
}

fn held(lumos: &Running) -> Holdings {
    lumos.state().of("lumos/main").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
