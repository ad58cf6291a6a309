//! What is refused before it becomes an operation, with the field at fault.

use serde_json::{Value, json};

use super::{ADA, BRUNO, account, entitlement, give, path, synced, wish};
use crate::support::app::text;
use crate::support::{DEVO, LUNA, TestApp};

async fn refusal(app: &TestApp, body: Value, status: u16, code: &str) -> Value {
    let answer = app.admin().post("/v1/grants", body).await;
    answer.problem(status, code)
}

#[tokio::test]
async fn both_things_are_there_and_of_one_connection() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    let account_id: String =
        sqlx::query_scalar("select id::text from accounts where email = $1 and vendor = 'devo'")
            .bind(BRUNO)
            .fetch_one(app.sql())
            .await
            .expect("an account");
    let role = entitlement(&app, "reviewer").await;
    let good = json!({"account_id": account_id, "entitlement_id": role});
    let nothing = json!(uuid::Uuid::now_v7());
    let other = entitlement(&app, "advanced_user").await;
    for (field, value, status, code) in [
        ("account_id", nothing.clone(), 404, "not_found"),
        ("entitlement_id", nothing, 404, "not_found"),
        ("entitlement_id", other, 400, "invalid_request"),
        ("reason", json!("  "), 400, "invalid_request"),
        ("reason", json!("x".repeat(1001)), 400, "invalid_request"),
        (
            "duration_seconds",
            json!(3600),
            422,
            "capability_not_supported",
        ),
        (
            "ends_at",
            json!("2030-01-01T00:00:00Z"),
            422,
            "capability_not_supported",
        ),
        ("until", json!("tomorrow"), 400, "invalid_request"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let problem = refusal(&app, body, status, code).await;
        assert_eq!(
            problem["errors"][0]["pointer"],
            format!("/{field}"),
            "{problem:#}"
        );
    }
    // A key sees no more than its connections.
    let foreign = app.only_for(&["luna"]).await;
    foreign
        .post("/v1/grants", good.clone())
        .await
        .problem(404, "not_found");
    let grant = app
        .admin()
        .post("/v1/grants", good.clone())
        .await
        .expect(201);
    foreign
        .delete(&path(&grant))
        .await
        .problem(404, "not_found");
    let reader = app.reader().await;
    reader
        .post("/v1/grants", good)
        .await
        .problem(403, "forbidden");
    reader.delete(&path(&grant)).await.problem(403, "forbidden");
    assert_eq!(app.operations().await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn what_is_gone_at_the_vendor_is_not_granted() {
    let app = synced(DEVO).await;
    let body = wish(&app, BRUNO, "reviewer").await;
    for table in ["accounts", "entitlements"] {
        let mark = format!("update {table} set status = 'deleted' where id::text = any($1)");
        let ids = [text(&body["account_id"]), text(&body["entitlement_id"])];
        let mark = sqlx::query(sqlx::AssertSqlSafe(mark)).bind(ids);
        mark.execute(app.sql()).await.expect("marked");
        let problem = refusal(&app, body.clone(), 409, "conflict").await;
        let field = if table == "accounts" {
            "/account_id"
        } else {
            "/entitlement_id"
        };
        assert_eq!(problem["errors"][0]["pointer"], field);
        let live = format!("update {table} set status = 'active'");
        let live = sqlx::query(sqlx::AssertSqlSafe(live));
        live.execute(app.sql()).await.expect("live again");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_the_vendor_can_not_give_says_so() {
    for (vendor, email, word) in [(LUNA, ADA, "face:view"), (DEVO, BRUNO, "NO_PRIVILEGES")] {
        let app = synced(vendor).await;
        let body = wish(&app, email, word).await;
        let problem = refusal(&app, body, 422, "capability_not_supported").await;
        assert_eq!(
            problem["errors"][0]["pointer"], "/entitlement_id",
            "{problem:#}"
        );
        assert!(
            problem["capabilities"]
                .to_string()
                .contains("grants.create"),
            "{problem:#}"
        );
        assert!(app.operations().await.is_empty());
        app.stop().await;
    }
}

#[tokio::test]
async fn an_account_that_is_gone_takes_its_row_along() {
    let app = synced(DEVO).await;
    let grant = give(&app, BRUNO, "reviewer").await;
    let id = account(&app, BRUNO).await;
    app.drift(
        DEVO,
        json!([{"op": "remove", "kind": "account", "id": BRUNO, "value": null}]),
    );
    let body = wish(&app, BRUNO, "Security Analyst").await;
    let problem = refusal(&app, body, 409, "conflict").await;
    assert!(
        problem["detail"].to_string().contains("account"),
        "{problem:#}"
    );
    assert_eq!(app.account(&id).await["status"], "deleted");
    let left: i64 = sqlx::query_scalar(
        "select count(*) from grants where account_id::text = $1 and status <> 'deleted'",
    )
    .bind(text(&id))
    .fetch_one(app.sql())
    .await
    .expect("a count");
    assert_eq!(left, 0);
    // Taking away what it held is done already.
    app.admin().delete(&path(&grant)).await.expect(204);
    app.stop().await;
}
