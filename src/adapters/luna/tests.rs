//! The adapter whole, through the real transport, against single answers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wiremock::matchers::{any, body_json, header, header_regex, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::adapters::contract::{
    AdapterError, Call, Credentials, MarkRefused, Outcome, PageRequest, Sent, SideEffect, Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::domain::{AccountChange, AccountRecord, Effect, NewAccount};

const ID: &str = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";
const ONE: &str = "/luna/1/accounts/0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";
const ALL: &str = "/luna/1/accounts";

/// The marks that were set, in order.
#[derive(Default)]
struct Marks(Mutex<Vec<Value>>);

#[async_trait]
impl Sent for Marks {
    async fn mark(&self, before: &Value) -> Result<(), MarkRefused> {
        self.0.lock().unwrap().push(before.clone());
        Ok(())
    }
}

struct Luna {
    server: MockServer,
    adapter: Adapter,
    marks: Arc<Marks>,
}

impl Luna {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        let adapter = build(Parts {
            connection_id: Uuid::now_v7(),
            settings: json!({ "base_url": format!("{}/luna/", server.uri()) }),
            credentials: Credentials {
                kind: "bearer".to_owned(),
                fields: [("token".to_owned(), SecretString::from("canary-token"))].into(),
            },
            transport: Transport::new(config).unwrap(),
        })
        .unwrap();
        Self {
            server,
            adapter,
            marks: Arc::default(),
        }
    }

    async fn answers(&self, verb: &str, at: &str, status: u16, body: Value) {
        Mock::given(method(verb))
            .and(path(at))
            .and(header("authorization", "Bearer canary-token"))
            .and(header_regex("luna-request-id", "^[0-9]{10},[a-f0-9-]{36}$"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.server)
            .await;
    }

    fn call(&self) -> Call {
        let deadline = Instant::now() + Duration::from_secs(20);
        let secrets = Arc::new([SecretString::from("s3cret-pass")]);
        Call::write(
            "a-request",
            deadline,
            Uuid::now_v7(),
            secrets,
            self.marks.clone(),
        )
    }

    async fn find(&self) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        let key = convert::key(ID.parse().unwrap());
        reader.find_account(&self.call(), &key).await
    }

    async fn create(&self) -> Result<Outcome<AccountRecord>, AdapterError> {
        let new = NewAccount {
            operation_id: ID.parse().unwrap(),
            login: Some("ops@example.org".to_owned()),
            email: None,
            display_name: Some("ops team".to_owned()),
            given_name: None,
            family_name: None,
            kind: None,
            password: Some("s3cret-pass".into()),
            attributes: serde_json::Map::new(),
        };
        let creator = self.adapter.account_creator().unwrap();
        creator.create_account(&self.call(), &new, &[]).await
    }

    fn marks(&self) -> Vec<Value> {
        self.marks.0.lock().unwrap().clone()
    }

    async fn writes(&self) -> usize {
        let received = self.server.received_requests().await.unwrap();
        received
            .iter()
            .filter(|one| one.method.as_str() != "GET")
            .count()
    }
}

fn account(login: &str) -> Value {
    json!({
        "account_id": ID, "login": login, "account_type": "user", "description": "ops team",
        "create_time": "2031-05-02T07:08:09.123Z", "last_update_time": "2031-05-02T07:08:09.123Z"
    })
}

fn refusal(code: i64, desc: &str, detail: &str) -> Value {
    json!({ "error_code": code, "desc": desc, "detail": detail })
}

fn known() -> AccountRecord {
    convert::record(account("ops@example.org")).unwrap()
}

#[tokio::test]
async fn only_lunas_own_word_makes_an_account_gone() {
    let luna = Luna::start().await;
    luna.answers(
        "GET",
        ONE,
        404,
        refusal(41004, "Object not found", "Account not found"),
    )
    .await;
    assert_eq!(luna.find().await.unwrap(), None);

    for (status, body) in [
        (404, refusal(12013, "Resource not found", "Page not found")),
        (404, json!({ "message": "no such route" })),
        (200, json!({ "account_id": Uuid::nil(), "login": "x@y.zz" })),
    ] {
        let luna = Luna::start().await;
        luna.answers("GET", ONE, status, body.clone()).await;
        assert!(luna.find().await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_listing_goes_on_with_the_size_that_it_began_with() {
    let luna = Luna::start().await;
    for (page, total) in [("1", 2), ("2", 2)] {
        Mock::given(method("GET"))
            .and(path(ALL))
            .and(query_param("page", page))
            .and(query_param("page_size", "1"))
            .respond_with(ResponseTemplate::new(200).set_body_json(
                json!({ "accounts": [account("ops@example.org")], "total_count": total }),
            ))
            .mount(&luna.server)
            .await;
    }
    let lister = luna.adapter.account_lister().unwrap();
    let first = PageRequest {
        cursor: None,
        size: 1,
    };
    let first = lister.list_accounts(&luna.call(), &first).await.unwrap();
    assert_eq!((first.items.len(), first.total), (1, Some(2)));
    let second = PageRequest {
        cursor: first.next,
        size: 1000,
    };
    let second = lister.list_accounts(&luna.call(), &second).await.unwrap();
    assert_eq!(second.next, None);
    let nonsense = PageRequest {
        cursor: Some("x".to_owned()),
        size: 1,
    };
    assert!(lister.list_accounts(&luna.call(), &nonsense).await.is_err());
}

#[tokio::test]
async fn a_creation_asks_for_the_operations_id_and_reads_it_back() {
    let luna = Luna::start().await;
    Mock::given(method("POST"))
        .and(path(ALL))
        .and(header("luna-account-id", ID))
        .and(body_json(json!({
            "login": "ops@example.org", "password": "s3cret-pass", "account_type": "user", "description": "ops team"
        })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "account_id": ID })))
        .mount(&luna.server)
        .await;
    luna.answers("GET", ONE, 200, account("ops@example.org"))
        .await;
    let made = luna.create().await.unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert!(made.value.created_at.is_some(), "read back");
    assert_eq!(luna.marks(), [json!({ "matches": [] })]);
    assert_eq!(luna.writes().await, 1);
}

#[tokio::test]
async fn a_proven_creation_stays_one_when_nothing_can_be_read_after_it() {
    let luna = Luna::start().await;
    luna.answers("POST", ALL, 201, json!({})).await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&luna.server)
        .await;
    let made = luna.create().await.unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.external_id, ID);
    assert_eq!(made.value.login.as_deref(), Some("ops@example.org"));
}

#[tokio::test]
async fn our_own_id_taken_is_our_own_success() {
    let taken = refusal(41002, "Unique constraint error", "Account already exists");
    for (status, body, effect) in [
        (200, account("ops@example.org"), Ok(Effect::Created)),
        (200, account("other@example.org"), Err(SideEffect::None)),
        (
            404,
            refusal(41004, "Object not found", "gone"),
            Err(SideEffect::Unknown),
        ),
        (401, json!({}), Err(SideEffect::Unknown)),
    ] {
        let luna = Luna::start().await;
        luna.answers("POST", ALL, 409, taken.clone()).await;
        luna.answers("GET", ONE, status, body.clone()).await;
        let outcome = luna.create().await;
        let seen = outcome
            .map(|made| made.effect)
            .map_err(|error| error.effect);
        assert_eq!(seen, effect, "{body}");
    }
}

#[tokio::test]
async fn refusals_of_a_creation_tell_what_to_do_and_keep_the_password() {
    for (status, body, trouble, effect) in [
        (
            409,
            refusal(41001, "Unique constraint error", "login taken"),
            Trouble::Conflict,
            SideEffect::None,
        ),
        (
            400,
            refusal(
                12022,
                "Bad input",
                "Path: 'password', message: 's3cret-pass'",
            ),
            Trouble::Rejected,
            SideEffect::None,
        ),
        (
            500,
            refusal(1, "Internal server error", "s3cret-pass"),
            Trouble::Unavailable,
            SideEffect::Unknown,
        ),
        (
            401,
            json!({ "token": "canary-token" }),
            Trouble::AuthFailed,
            SideEffect::None,
        ),
    ] {
        let luna = Luna::start().await;
        luna.answers("POST", ALL, status, body.clone()).await;
        let error = luna.create().await.unwrap_err();
        assert_eq!((error.trouble, error.effect), (trouble, effect), "{body}");
        let shown = format!("{error:?}");
        assert!(
            !shown.contains("s3cret-pass") && !shown.contains("canary"),
            "{shown}"
        );
        assert_eq!(luna.writes().await, 1, "a write is never repeated");
    }
}

#[tokio::test]
async fn a_change_sends_only_what_changes_and_shows_the_account_after() {
    let luna = Luna::start().await;
    Mock::given(method("PATCH"))
        .and(path(ONE))
        .and(body_json(json!({ "login": "dev@example.org" })))
        .respond_with(ResponseTemplate::new(204))
        .mount(&luna.server)
        .await;
    luna.answers("GET", ONE, 200, account("dev@example.org"))
        .await;
    let change = AccountChange {
        email: Some(Some("DEV@example.org".to_owned())),
        ..AccountChange::default()
    };
    let updater = luna.adapter.account_updater().unwrap();
    let changed = updater
        .update_account(&luna.call(), &known(), &change)
        .await
        .unwrap();
    assert_eq!(changed.effect, Effect::Updated);
    assert!(updater.shows_update(&changed.value, &change));
    assert_eq!(luna.marks(), [json!({ "login": "ops@example.org" })]);
}

#[tokio::test]
async fn a_change_that_does_not_show_is_no_success() {
    let luna = Luna::start().await;
    luna.answers("PATCH", ONE, 204, json!(null)).await;
    luna.answers("GET", ONE, 200, account("ops@example.org"))
        .await;
    let change = AccountChange {
        login: Some(Some("dev@example.org".to_owned())),
        ..AccountChange::default()
    };
    let updater = luna.adapter.account_updater().unwrap();
    let doubt = updater
        .update_account(&luna.call(), &known(), &change)
        .await
        .unwrap_err();
    assert_eq!(
        (doubt.trouble, doubt.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
}

#[tokio::test]
async fn what_is_gone_already_is_a_success_that_did_nothing() {
    for (status, body, effect) in [
        (204, json!(null), Some(Effect::Deleted)),
        (
            404,
            refusal(41004, "Object not found", "gone"),
            Some(Effect::Noop),
        ),
        (404, json!({}), None),
    ] {
        let luna = Luna::start().await;
        luna.answers("DELETE", ONE, status, body.clone()).await;
        let deleter = luna.adapter.account_deleter().unwrap();
        let outcome = deleter.delete_account(&luna.call(), &known()).await;
        assert_eq!(outcome.ok().map(|outcome| outcome.effect), effect, "{body}");
    }
}

#[tokio::test]
async fn a_check_tells_a_hidden_health_endpoint_from_refused_credentials() {
    let page = json!({ "accounts": [], "total_count": 0 });
    let luna = Luna::start().await;
    luna.answers(
        "GET",
        "/luna/healthcheck",
        200,
        json!({ "execution_time": 0.1 }),
    )
    .await;
    luna.answers("GET", ALL, 200, page.clone()).await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    assert!(report.findings.is_empty());

    let luna = Luna::start().await;
    luna.answers("GET", ALL, 200, page).await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.code.as_str(), one.fatal))
        .collect();
    assert_eq!(found, [("health_unknown", false)]);

    let luna = Luna::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&luna.server)
        .await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.code == "auth_failed" && one.fatal)
    );
}
