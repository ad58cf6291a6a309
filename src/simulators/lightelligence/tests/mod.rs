//! The simulator as a client sees it.

mod applications;
mod authorization;
mod drift;
mod generations;
mod grants;
mod invites;
mod keys;
mod listing;
mod members;
mod refusals;
mod roles;
mod tenants;

use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::seed;
use crate::simulators::{self, Drift, DriftOp, Options, Running};

async fn start() -> Running {
    started_with(&[]).await
}

async fn started_with(quirks: &[(&str, &str)]) -> Running {
    let options = quirks
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.with_quirk(name, value)
        });
    simulators::start("lightelligence", options).await.unwrap()
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    /// Null when it is empty, a string when it is not JSON.
    body: Value,
}

impl Answer {
    /// Status and error code of a refusal by the API.
    #[track_caller]
    fn refusal(&self) -> (u16, &str) {
        assert!(self.body["errorMessage"].is_string(), "{}", self.body);
        (self.status, self.body["errorCode"].as_str().unwrap())
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

async fn send(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    };
    Answer {
        status,
        headers,
        body,
    }
}

fn http() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

fn realm(vendor: &Running) -> String {
    format!("{}/v1/id/auth/realms/olt", vendor.url)
}

/// A form posted to a path of the realm.
async fn post_form(vendor: &Running, path: &str, fields: &[(&str, &str)]) -> Answer {
    post_form_with(vendor, path, fields, &[]).await
}

async fn post_form_with(
    vendor: &Running,
    path: &str,
    fields: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let url = format!("{}/protocol/openid-connect/{path}", realm(vendor));
    let mut request = http()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(request).await
}

async fn get_realm(vendor: &Running, path: &str) -> Value {
    let answer = send(http().get(format!("{}{path}", realm(vendor)))).await;
    answer.expect(200)
}

/// What the connection signs in with.
fn credentials(vendor: &Running) -> Value {
    let parts = vendor.connection("lightelligence/tenant").unwrap();
    assert_eq!(parts["settings"]["base_url"], format!("{}/v1", vendor.url));
    assert_eq!(parts["settings"]["realm_url"], realm(vendor));
    assert_eq!(parts["settings"]["tenant_id"], json!(seed::home()));
    parts["credentials"].clone()
}

/// The tokens of the owner, who is signed in to the portal.
async fn owner_tokens(vendor: &Running) -> Value {
    let refresh_token = credentials(vendor)["refresh_token"].clone();
    let refresh_token = refresh_token.as_str().unwrap();
    refresh(vendor, refresh_token, &[]).await.expect(200)
}

async fn refresh(vendor: &Running, token: &str, headers: &[(&str, &str)]) -> Answer {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", seed::PORTAL),
        ("refresh_token", token),
    ];
    post_form_with(vendor, "token", &fields, headers).await
}

/// Client credentials of one of the seeded clients.
async fn own_tokens(vendor: &Running, client: &str, headers: &[(&str, &str)]) -> Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", seed::SECRET),
        ("scope", "openid olt-applications"),
    ];
    post_form_with(vendor, "token", &fields, headers).await
}

/// The tokens of whoever has this address, by the portal.
async fn tokens_of(vendor: &Running, email: &str) -> Value {
    let code = code_for(vendor, email, seed::PORTAL).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", seed::PORTAL),
        ("code", &code),
        ("redirect_uri", seed::REDIRECT_URI),
    ];
    post_form(vendor, "token", &fields).await.expect(200)
}

async fn code_for(vendor: &Running, email: &str, client: &str) -> String {
    let fields = [
        ("client_id", client),
        ("redirect_uri", seed::REDIRECT_URI),
        ("scope", seed::SCOPE),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("login_hint", email),
    ];
    let answer = post_form(vendor, "auth", &fields).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    let target = url::Url::parse(answer.headers["location"].to_str().unwrap()).unwrap();
    let mut pairs = target.query_pairs();
    let code = pairs.find(|(name, _)| name == "code").unwrap().1;
    code.into_owned()
}

/// A caller of the API.
struct Api<'a> {
    vendor: &'a Running,
    token: String,
}

impl<'a> Api<'a> {
    fn with(vendor: &'a Running, tokens: &Value) -> Self {
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        Api { vendor, token }
    }

    async fn owner(vendor: &'a Running) -> Self {
        Api::with(vendor, &owner_tokens(vendor).await)
    }

    async fn of(vendor: &'a Running, email: &str) -> Self {
        Api::with(vendor, &tokens_of(vendor, email).await)
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = http()
            .request(method, format!("{}/v1{path}", self.vendor.url))
            .bearer_auth(&self.token);
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }
}

/// A path in the seeded tenant.
fn home(path: &str) -> String {
    format!("/tenants/{}{path}", seed::home())
}

/// The id of a role of the seeded tenant.
fn role_id(vendor: &Running, name: &str) -> String {
    let roles = vendor.state().entitlements;
    let role = roles.iter().find(|role| role["name"] == name).unwrap();
    role["id"].as_str().unwrap().to_owned()
}

/// The id of a seeded user of the tenant.
fn user_id(vendor: &Running, email: &str) -> String {
    let accounts = vendor.state().accounts;
    let account = accounts.iter().find(|user| user["email"] == email).unwrap();
    account["id"].as_str().unwrap().to_owned()
}

/// Status, error and description of what the identity provider refuses.
fn told(answer: &Answer) -> (u16, String, String) {
    let word = |name: &str| answer.body[name].as_str().unwrap().to_owned();
    (answer.status, word("error"), word("error_description"))
}

fn is(status: u16, error: &str, description: &str) -> (u16, String, String) {
    (status, error.to_owned(), description.to_owned())
}

fn drift(op: DriftOp, kind: &str, id: Option<&str>, value: Value) -> Drift {
    Drift {
        op,
        kind: kind.to_owned(),
        id: id.map(str::to_owned),
        value,
    }
}

fn claims(token: &Value) -> Value {
    part(token, 1)
}

fn part(token: &Value, n: usize) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = token.as_str().unwrap().split('.').nth(n).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
