//! What changes something: recorded, audited, sent once, and kept for repetitions.

use serde_json::json;

use super::{account_at_luna, got, luna, raw_account, upstream};
use crate::support::LUNA;
use crate::support::app::text;

#[tokio::test]
async fn a_write_goes_through_the_ledger_with_the_hash_of_its_body() {
    let app = luna().await;
    let body = raw_account("raw@example.org");
    let answer = app
        .admin()
        .post(&upstream(LUNA, "1/accounts"), body.clone())
        .await;
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
    let (key, tag) = text(&told["body_hmac"]).split_once(':').expect("a key");
    assert!(!key.is_empty() && tag.len() == 64, "{told:#}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.to_string().as_bytes());
    assert_ne!(tag, hex::encode(digest), "it is keyed");
    assert!(!operation.to_string().contains("first-secret-of-raw"));
    let trail = app.get("/v1/audit-events?action=upstream.write").await;
    let outcomes: Vec<_> = trail["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|event| &event["outcome"])
        .collect();
    assert_eq!(outcomes, ["succeeded", "requested"], "{trail:#}");
    assert_eq!(trail["items"][0]["detail"]["body_hmac"], told["body_hmac"]);
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
