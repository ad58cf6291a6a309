//! What changes something: recorded, audited, sent once, kept for repetitions, and read again.

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{account_at_luna, got, luna, raw_account, upstream};
use crate::support::app::text;
use crate::support::{LUNA, eventually};

#[tokio::test]
async fn a_write_goes_through_the_ledger_with_the_hash_of_its_body() {
    let app = luna().await;
    let body = raw_account("raw@example.org");
    let answer = app.admin().post(&upstream(LUNA, "1/accounts"), body).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer}");
    assert_eq!(answer.header("x-upstream-operation"), "create_account");
    let operations = app.operations().await;
    let [operation] = operations.as_slice() else {
        panic!("one operation, not {operations:#?}")
    };
    assert_eq!(operation["kind"], "upstream.write");
    assert_eq!(operation["status"], "succeeded");
    let told = &operation["payload"]["upstream"];
    assert_eq!(told["operation"], "create_account");
    assert_eq!(text(&told["body_sha256"]).len(), 64);
    assert!(!operation.to_string().contains("first-secret-of-raw"));
    let trail = app.get("/v1/audit-events?action=upstream.write").await;
    let outcomes: Vec<_> = trail["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|event| &event["outcome"])
        .collect();
    assert_eq!(outcomes, ["succeeded", "requested"], "{trail:#}");
    assert_eq!(
        trail["items"][0]["detail"]["body_sha256"],
        told["body_sha256"]
    );
    app.stop().await;
}

#[tokio::test]
async fn a_repetition_gets_the_kept_answer_and_sends_nothing() {
    let app = luna().await;
    let make = |login: &str| {
        let asked = app
            .admin()
            .post(&upstream(LUNA, "1/accounts"), raw_account(login));
        asked.idempotent("raw-1")
    };
    let first = make("raw@example.org").await;
    let again = make("raw@example.org").await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(got(&app, "POST", "/1/accounts"), 1);
    make("other@example.org")
        .await
        .problem(422, "idempotency_key_reused");
    app.stop().await;
}

#[tokio::test]
async fn a_plan_of_a_write_shows_it_and_records_nothing() {
    let app = luna().await;
    let path = upstream(LUNA, "1/accounts?mode=plan");
    let plan = app
        .admin()
        .post(&path, raw_account("raw@example.org"))
        .await
        .expect(200);
    assert_eq!(plan["kind"], "upstream.write");
    assert_eq!(plan["request"]["body"]["login"], "raw@example.org");
    assert_eq!(plan["request"]["body"]["password"], "[redacted]");
    assert!(app.effects(LUNA).is_empty() && app.operations().await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn what_is_as_good_twice_is_repeated_and_what_is_not_waits_for_a_person() {
    let app = luna().await;
    let (id, _) = account_at_luna(&app, "ann").await;
    app.faults(LUNA, [LUNA.on_update(Fault::DropAfterApply)]);
    let path = upstream(LUNA, &format!("1/accounts/{id}"));
    let changed = app
        .admin()
        .patch(&path, json!({"description": "Raw"}))
        .await;
    assert!(changed.status.is_success(), "{changed}");
    assert_eq!(got(&app, "PATCH", &format!("/1/accounts/{id}")), 2);

    app.faults(LUNA, [LUNA.on_create(Fault::DropAfterApply)]);
    let made = app.admin().post(
        &upstream(LUNA, "1/accounts"),
        raw_account("raw@example.org"),
    );
    made.await.problem(502, "outcome_unknown");
    assert_eq!(
        got(&app, "POST", "/1/accounts"),
        2,
        "once by us, once as it is"
    );
    app.stop_with_parked().await;
}

#[tokio::test]
async fn what_was_never_sent_is_sent() {
    let app = luna().await;
    app.faults(LUNA, [LUNA.on_create(Fault::DropBeforeApply)]);
    let made = app.admin().post(
        &upstream(LUNA, "1/accounts"),
        raw_account("raw@example.org"),
    );
    made.await.problem(502, "outcome_unknown");
    assert!(app.effects(LUNA).is_empty());
    app.stop_with_parked().await;
}

#[tokio::test]
async fn an_account_that_a_write_names_is_read_again() {
    let app = luna().await;
    let (id, account) = account_at_luna(&app, "ann").await;
    let path = upstream(LUNA, &format!("1/accounts/{id}"));
    let changed = app
        .admin()
        .patch(&path, json!({"description": "As raw as it gets"}))
        .await;
    assert!(changed.status.is_success(), "{changed}");
    eventually("our copy is as the vendor has it", async || {
        let copy = app.account(&account["id"]).await;
        (copy["display_name"] == "As raw as it gets").then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn a_secret_answer_is_handed_over_once() {
    let app = luna().await;
    let (id, _) = account_at_luna(&app, "ann").await;
    let make = || {
        let path = upstream(LUNA, &format!("1/tokens?Luna-Account-Id={id}"));
        app.admin()
            .post(
                &path,
                json!({"permissions": {}, "description": "raw", "expiration_time": null}),
            )
            .idempotent("token-1")
    };
    let first = make().await;
    if first.status.is_success() {
        let problem = make().await.problem(409, "conflict");
        assert!(
            text(&problem["detail"]).contains("handed over once"),
            "{problem:#}"
        );
        let kept: i64 = sqlx::query_scalar("select count(*) from upstream_answers")
            .fetch_one(app.sql())
            .await
            .expect("a count");
        assert_eq!(kept, 0);
    } else {
        panic!("no token was made: {first}");
    }
    app.stop().await;
}
