//! The adapter whole, through the real transport, against single answers.

mod grants;
mod multitenant;
mod reads;
mod writes;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wiremock::matchers::{any, body_json, header_exists, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::adapters::contract::{
    Call, MarkRefused, MemoryCell, PageRequest, Sent, SideEffect, Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::Credentials;
use crate::domain::{AccountChange, AccountRecord, AccountStatus, Effect, NewAccount};

const USERS: &str = "/probio/user/domain/acme%40parent";
const ADA: &str = "/probio/user/email/ada%40example.test/domain/acme%40parent";
const GLOBAL_ADA: &str = "/probio/user/email/ada%40example.test";

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

struct Devo {
    server: MockServer,
    adapter: Adapter,
    marks: Arc<Marks>,
}

impl Devo {
    async fn start() -> Self {
        Self::start_with(json!({})).await
    }

    async fn start_with(more: Value) -> Self {
        let mut settings = json!({ "domain": "acme@parent" });
        let fields = settings.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        Self::over(settings).await
    }

    /// With no settings but these.
    async fn over(mut settings: Value) -> Self {
        let server = MockServer::start().await;
        settings["base_url"] = format!("{}/probio", server.uri()).into();
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        let secret = |value: &str| SecretString::from(value.to_owned());
        let adapter = build(Parts {
            connection_id: Uuid::now_v7(),
            settings,
            credentials: Credentials {
                kind: "hmac".to_owned(),
                fields: [
                    ("api_key".to_owned(), secret("KEY-0001")),
                    ("api_secret".to_owned(), secret("SECRET-0001")),
                ]
                .into(),
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
            .and(header_exists("x-logtrust-sign"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.server)
            .await;
    }

    fn call(&self) -> Call {
        let deadline = Instant::now() + Duration::from_secs(20);
        let secrets = Arc::new([]);
        Call::write(
            "a-request",
            deadline,
            Uuid::now_v7(),
            secrets,
            self.marks.clone(),
        )
    }

    async fn find(&self) -> Result<Option<AccountRecord>, super::super::contract::AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        let key = convert::key("acme@parent", "ada@example.test");
        reader.find_account(&self.call(), &key).await
    }

    fn marks(&self) -> Vec<Value> {
        self.marks.0.lock().unwrap().clone()
    }

    async fn requests(&self, verb: &str) -> usize {
        let received = self.server.received_requests().await.unwrap();
        received
            .iter()
            .filter(|one| one.method.as_str() == verb)
            .count()
    }
}

fn ada(status: &str) -> Value {
    json!({
        "email": "ada@example.test", "userName": "Ada", "role": "NO_PRIVILEGES",
        "domain": "acme@parent", "owner": false, "status": status
    })
}

fn error(message: &str) -> Value {
    json!({ "error": { "code": 100, "message": message } })
}

fn known() -> AccountRecord {
    convert::record(ada("active"), "acme@parent").unwrap()
}

pub(super) fn new_account() -> NewAccount {
    NewAccount {
        operation_id: Uuid::now_v7(),
        login: None,
        email: Some("Ada@example.test".to_owned()),
        display_name: Some("Ada".to_owned()),
        given_name: None,
        family_name: None,
        kind: None,
        password: None,
        attributes: serde_json::Map::new(),
        entitlements: Vec::new(),
    }
}
