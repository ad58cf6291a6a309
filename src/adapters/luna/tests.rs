//! The adapter whole, through the real transport, against single answers.

mod any_answer;
mod reads;
mod writes;

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
    AdapterError, Call, MarkRefused, MemoryCell, Outcome, PageRequest, Pair, Sent, SideEffect,
    Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::Credentials;
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
            cell: MemoryCell::empty(),
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
            entitlements: Vec::new(),
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
