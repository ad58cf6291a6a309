//! What is large: bodies that are not taken, answers that are handed on while they come, and what is too long to be kept.

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{account_at_luna, got, luna, raw_account, upstream};
use crate::support::LUNA;
use crate::support::app::text;

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_long_answer_is_handed_on_whole_while_it_comes() {
    let app = luna().await;
    let (id, _) = account_at_luna(&app, "ann").await;
    app.faults(LUNA, [LUNA.on_read(Fault::Oversized { mib: 20 })]);
    let path = upstream(LUNA, &format!("1/accounts/{id}"));
    let answer = app.admin().get(&path).await;
    assert_eq!(answer.status.as_u16(), 200);
    assert!(answer.text.len() >= 20 * MIB, "{}", answer.text.len());
    app.stop().await;
}

#[tokio::test]
async fn a_long_answer_to_a_write_is_handed_on_once_and_not_kept() {
    let app = luna().await;
    app.faults(LUNA, [LUNA.on_create(Fault::Oversized { mib: 1 })]);
    let make = || {
        let path = upstream(LUNA, "1/accounts");
        let asked = app.admin().post(&path, raw_account("raw@example.org"));
        asked.idempotent("long-1")
    };
    let first = make().await;
    assert_eq!(first.status.as_u16(), 200);
    assert!(first.text.len() >= MIB, "{}", first.text.len());
    let problem = make().await.problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("longer than 64 KiB"),
        "{problem:#}"
    );
    assert_eq!(got(&app, "POST", "/1/accounts"), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_before_anything_is_recorded() {
    let app = luna().await;
    let before = app.requests(LUNA).len();
    let long = app
        .admin()
        .ask("POST", &upstream(LUNA, "1/accounts"))
        .header("content-type", "application/json")
        .body(vec![b' '; 2 * MIB]);
    long.await.problem(413, "payload_too_large");
    assert!(app.operations().await.is_empty());
    assert_eq!(app.requests(LUNA).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_the_vendor_finds_too_long_is_refused_in_its_words() {
    let app = luna().await;
    let refusal = Fault::Status {
        code: 413,
        headers: Default::default(),
        body: Some(json!({"error_code": 12099, "desc": "Too large", "detail": "at most 1 KiB"})),
        apply: false,
    };
    app.faults(LUNA, [LUNA.on_create(refusal)]);
    let path = upstream(LUNA, "1/accounts");
    let made = app.admin().post(&path, raw_account("raw@example.org"));
    let problem = made.await.problem(422, "upstream_rejected");
    assert_eq!(problem["upstream"]["status"], 413, "{problem:#}");
    assert_eq!(app.operations().await[0]["status"], "failed");
    app.stop().await;
}
