//! What only reads: handed on as it is, without a trace in our copies.

use serde_json::json;

use super::{account_at_luna, got, luna, upstream};
use crate::support::LUNA;

#[tokio::test]
async fn an_answer_is_the_vendors_own() {
    let app = luna().await;
    let (id, _) = account_at_luna(&app, "ann").await;
    let answer = app
        .admin()
        .get(&upstream(LUNA, &format!("1/accounts/{id}")))
        .header("Accept", "application/json;q=0.9")
        .header("X-Other", "ours")
        .await;
    let body = answer.expect(200);
    assert_eq!(body["account_id"], id, "{body:#}");
    assert_eq!(answer.header("x-upstream-operation"), "get_account");
    assert_eq!(answer.header("cache-control"), "no-store");
    let path = format!("/1/accounts/{id}");
    let sent = app.requests(LUNA);
    let sent = sent
        .iter()
        .rfind(|request| request.path == path)
        .expect("it was sent");
    assert_eq!(sent.headers["accept"], "application/json;q=0.9");
    assert!(!sent.headers.contains_key("x-other"));
    assert!(!format!("{sent:?}").contains("igw_"));
    app.stop().await;
}

#[tokio::test]
async fn the_query_passes_but_for_the_mode() {
    let app = luna().await;
    // Whether the vendor knows it is its own matter.
    let path = upstream(LUNA, "1/accounts?limit=2&mode=apply&x=%26%20y");
    app.admin()
        .get(&path)
        .await
        .problem(422, "upstream_rejected");
    let sent = app.requests(LUNA);
    let sent = sent
        .iter()
        .rfind(|request| request.path == "/1/accounts")
        .expect("it was sent");
    assert_eq!(sent.query, "limit=2&x=%26+y");
    app.stop().await;
}

#[tokio::test]
async fn a_plan_of_a_reading_shows_it_and_sends_nothing() {
    let app = luna().await;
    let before = app.requests(LUNA).len();
    let plan = app
        .admin()
        .get(&upstream(LUNA, "1/accounts/7?mode=plan"))
        .await
        .expect(200);
    assert_eq!(plan["kind"], "upstream.read");
    assert_eq!(plan["would"], "send");
    assert_eq!(plan["request"]["method"], "GET");
    assert!(
        plan["request"]["url"]
            .as_str()
            .expect("a URL")
            .ends_with("/1/accounts/7")
    );
    assert_eq!(app.requests(LUNA).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn an_error_of_the_vendors_is_a_problem() {
    let app = luna().await;
    let answer = app
        .admin()
        .get(&upstream(
            LUNA,
            "1/accounts/00000000-0000-0000-0000-000000000000",
        ))
        .await;
    let problem = answer.problem(404, "not_found");
    assert_eq!(problem["upstream"]["vendor"], "luna", "{problem:#}");
    app.stop().await;
}

#[tokio::test]
async fn what_reads_by_post_needs_no_leave_to_write() {
    let app = luna().await;
    let reader = app.client(&["upstream:read"]).await;
    let asked = reader.post(
        &upstream(LUNA, "1/verifier"),
        json!({"token": "no-token-at-all"}),
    );
    let answer = asked.await;
    assert_ne!(answer.status.as_u16(), 403, "{answer}");
    assert_eq!(got(&app, "POST", "/1/verifier"), 1);
    assert!(app.operations().await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_reading_that_can_show_a_secret_is_audited() {
    let app = luna().await;
    app.admin()
        .get(&upstream(LUNA, "1/tokens"))
        .await
        .expect(200);
    let trail = app.get("/v1/audit-events?action=upstream.read").await;
    let event = &trail["items"][0];
    assert_eq!(event["outcome"], "succeeded", "{trail:#}");
    assert_eq!(event["detail"]["operation"], "get_tokens");
    app.stop().await;
}
