//! The adapter whole, through the real transport, against single answers.

mod activity;
mod any_answer;
mod attributes;
mod checks;
mod groups;
mod members;

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wiremock::matchers::{header, method, path, query_param, query_param_is_missing};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::adapters::contract::{
    AdapterError, Call, CheckReport, MemoryCell, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::Credentials;
use crate::domain::{AccountRecord, ExternalKey};

const USERS: &str = "/eu/api/admin/v3/users";
const LEGACY: &str = "/eu/api/v2/users";
const REQUESTS: &str = "/eu/api/user/v4/access-requests";
const GROUPS: &str = "/eu/api/admin/v1/groups";
const INTEGRATIONS: &str = "/eu/api/admin/v4/integrations";
const ACTIVITY: &str = "/eu/api/v3/activity";
const ATTRIBUTES: &str = "/eu/api/v2/bulk/identities/attributes";
/// What a check looks at beside users and requests; the last two are legacy lists.
const OTHERS: [&str; 6] = [
    INTEGRATIONS,
    "/eu/api/admin/v1/access-scopes",
    GROUPS,
    "/eu/api/admin/v2/bundles",
    ACTIVITY,
    ATTRIBUTES,
];

struct Apono {
    server: MockServer,
    adapter: Adapter,
}

impl Apono {
    async fn start() -> Self {
        Self::with(
            "current",
            &[
                ("account_token", "canary-account"),
                ("personal_token", "aup_canary"),
            ],
        )
        .await
    }

    async fn legacy() -> Self {
        Self::with("legacy", &[("account_token", "canary-account")]).await
    }

    async fn with(users_api: &str, tokens: &[(&str, &str)]) -> Self {
        Self::built(json!({ "users_api": users_api }), tokens).await
    }

    /// With these settings beside the address.
    async fn set(settings: Value) -> Self {
        Self::built(settings, &[("account_token", "canary-account")]).await
    }

    async fn built(mut settings: Value, tokens: &[(&str, &str)]) -> Self {
        let server = MockServer::start().await;
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        settings["base_url"] = json!(format!("{}/eu", server.uri()));
        let adapter = build(Parts {
            connection_id: Uuid::now_v7(),
            settings,
            credentials: Credentials {
                kind: "tokens".to_owned(),
                fields: tokens
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)))
                    .collect(),
            },
            cell: MemoryCell::empty(),
            transport: Transport::new(config).unwrap(),
        })
        .unwrap();
        Self { server, adapter }
    }

    /// Answers to the right token only; the wrong one gets a 404, which no test takes for a success.
    async fn answers(&self, at: &str, status: u16, body: Value) {
        let token = if at.starts_with(REQUESTS) {
            "aup_canary"
        } else {
            "canary-account"
        };
        Mock::given(method("GET"))
            .and(path(at))
            .and(header("authorization", format!("Bearer {token}").as_str()))
            .and(header("content-type", "application/json"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.server)
            .await;
    }

    /// Everything that a check looks at beside users and requests is there, but for what is refused.
    async fn all_else_is_well(&self, refused: &[&str]) {
        for at in OTHERS {
            let (status, body) = match at {
                at if refused.contains(&at) => (403, refusal(403, "Forbidden")),
                ACTIVITY | ATTRIBUTES => (200, all(&[], 0)),
                _ => (200, users(&[], None)),
            };
            self.answers(at, status, body).await;
        }
    }

    fn call(&self) -> Call {
        Call::read("a-request", Instant::now() + Duration::from_secs(10))
    }

    async fn page(
        &self,
        cursor: Option<&str>,
        size: u32,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let page = PageRequest {
            cursor: cursor.map(str::to_owned),
            size,
        };
        let lister = self.adapter.account_lister().unwrap();
        lister.list_accounts(&self.call(), &page).await
    }

    async fn find(&self, id: &str) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        reader
            .find_account(&self.call(), &ExternalKey::new(&[id]))
            .await
    }

    async fn check(&self) -> Result<CheckReport, AdapterError> {
        self.adapter.checker().check(&self.call()).await
    }

    /// What a check found: code, and whether it is fatal.
    async fn found(&self) -> Vec<(String, bool)> {
        let findings = self.check().await.unwrap().findings;
        findings
            .into_iter()
            .map(|one| (one.code, one.fatal))
            .collect()
    }
}

fn users(ids: &[&str], next: Option<&str>) -> Value {
    let items: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "id": id, "active": true }))
        .collect();
    json!({ "items": items, "pagination": { "next_page_token": next } })
}

fn all(ids: &[&str], total: usize) -> Value {
    let data: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "id": id, "active": true }))
        .collect();
    json!({ "data": data, "pagination": { "total": total, "limit": total, "offset": 0 } })
}

fn refusal(status: u16, code: &str) -> Value {
    json!({ "status": status.to_string(), "code": code })
}

#[tokio::test]
async fn the_token_of_a_page_goes_alone_for_it_carries_the_query() {
    let apono = Apono::start().await;
    Mock::given(path(USERS))
        .and(query_param("limit", "2"))
        .and(query_param_is_missing("page_token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(users(&["a", "b"], Some("t/1 +"))))
        .mount(&apono.server)
        .await;
    Mock::given(path(USERS))
        .and(query_param("page_token", "t/1 +"))
        .and(query_param_is_missing("limit"))
        .respond_with(ResponseTemplate::new(200).set_body_json(users(&["c"], Some(""))))
        .mount(&apono.server)
        .await;
    let first = apono.page(None, 2).await.unwrap();
    assert_eq!((first.items.len(), first.total), (2, None));
    let second = apono.page(first.next.as_deref(), 1000).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));
}

#[tokio::test]
async fn no_page_is_larger_than_the_connection_is_set_to() {
    let apono = Apono::start().await;
    apono.answers(USERS, 200, users(&[], None)).await;
    apono.page(None, 5000).await.unwrap();
    let received = apono.server.received_requests().await.unwrap();
    assert_eq!(received[0].url.query(), Some("limit=100"));
}

#[tokio::test]
async fn the_legacy_list_is_one_page() {
    let apono = Apono::legacy().await;
    apono.answers(LEGACY, 200, all(&["a", "b"], 2)).await;
    let page = apono.page(None, 1).await.unwrap();
    assert_eq!(
        (page.items.len(), page.next, page.total),
        (2, None, Some(2))
    );
    assert_eq!(page.defects, Vec::<String>::new());
    let second = apono.page(Some("x"), 1).await.unwrap_err();
    assert_eq!(second.trouble, Trouble::Invalid);

    let cut = Apono::legacy().await;
    cut.answers(LEGACY, 200, all(&["a", "b"], 9)).await;
    let page = cut.page(None, 1).await.unwrap();
    assert_eq!((page.next, page.defects.len()), (None, 1));
}

#[tokio::test]
async fn a_user_is_gone_only_when_users_are_listed_at_the_same_place() {
    let gone = || refusal(404, "NotFound");
    let apono = Apono::start().await;
    apono.answers(&format!("{USERS}/usr-9"), 404, gone()).await;
    apono.answers(USERS, 200, users(&["a"], Some("more"))).await;
    assert_eq!(apono.find("usr-9").await.unwrap(), None);

    let moved = Apono::start().await;
    assert_eq!(
        moved.find("usr-9").await.unwrap_err().trouble,
        Trouble::NotFound
    );

    let closed = Apono::start().await;
    closed.answers(&format!("{USERS}/usr-9"), 404, gone()).await;
    closed.answers(USERS, 403, refusal(403, "Forbidden")).await;
    assert_eq!(
        closed.find("usr-9").await.unwrap_err().trouble,
        Trouble::AuthFailed
    );

    let page = Apono::start().await;
    page.answers(&format!("{USERS}/usr-9"), 404, json!("no route"))
        .await;
    page.answers(USERS, 200, json!({ "hello": "a captive portal" }))
        .await;
    assert_eq!(
        page.find("usr-9").await.unwrap_err().trouble,
        Trouble::Malformed
    );
}

#[tokio::test]
async fn in_the_legacy_api_a_user_that_is_listed_is_not_gone() {
    let apono = Apono::legacy().await;
    apono.answers(LEGACY, 200, all(&["usr-1"], 1)).await;
    apono
        .answers(&format!("{LEGACY}/usr-1"), 404, json!("not found"))
        .await;
    apono
        .answers(&format!("{LEGACY}/usr-9"), 404, json!("not found"))
        .await;
    assert_eq!(
        apono.find("usr-1").await.unwrap_err().trouble,
        Trouble::Malformed
    );
    assert_eq!(apono.find("usr-9").await.unwrap(), None);
}

#[tokio::test]
async fn another_user_than_the_one_asked_for_is_no_answer() {
    let apono = Apono::legacy().await;
    let body = json!({ "id": "usr-1", "email": "usr-2", "active": true });
    apono
        .answers(&format!("{LEGACY}/usr-2"), 200, body.clone())
        .await;
    apono.answers(&format!("{LEGACY}/usr-1"), 200, body).await;
    assert_eq!(
        apono.find("usr-2").await.unwrap_err().trouble,
        Trouble::Malformed
    );
    assert!(apono.find("usr-1").await.unwrap().is_some());
    let reader: &dyn ReadsAccounts = apono.adapter.account_reader().unwrap().as_ref();
    let key = ExternalKey::new(&["user", "usr-1"]);
    let error = reader.find_account(&apono.call(), &key).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Invalid);
}

#[tokio::test]
async fn no_error_repeats_a_token() {
    let apono = Apono::start().await;
    let echo = json!({ "status": "400", "code": "BadRequest", "message": "bad canary-account or aup_canary" });
    apono.answers(USERS, 400, echo).await;
    let error = apono.page(None, 10).await.unwrap_err();
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}
