//! The simulator as a client sees it.

mod accounts;
mod listing;
mod service;
mod tokens;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::simulators::{self, Options, Running};

const ID: &str = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";

async fn luna() -> Running {
    simulators::start("luna", Options::default()).await.unwrap()
}

/// Status and body (null when empty) of one call.
async fn call(luna: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    call_with(luna, method, path, body, &[]).await
}

async fn call_with(
    luna: &Running,
    method: &str,
    path: &str,
    body: Value,
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = Client::new().request(method, format!("{}{path}", luna.url));
    if !body.is_null() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        },
    )
}

/// Status and error code of a call that must be refused.
async fn refused(luna: &Running, method: &str, path: &str, body: Value) -> (u16, u64) {
    let (status, body) = call(luna, method, path, body).await;
    assert!(
        body["desc"].is_string() && body["detail"].is_string(),
        "{body}"
    );
    (status, body["error_code"].as_u64().unwrap())
}

fn ops() -> Value {
    json!({"login": "ops@example.org", "password": "s3cret-pass", "account_type": "advanced_user", "description": "ops team"})
}
