//! The simulator as a client sees it.

mod asking;
mod auth;
mod drift;
mod listing;
mod requests;
mod views;
mod world;

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::simulators::{self, Options, Running, kit::people};

const ACCOUNT: &str = "simulated-account-token";
const VIEWER: &str = "simulated-viewer-token";
const PERSONAL: &str = "aup_simulated-personal-token";
const ADMIN: &str = "aup_simulated-admin-token";

async fn apono() -> Running {
    with(&[]).await
}

async fn with(quirks: &[(&str, &str)]) -> Running {
    let options = quirks
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.with_quirk(name, value)
        });
    simulators::start("apono", options).await.unwrap()
}

/// Status and body of a call with this token.
async fn call(apono: &Running, token: &str, method: &str, path: &str) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let response = Client::new()
        .request(method, format!("{}{path}", apono.url))
        .header("authorization", format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let media_type = response.headers()["content-type"].to_str().unwrap();
    assert_eq!(media_type, "application/json");
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

/// The body of a reading call, which must be let in.
async fn get(apono: &Running, path: &str) -> Value {
    let (status, body) = call(apono, ACCOUNT, "GET", path).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Status and code of a call that must be refused.
async fn refused(apono: &Running, token: &str, method: &str, path: &str) -> (u16, String) {
    let (status, body) = call(apono, token, method, path).await;
    assert_eq!(body["status"], status.to_string(), "{body}");
    assert_eq!(body["message"].is_string(), status != 401, "{body}");
    (status, body["code"].as_str().unwrap().to_owned())
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().unwrap()
}

fn token(page: &Value) -> &str {
    page["pagination"]["next_page_token"].as_str().unwrap()
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn emails(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["email"].as_str().unwrap())
        .collect()
}

fn end() -> Value {
    json!({"next_page_token": null})
}

/// The id of the nth seeded thing of a kind.
fn seeded(kind: &str, n: usize) -> String {
    people::uuid(&format!("apono/{kind}"), n).to_string()
}

/// Status and body of a call with a body; null for none.
async fn send(apono: &Running, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = Client::new()
        .request(method, format!("{}{path}", apono.url))
        .bearer_auth(token)
        .body(body.to_string());
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(text.is_empty(), status == 204, "{text}");
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The body of a call that must go well.
async fn did(apono: &Running, token: &str, method: &str, path: &str, body: Value) -> Value {
    let (status, body) = send(apono, token, method, path, body).await;
    assert!([200, 204].contains(&status), "{status} {body}");
    body
}

/// Status and code of a call with a body that must be refused.
async fn refusal(
    apono: &Running,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, String) {
    let (status, body) = send(apono, token, method, path, body).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}
