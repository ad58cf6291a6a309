//! The adapter whole, through the real transport, against single answers.

mod access;
mod any_answer;
mod check;
mod forward;

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::adapters::contract::{
    AdapterError, Call, CheckReport, MemoryCell, Page, PageRequest, SideEffect, Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::Credentials;
use crate::domain::{AccountRecord, ExternalKey};

/// A listing by page number.
struct Pages(Vec<Value>);

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let number = |name: &str| {
            let mut query = request.url.query_pairs();
            let value = query.find(|(asked, _)| asked == name).unwrap().1;
            value.parse::<usize>().unwrap()
        };
        let (page, size) = (number("page"), number("size"));
        let items: Vec<&Value> = self.0.iter().skip((page - 1) * size).take(size).collect();
        ResponseTemplate::new(200).set_body_json(json!({
            "items": items, "total": self.0.len(), "page": page, "size": size,
            "pages": self.0.len().div_ceil(size)
        }))
    }
}

struct Lumos {
    server: MockServer,
    adapter: Adapter,
    mounted: AtomicU8,
}

impl Lumos {
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
            settings: json!({ "base_url": format!("{}/lumos/", server.uri()) }),
            credentials: Credentials {
                kind: "api_token".to_owned(),
                fields: [("token".to_owned(), SecretString::from("lsk_canary"))].into(),
            },
            cell: MemoryCell::empty(),
            transport: Transport::new(config).unwrap(),
        })
        .unwrap();
        Self {
            server,
            adapter,
            mounted: AtomicU8::new(0),
        }
    }

    /// With a tenant of so many users and accounts, all of whose areas are open.
    async fn of(users: usize, accounts: usize) -> Self {
        let lumos = Self::start().await;
        let users = (0..users).map(|n| json!({ "id": format!("u-{n}"), "status": "ACTIVE" }));
        let accounts = (0..accounts).map(|n| json!({ "id": format!("a-{n}"), "app_id": "x" }));
        lumos.serves("users", Pages(users.collect())).await;
        lumos.serves("accounts", Pages(accounts.collect())).await;
        lumos
            .answers("users/current", 200, json!({ "id": "u-0" }))
            .await;
        for area in ["apps", "groups", "appstore/access_requests"] {
            lumos.serves(area, Pages(Vec::new())).await;
        }
        let log = json!({ "items": [], "total": 0, "limit": 1, "offset": 0 });
        lumos.answers("activity_logs", 200, log).await;
        let events = json!({ "identity_events": [], "next_cursor": null, "total_count": 0 });
        lumos.answers("identity_events", 200, events).await;
        lumos
    }

    /// What is mounted later comes before what was mounted earlier.
    async fn serves(&self, area: &str, respond: impl Respond + 'static) {
        let number = self.mounted.fetch_add(1, Ordering::Relaxed);
        Mock::given(method("GET"))
            .and(path(format!("/lumos/{area}")))
            .and(header("authorization", "Bearer lsk_canary"))
            .and(header("accept", "application/json"))
            .respond_with(respond)
            .with_priority(u8::MAX - number)
            .mount(&self.server)
            .await;
    }

    async fn answers(&self, area: &str, status: u16, body: Value) {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        self.serves(area, answer).await;
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

    async fn find(&self, key: &[&str]) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        reader
            .find_account(&self.call(), &ExternalKey::new(key))
            .await
    }

    async fn check(&self) -> Result<CheckReport, AdapterError> {
        self.adapter.checker().check(&self.call()).await
    }
}

fn refusal(detail: &str) -> Value {
    json!({ "detail": detail })
}

#[tokio::test]
async fn users_and_accounts_are_one_listing_with_one_count() {
    let lumos = Lumos::of(5, 3).await;
    let mut cursor = None;
    let (mut seen, mut totals, mut pages) = (Vec::new(), Vec::new(), 0);
    loop {
        let page = lumos.page(cursor.as_deref(), 2).await.unwrap();
        assert_eq!(page.defects, Vec::<String>::new());
        seen.extend(page.items.into_iter().map(|record| record.external_id));
        totals.push(page.total);
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let all = ["u-0", "u-1", "u-2", "u-3", "u-4", "a-0", "a-1", "a-2"];
    assert_eq!((seen, pages), (all.map(str::to_owned).to_vec(), 5));
    assert!(totals.iter().all(|total| *total == Some(8)), "{totals:?}");
}

#[tokio::test]
async fn no_page_is_larger_than_lumos_allows() {
    let lumos = Lumos::of(1, 1).await;
    lumos.page(None, 5000).await.unwrap();
    let received = lumos.server.received_requests().await.unwrap();
    let asked: Vec<&str> = received.iter().filter_map(|one| one.url.query()).collect();
    assert_eq!(
        asked,
        ["page=1&size=1", "expand=custom_attributes&page=1&size=100"]
    );
}

#[tokio::test]
async fn a_listing_that_is_no_page_is_never_taken_for_an_empty_one() {
    for body in [json!({}), json!([]), json!({ "items": null, "total": 0 })] {
        let lumos = Lumos::start().await;
        lumos.answers("accounts", 200, body.clone()).await;
        let error = lumos.page(None, 10).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Malformed, "{body}");
    }
    let nonsense = Lumos::start().await.page(Some("users:0/0/0"), 10).await;
    assert_eq!(nonsense.unwrap_err().trouble, Trouble::Invalid);
}

#[tokio::test]
async fn a_user_is_gone_only_when_users_are_listed_at_the_same_place() {
    let lumos = Lumos::of(1, 0).await;
    lumos
        .answers("users/u-9", 404, refusal("User not found"))
        .await;
    assert_eq!(lumos.find(&["user", "u-9"]).await.unwrap(), None);

    let moved = Lumos::start().await;
    let error = moved.find(&["user", "u-9"]).await.unwrap_err();
    assert_eq!(
        error.trouble,
        Trouble::NotFound,
        "the listing is not there either"
    );

    let closed = Lumos::start().await;
    closed
        .answers("users/u-9", 404, refusal("User not found"))
        .await;
    closed.answers("users", 403, refusal("Not allowed")).await;
    let error = closed.find(&["user", "u-9"]).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn a_user_is_read_alone_and_an_account_is_not() {
    let lumos = Lumos::start().await;
    lumos
        .answers("users/u-1", 200, json!({ "id": "u-1", "status": "STAGED" }))
        .await;
    lumos
        .answers("users/u-2", 200, json!({ "id": "u-1" }))
        .await;
    let found = lumos.find(&["user", "u-1"]).await.unwrap().unwrap();
    assert_eq!(found.vendor_status.as_deref(), Some("STAGED"));
    let other = lumos.find(&["user", "u-2"]).await.unwrap_err();
    assert_eq!(other.trouble, Trouble::Malformed);
    let before = lumos.server.received_requests().await.unwrap().len();
    let account = lumos.find(&["account", "x", "a-1"]).await.unwrap_err();
    assert_eq!(account.trouble, Trouble::Unsupported);
    let after = lumos.server.received_requests().await.unwrap().len();
    assert_eq!(before, after, "nothing was asked");
}

/// An answer with the rate headers; the window ends in so many milliseconds.
fn counted(remaining: u32, ends_in_ms: u64) -> ResponseTemplate {
    let end = SystemTime::now() + Duration::from_millis(ends_in_ms);
    let end = end
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    ResponseTemplate::new(200)
        .set_body_json(json!({ "id": "u-1" }))
        .insert_header("x-ratelimit-limit", "10")
        .insert_header("x-ratelimit-remaining", remaining.to_string())
        .insert_header("x-ratelimit-reset", format!("{end:.3}"))
        .insert_header("retry-after", "30")
}

#[tokio::test]
async fn the_rate_headers_of_a_success_are_obeyed() {
    let lumos = Lumos::start().await;
    lumos.serves("users/u-1", counted(0, 400)).await;
    let started = Instant::now();
    lumos.find(&["user", "u-1"]).await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(300));
    lumos.find(&["user", "u-1"]).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(390));

    let lumos = Lumos::start().await;
    lumos.serves("users/u-1", counted(0, 60_000)).await;
    lumos.find(&["user", "u-1"]).await.unwrap();
    let error = lumos.find(&["user", "u-1"]).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::RateLimited, SideEffect::None)
    );
    let wait = error.retry_after.unwrap();
    assert!(
        wait > Duration::from_secs(50) && wait <= Duration::from_secs(61),
        "{wait:?}"
    );
}

#[tokio::test]
async fn a_retry_after_on_a_success_is_no_throttling() {
    let lumos = Lumos::start().await;
    lumos.serves("users/u-1", counted(9, 60_000)).await;
    let started = Instant::now();
    for _ in 0..3 {
        lumos.find(&["user", "u-1"]).await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_error_repeats_the_token() {
    let lumos = Lumos::start().await;
    lumos
        .answers("users/u-1", 400, refusal("bad token lsk_canary"))
        .await;
    let error = lumos.find(&["user", "u-1"]).await.unwrap_err();
    assert!(!format!("{error:?}").contains("lsk_canary"), "{error:?}");
}
