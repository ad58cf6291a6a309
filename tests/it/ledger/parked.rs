//! Outcomes that no reading can tell: parked, and ended by a person.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUMOS, TestApp, eventually};

/// An operation whose outcome can't be told: the connector lets two accounts have one name, and a second one turned up in
/// the very moment in which the answer got lost.
async fn parked(app: &TestApp, who: &str) -> Value {
    app.faults(
        LUMOS,
        [
            LUMOS.on_create(Fault::DelayMs { value: 400 }),
            LUMOS.on_create(Fault::DropAfterApply),
        ],
    );
    let started = app
        .admin()
        .post("/v1/accounts", LUMOS.new_account(who))
        .respond_async()
        .await
        .expect(202);
    eventually("the sending", async || {
        let operation = app.operation(&started["id"]).await;
        operation["sent_at"].is_string().then_some(())
    })
    .await;
    let twin =
        json!({"email": format!("{who}@example.org"), "username": who, "department": "sales"});
    app.drift(
        LUMOS,
        json!([{"op": "add", "kind": "account", "value": twin}]),
    );
    app.wait_operation(&started["id"]).await
}

#[tokio::test]
async fn what_nobody_can_tell_is_parked_and_never_sent_again() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "duplicates", "allowed")
        .start()
        .await;
    let operation = parked(&app, "newcomer").await;
    assert_eq!(operation["status"], "outcome_unknown", "{operation:#}");
    assert_eq!(operation["error"]["code"], "outcome_unknown");
    assert_eq!(operation["error"]["retryable"], false);
    assert_eq!(app.effects(LUMOS).len(), 1);
    assert_eq!(
        app.trail(&operation["id"]).await,
        ["account.create requested", "account.create outcome_unknown"]
    );
    app.stop_with_parked().await;
}

#[tokio::test]
async fn a_parked_operation_is_ended_once_by_who_may() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "duplicates", "allowed")
        .start()
        .await;
    let operation = parked(&app, "newcomer").await;
    let path = format!("/v1/operations/{}/resolve", text(&operation["id"]));
    let good = json!({"outcome": "succeeded", "reason": "It is there, with the address that was asked for."});
    app.reader()
        .await
        .post(&path, good.clone())
        .await
        .problem(403, "forbidden");
    for (bad, pointer) in [
        (json!({"outcome": "succeeded"}), "/reason"),
        (json!({"outcome": "succeeded", "reason": "  "}), "/reason"),
        (json!({"outcome": "perhaps", "reason": "x"}), "/outcome"),
        (
            json!({"outcome": "failed", "reason": "x", "by": "me"}),
            "/by",
        ),
    ] {
        let answer = app.admin().post(&path, bad.clone()).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer], "{bad}");
    }
    let resolved = app.admin().post(&path, good.clone()).await.expect(200);
    assert_eq!(resolved["status"], "succeeded");
    assert_eq!(resolved["resolution"]["reason"], good["reason"]);
    app.admin().post(&path, good).await.problem(409, "conflict");
    let trail = app.trail(&operation["id"]).await;
    assert_eq!(
        trail.last().map(String::as_str),
        Some("operation.resolve succeeded"),
        "{trail:?}"
    );
    assert_eq!(app.effects(LUMOS).len(), 1, "nothing was sent for it");
    app.stop().await;
}

#[tokio::test]
async fn who_asks_again_with_the_key_learns_how_it_ended() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "duplicates", "allowed")
        .start()
        .await;
    app.faults(
        LUMOS,
        [
            LUMOS.on_create(Fault::DelayMs { value: 400 }),
            LUMOS.on_create(Fault::DropAfterApply),
        ],
    );
    let body = LUMOS.new_account("newcomer");
    let first = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .respond_async()
        .await
        .expect(202);
    eventually("the sending", async || {
        app.operation(&first["id"]).await["sent_at"]
            .is_string()
            .then_some(())
    })
    .await;
    let twin = json!({"email": "newcomer@example.org", "department": "sales"});
    app.drift(
        LUMOS,
        json!([{"op": "add", "kind": "account", "value": twin}]),
    );
    app.wait_operation(&first["id"]).await;
    let again = app
        .admin()
        .post("/v1/accounts", body.clone())
        .idempotent("key")
        .await;
    let problem = again.problem(502, "outcome_unknown");
    assert_eq!(problem["operation_id"], first["id"]);
    let path = format!("/v1/operations/{}/resolve", text(&first["id"]));
    let no = json!({"outcome": "failed", "reason": "It was the other one."});
    app.admin().post(&path, no).await.expect(200);
    let after = app
        .admin()
        .post("/v1/accounts", body)
        .idempotent("key")
        .await;
    assert!(
        !after.status.is_success(),
        "what a person called failed is no success: {after}"
    );
    assert_eq!(app.effects(LUMOS).len(), 1, "and nothing was sent again");
    app.stop().await;
}

#[tokio::test]
async fn only_parked_operations_can_be_ended_by_hand() {
    let app = TestApp::builder().vendor(LUMOS).start().await;
    app.create_account(LUMOS.new_account("newcomer")).await;
    let operation = app.operations().await.remove(0);
    let path = format!("/v1/operations/{}/resolve", text(&operation["id"]));
    let body = json!({"outcome": "failed", "reason": "I do not like it."});
    app.admin().post(&path, body).await.problem(409, "conflict");
    assert_eq!(app.operation(&operation["id"]).await["status"], "succeeded");
    app.stop().await;
}
