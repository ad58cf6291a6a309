//! For the machines that run the service.

use crate::support::app::text;
use crate::support::{LUNA, TestApp, eventually};

#[tokio::test]
async fn health_tells_the_truth() {
    let app = TestApp::builder().start().await;
    let stranger = app.stranger();
    stranger.get("/livez").await.expect(200);
    eventually("readiness", async || {
        (stranger.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    app.database().stop().await;
    let problem = stranger
        .get("/readyz")
        .await
        .problem(503, "service_unavailable");
    assert_eq!(problem["retryable"], true);
    app.admin()
        .get("/v1/accounts")
        .await
        .problem(503, "service_unavailable");
    stranger.get("/livez").await.expect(200);
    app.database().resume().await;
    eventually("readiness after the database came back", async || {
        (stranger.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    app.admin().get("/v1/accounts").await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn a_database_of_another_build_is_not_ready() {
    let app = TestApp::builder().start().await;
    sqlx::query(
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .execute(app.sql())
    .await
    .expect("a migration less");
    let problem = app
        .stranger()
        .get("/readyz")
        .await
        .problem(503, "service_unavailable");
    assert!(text(&problem["detail"]).contains("migrate"), "{problem:#}");
    app.stop().await;
}

#[tokio::test]
async fn metrics_count_by_route_and_never_by_id() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    app.account(&account["id"]).await;
    app.admin()
        .get("/v1/accounts/019fffff-ffff-7fff-bfff-ffffffffffff")
        .await;
    let answer = app.stranger().get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert!(
        answer.text.contains("route=\"/v1/accounts/{id}\""),
        "{}",
        answer.text
    );
    for id in [text(&account["id"]), "newcomer", "019fffff"] {
        assert!(!answer.text.contains(id), "{id} is a label");
    }
    for name in [
        "iam_gateway_operations_total",
        "http_requests_total",
        "upstream_requests_total",
    ] {
        assert!(answer.text.contains(name), "{name} is missing");
    }
    app.stop().await;
}
