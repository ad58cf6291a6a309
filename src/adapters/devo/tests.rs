//! The adapter whole, through the real transport, against single answers.

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
    Call, Credentials, MarkRefused, PageRequest, Sent, SideEffect, Trouble,
};
use crate::adapters::transport::{Transport, TransportConfig};
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
        let server = MockServer::start().await;
        let mut settings = json!({
            "base_url": format!("{}/probio", server.uri()),
            "domain": "acme@parent"
        });
        let fields = settings.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
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

fn new_account() -> NewAccount {
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
    }
}

#[tokio::test]
async fn absence_needs_a_listing_that_works_and_lacks_the_user() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 404, error("User not found")).await;
    devo.answers("GET", USERS, 200, json!([])).await;
    assert_eq!(devo.find().await.unwrap(), None);
}

#[tokio::test]
async fn a_listing_that_shows_the_user_outweighs_not_found() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 400, error("User not found")).await;
    let mut listed = ada("active");
    listed["email"] = json!("Ada@Example.test");
    devo.answers("GET", USERS, 200, json!([listed])).await;
    let found = devo.find().await.unwrap().expect("it is listed");
    assert_eq!(found.external_id, "Ada@Example.test");
}

#[tokio::test]
async fn an_unknown_key_never_looks_like_absence() {
    for (status, body) in [
        (404, json!(null)),
        (404, error("Apikey not found")),
        (401, error("no")),
    ] {
        let devo = Devo::start().await;
        devo.answers("GET", ADA, status, body.clone()).await;
        devo.answers("GET", USERS, status, body.clone()).await;
        let error = devo.find().await.unwrap_err();
        assert_eq!(error.trouble, Trouble::AuthFailed, "{status} {body}");
        let checked = devo.adapter.checker().check(&devo.call()).await.unwrap();
        assert!(checked.findings.iter().any(|finding| finding.fatal));
    }
}

#[tokio::test]
async fn the_answer_about_another_user_is_malformed() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 200, json!({ "email": "bob@example.test" }))
        .await;
    assert_eq!(devo.find().await.unwrap_err().trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_listing_is_one_page() {
    let devo = Devo::start().await;
    devo.answers(
        "GET",
        USERS,
        200,
        json!([ada("pending"), { "userName": "?" }]),
    )
    .await;
    let lister = devo.adapter.account_lister().unwrap();
    let page = lister
        .list_accounts(&devo.call(), &PageRequest::default())
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.defects.len()), (1, 1));
    assert_eq!((page.next, page.total), (None, Some(2)));
    assert_eq!(page.items[0].status, AccountStatus::Pending);
}

#[tokio::test]
async fn a_creation_is_marked_and_sent_once() {
    let devo = Devo::start_with(json!({ "skip_validation": true })).await;
    devo.answers("GET", GLOBAL_ADA, 400, error("User not found"))
        .await;
    Mock::given(method("POST"))
        .and(path("/probio/user/internal"))
        .and(query_param("skipValidation", "true"))
        .and(body_json(json!({
            "domain": "acme@parent", "userName": "Ada", "email": "ada@example.test", "role": "NO_PRIVILEGES"
        })))
        .respond_with(ResponseTemplate::new(200).set_body_json(ada("pending")))
        .mount(&devo.server)
        .await;
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.status, AccountStatus::Pending);
    assert_eq!(devo.marks(), [json!({ "matches": [] })]);
    assert_eq!(devo.requests("POST").await, 1);
}

#[tokio::test]
async fn an_external_id_makes_an_external_user() {
    let devo = Devo::start_with(json!({ "skip_validation": true })).await;
    devo.answers("GET", GLOBAL_ADA, 400, error("User not found"))
        .await;
    devo.answers("POST", "/probio/user/external", 200, json!(null))
        .await;
    devo.answers("GET", ADA, 200, ada("active")).await;
    let mut new = new_account();
    new.attributes
        .insert("externalId".to_owned(), json!("idp-1"));
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new, &[])
        .await
        .unwrap();
    assert_eq!(made.value.status, AccountStatus::Active, "read back");
    let received = devo.server.received_requests().await.unwrap();
    let post = received
        .iter()
        .find(|one| one.method.as_str() == "POST")
        .unwrap();
    assert_eq!(post.url.query(), None);
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!(body["externalId"], "idp-1");
}

#[tokio::test]
async fn a_proven_creation_stays_one_when_nothing_can_be_read_after_it() {
    let devo = Devo::start().await;
    devo.answers("POST", "/probio/user/internal", 200, json!({}))
        .await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&devo.server)
        .await;
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.email.as_deref(), Some("ada@example.test"));
    assert_eq!(made.value.status, AccountStatus::Unknown);
}

#[tokio::test]
async fn a_name_that_devo_would_not_take_over_is_refused_before_anything_is_sent() {
    let devo = Devo::start().await;
    let there = json!({ "email": "ada@example.test", "userName": "Ada Lovelace", "id": "7" });
    devo.answers("GET", GLOBAL_ADA, 200, there).await;
    let creator = devo.adapter.account_creator().unwrap();
    let error = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap_err();
    assert_eq!(error.trouble, Trouble::Conflict);
    assert_eq!(error.pointer.as_deref(), Some("/display_name"));
    assert!(devo.marks().is_empty());
    assert_eq!(devo.requests("POST").await, 0);
}

#[tokio::test]
async fn refusals_of_a_creation_tell_what_to_do() {
    for (status, message, trouble, effect) in [
        (
            400,
            "User already exists",
            Trouble::Conflict,
            SideEffect::None,
        ),
        (
            400,
            "Role 'x' not found",
            Trouble::Rejected,
            SideEffect::None,
        ),
        (
            400,
            "Domain not found",
            Trouble::AuthFailed,
            SideEffect::None,
        ),
        (500, "oops", Trouble::Unavailable, SideEffect::Unknown),
    ] {
        let devo = Devo::start().await;
        devo.answers("POST", "/probio/user/internal", status, error(message))
            .await;
        let mut new = new_account();
        new.display_name = None;
        let creator = devo.adapter.account_creator().unwrap();
        let refusal = creator
            .create_account(&devo.call(), &new, &[])
            .await
            .unwrap_err();
        assert_eq!(
            (refusal.trouble, refusal.effect),
            (trouble, effect),
            "{message}"
        );
        assert_eq!(devo.requests("POST").await, 1, "a write is never repeated");
    }
}

#[tokio::test]
async fn a_change_sends_what_it_keeps_along() {
    let devo = Devo::start().await;
    let global =
        json!({ "email": "ada@example.test", "userName": "Ada", "phone": "+1234567", "id": 17 });
    devo.answers("GET", GLOBAL_ADA, 200, global).await;
    Mock::given(method("PUT"))
        .and(path("/probio/user/internal/17"))
        .and(body_json(
            json!({ "userName": "Ada L", "phone": "+1234567" }),
        ))
        .respond_with(ResponseTemplate::new(200))
        .mount(&devo.server)
        .await;
    let mut after = ada("active");
    after["userName"] = json!("Ada L");
    devo.answers("GET", ADA, 200, after).await;
    let change = AccountChange {
        display_name: Some(Some("Ada L".to_owned())),
        ..AccountChange::default()
    };
    let updater = devo.adapter.account_updater().unwrap();
    let changed = updater
        .update_account(&devo.call(), &known(), &change)
        .await
        .unwrap();
    assert_eq!(changed.effect, Effect::Updated);
    assert_eq!(changed.value.display_name.as_deref(), Some("Ada L"));
    assert!(updater.shows_update(&changed.value, &change));
    assert_eq!(
        devo.marks(),
        [json!({ "display_name": "Ada", "phone": "+1234567" })]
    );
}

#[tokio::test]
async fn a_state_counts_only_when_devo_shows_it() {
    let devo = Devo::start().await;
    devo.answers("POST", &format!("{ADA}/disable"), 200, json!(null))
        .await;
    devo.answers("GET", ADA, 200, ada("active")).await;
    let deactivator = devo.adapter.account_deactivator().unwrap();
    let doubt = deactivator
        .deactivate_account(&devo.call(), &known())
        .await
        .unwrap_err();
    assert_eq!(
        (doubt.trouble, doubt.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );

    let devo = Devo::start().await;
    devo.answers("POST", &format!("{ADA}/disable"), 200, ada("inactive"))
        .await;
    let deactivator = devo.adapter.account_deactivator().unwrap();
    let done = deactivator
        .deactivate_account(&devo.call(), &known())
        .await
        .unwrap();
    assert_eq!(done.effect, Effect::Updated);
    assert_eq!(done.value.unwrap().status, AccountStatus::Inactive);
    assert_eq!(devo.marks(), [json!({ "status": "active" })]);
}

#[tokio::test]
async fn what_is_so_already_is_a_success_that_did_nothing() {
    let refusal =
        json!({ "error": { "code": 116, "message": "Error disabling a non inactive user" } });
    for (shown, effect) in [("inactive", Some(Effect::Noop)), ("active", None)] {
        let devo = Devo::start().await;
        devo.answers("POST", &format!("{ADA}/disable"), 400, refusal.clone())
            .await;
        devo.answers("GET", ADA, 200, ada(shown)).await;
        let deactivator = devo.adapter.account_deactivator().unwrap();
        let outcome = deactivator.deactivate_account(&devo.call(), &known()).await;
        assert_eq!(
            outcome.ok().map(|outcome| outcome.effect),
            effect,
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_deletion_of_what_is_gone_is_believed_only_when_it_is_gone() {
    for (listed, effect) in [
        (json!([]), Some(Effect::Noop)),
        (json!([ada("active")]), None),
    ] {
        let devo = Devo::start().await;
        devo.answers("DELETE", ADA, 404, error("User not found"))
            .await;
        devo.answers("GET", ADA, 404, error("User not found")).await;
        devo.answers("GET", USERS, 200, listed.clone()).await;
        let deleter = devo.adapter.account_deleter().unwrap();
        let outcome = deleter.delete_account(&devo.call(), &known()).await;
        assert_eq!(
            outcome.ok().map(|outcome| outcome.effect),
            effect,
            "{listed}"
        );
    }
}

#[tokio::test]
async fn an_owner_is_not_deleted() {
    let devo = Devo::start().await;
    let refusal = json!({ "error": { "code": 112, "message": "Domain owner can not be deleted" } });
    devo.answers("DELETE", ADA, 400, refusal).await;
    let deleter = devo.adapter.account_deleter().unwrap();
    let error = deleter
        .delete_account(&devo.call(), &known())
        .await
        .unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Conflict, SideEffect::None)
    );
}
