//! `Idempotency-Key`: the same request, sent again.

use std::time::Duration;

use futures_util::future::join_all;
use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn the_same_request_fifty_times_at_once_is_done_once() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let asks = (0..50).map(|_| {
            app.admin()
                .post("/v1/accounts", vendor.new_account("newcomer"))
                .idempotent("one-and-only")
                .into_future()
        });
        let answers = join_all(asks).await;
        let first = answers[0].expect(201);
        for answer in &answers {
            assert_eq!(answer.expect(201), first);
            assert_eq!(answer.header("location"), answers[0].header("location"));
        }
        app.the_effect(vendor);
        assert_eq!(app.operations().await.len(), 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.admin()
        .post("/v1/accounts", LUNA.new_account("one"))
        .idempotent("key")
        .await
        .expect(201);
    let other = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("other"))
        .idempotent("key")
        .await;
    other.problem(422, "idempotency_key_reused");
    app.the_effect(LUNA);
    // Order and blanks of the same JSON are no other body.
    let mut body = LUNA.new_account("one");
    let fields = body.as_object_mut().expect("an object");
    let reversed: Vec<String> = fields
        .iter()
        .rev()
        .map(|(name, value)| format!("  \"{name}\" : {value}"))
        .collect();
    let spaced = format!("{{ {} }}", reversed.join(" , "));
    let again = app
        .admin()
        .ask("POST", "/v1/accounts")
        .header("content-type", "application/json")
        .body(spaced)
        .idempotent("key");
    again.await.expect(201);
    app.the_effect(LUNA);
    app.stop().await;
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_its_path() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let one = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("one"))
        .idempotent("key")
        .await
        .expect(201);
    let colleague = app.client(&["accounts:write", "accounts:read"]).await;
    colleague
        .post("/v1/accounts", LUNA.new_account("two"))
        .idempotent("key")
        .await
        .expect(201);
    let path = format!("/v1/accounts/{}", text(&one["id"]));
    let [change, _] = LUNA.changes();
    app.admin()
        .patch(&path, change)
        .idempotent("key")
        .await
        .expect(200);
    app.admin()
        .delete(&path)
        .idempotent("key")
        .await
        .expect(204);
    assert_eq!(app.effects(LUNA).len(), 4);
    app.stop().await;
}

#[tokio::test]
async fn a_repetition_answers_the_present_outcome() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let body = LUNA.new_account("newcomer");
    let created = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await
        .expect(201);
    let path = format!("/v1/accounts/{}", text(&created["id"]));
    app.admin().delete(&path).await.expect(204);
    let again = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await
        .expect(201);
    assert_eq!(
        (&again["id"], &again["status"]),
        (&created["id"], &json!("deleted"))
    );
    assert_eq!(app.effects(LUNA).len(), 2, "not created anew");
    // A failure that is final stays what it was.
    let taken = LUNA.new_account("ada.lind");
    let first = app
        .admin()
        .post("/v1/accounts", taken.clone())
        .idempotent("taken")
        .await
        .problem(409, "conflict");
    let second = app
        .admin()
        .post("/v1/accounts", taken)
        .idempotent("taken")
        .await
        .problem(409, "conflict");
    assert_eq!(first["operation_id"], second["operation_id"]);
    app.stop().await;
}

#[tokio::test]
async fn a_failure_that_may_pass_frees_the_key() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.faults(DEVO, [DEVO.on_create(Fault::DropBeforeApply)]);
    let body = DEVO.new_account("newcomer");
    let failed = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await;
    let problem = failed.problem(503, "upstream_unavailable");
    assert_eq!(problem["retryable"], true);
    let again = app
        .admin()
        .post("/v1/accounts", body)
        .idempotent("key")
        .await;
    again.expect(201);
    app.the_effect(DEVO);
    let statuses: Vec<Value> = app
        .operations()
        .await
        .iter()
        .map(|operation| operation["status"].clone())
        .collect();
    assert_eq!(statuses, ["failed", "succeeded"]);
    app.stop().await;
}

#[tokio::test]
async fn a_refusal_before_anything_was_recorded_may_be_repeated() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let bad = json!({"connection_id": "luna", "email": "a@b.org", "password": "x"});
    app.admin()
        .post("/v1/accounts", bad)
        .idempotent("key")
        .await
        .problem(400, "invalid_request");
    app.admin()
        .post("/v1/accounts", LUNA.new_account("good"))
        .idempotent("key")
        .await
        .expect(201);
    app.stop().await;
}

#[tokio::test]
async fn an_equal_request_that_waited_in_vain_is_told_so() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| {
            settings.services.answer_wait = Duration::from_millis(200);
            settings.services.attempt = Duration::from_secs(3);
            settings.transport.attempt_timeout = Duration::from_secs(3);
        })
        .start()
        .await;
    app.faults(LUNA, [LUNA.on_create(Fault::DelayMs { value: 1500 })]);
    let body = LUNA.new_account("newcomer");
    let first = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await;
    let operation = first.expect(202);
    assert_eq!(
        first.header("location"),
        format!("/v1/operations/{}", text(&operation["id"]))
    );
    let second = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await;
    let problem = second.problem(409, "idempotency_in_progress");
    assert!(second.headers.contains_key("retry-after"), "{second}");
    assert_eq!(problem["retryable"], true);
    assert_eq!(problem["operation_id"], operation["id"]);
    let done = app.wait_operation(&operation["id"]).await;
    assert_eq!(done["status"], "succeeded");
    let third = app
        .admin()
        .post("/v1/accounts", body)
        .idempotent("key")
        .await
        .expect(201);
    assert_eq!(third["id"], done["account_id"]);
    app.the_effect(LUNA);
    app.stop().await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    for key in ["a b", &"x".repeat(256), "schlüssel"] {
        let answer = app
            .admin()
            .post("/v1/accounts", LUNA.new_account("x"))
            .idempotent(key)
            .await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["Idempotency-Key"], "{key}");
    }
    app.stop().await;
}

#[tokio::test]
async fn connections_are_made_once_for_a_key_too() {
    let app = TestApp::builder().start().await;
    let body = json!({
        "name": "one", "vendor": "luna", "settings": {"base_url": "https://luna.example"}, "credentials": {"kind": "none"},
    });
    let asks = (0..20).map(|_| {
        app.admin()
            .post("/v1/connections", body.clone())
            .idempotent("key")
            .into_future()
    });
    let answers = join_all(asks).await;
    let first = answers[0].expect(201);
    for answer in &answers {
        assert_eq!(answer.expect(201)["id"], first["id"]);
    }
    let mut other = body.clone();
    other["name"] = json!("two");
    let other = app
        .admin()
        .post("/v1/connections", other)
        .idempotent("key")
        .await;
    other.problem(422, "idempotency_key_reused");
    app.admin()
        .post("/v1/connections", body)
        .await
        .problem(409, "conflict");
    assert_eq!(
        app.get("/v1/connections").await["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    app.stop().await;
}
