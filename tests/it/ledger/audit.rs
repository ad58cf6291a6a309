//! No audit, no act; and no secret outlives its operation.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn every_act_is_told_before_and_after() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let created = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .header("x-request-id", "request-of-the-test")
            .await
            .expect(201);
        app.admin()
            .delete(&format!("/v1/accounts/{}", text(&created["id"])))
            .await
            .expect(204);
        app.admin()
            .post("/v1/accounts", vendor.new_account("ada.lind"))
            .await
            .problem(409, "conflict");
        let operations = app.operations().await;
        let trails = [
            ["account.create requested", "account.create succeeded"],
            ["account.delete requested", "account.delete succeeded"],
            ["account.create requested", "account.create failed"],
        ];
        for (operation, trail) in operations.iter().zip(trails) {
            assert_eq!(app.trail(&operation["id"]).await, trail);
        }
        let events = app
            .all(&format!(
                "/v1/audit-events?operation_id={}",
                text(&operations[0]["id"])
            ))
            .await;
        for event in &events {
            assert_eq!(event["request_id"], "request-of-the-test");
            assert_eq!(event["connection_id"], app.connection_id(vendor));
            assert!(
                event["at"].is_string() && event["actor_name"] == "test",
                "{event:#}"
            );
        }
        assert_eq!(
            events[0]["noun_id"], created["id"],
            "the outcome names what it made"
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn what_can_not_be_audited_is_not_done() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    let sent = app.requests(LUNA).len();
    break_audit(&app, "true").await;
    let [change, _] = LUNA.changes();
    for ask in [
        app.admin().post("/v1/accounts", LUNA.new_account("second")),
        app.admin().patch(&path, change),
        app.admin().delete(&path),
        app.admin().post("/v1/connections/luna/sync", Value::Null),
        app.admin()
            .patch("/v1/connections/luna", json!({"sync_every_seconds": 600})),
        app.admin().post(
            "/v1/api-keys",
            json!({"name": "x", "scopes": ["accounts:read"]}),
        ),
    ] {
        ask.await.problem(503, "service_unavailable");
    }
    assert_eq!(app.requests(LUNA).len(), sent, "nothing was sent");
    assert_eq!(app.operations().await.len(), 1, "nothing was recorded");
    mend_audit(&app).await;
    assert_eq!(
        app.get("/v1/connections/luna").await["sync_every_seconds"],
        0
    );
    app.admin().delete(&path).await.expect(204);
    app.stop().await;
}

#[tokio::test]
async fn an_outcome_that_can_not_be_audited_yet_is_kept_until_it_can() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| settings.services.answer_wait = Duration::from_millis(600))
        .start()
        .await;
    break_audit(&app, "new.outcome <> 'requested'").await;
    let answer = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .await;
    let operation = answer.expect(202);
    app.the_effect(LUNA);
    assert_eq!(app.operation(&operation["id"]).await["status"], "running");
    mend_audit(&app).await;
    let done = app.wait_operation(&operation["id"]).await;
    assert_eq!(
        (&done["status"], &done["sends"]),
        (&json!("succeeded"), &json!(1))
    );
    app.the_effect(LUNA);
    app.stop().await;
}

#[tokio::test]
async fn the_trail_can_not_be_rewritten() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    for statement in [
        "update audit_events set actor_name = 'somebody else'",
        "delete from audit_events",
        "truncate audit_events",
    ] {
        let error = sqlx::query(statement)
            .execute(app.sql())
            .await
            .expect_err(statement);
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_trail_is_listed_newest_first_and_narrowed() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.create_account(LUNA.new_account("newcomer")).await;
    let all = app.all("/v1/audit-events?limit=2").await;
    let actions: Vec<&str> = all.iter().map(|event| text(&event["action"])).collect();
    assert_eq!(
        actions,
        [
            "account.create",
            "account.create",
            "connection.create",
            "api_key.create"
        ]
    );
    let count = async |query: &str| app.all(&format!("/v1/audit-events?{query}")).await.len();
    assert_eq!(count("action=account.create").await, 2);
    assert_eq!(count("outcome=requested").await, 1);
    assert_eq!(count("noun=connection").await, 1);
    assert_eq!(count("connection_id=luna").await, 3);
    assert_eq!(
        count(&format!("actor_id={}", text(&all[0]["actor_id"]))).await,
        3
    );
    assert_eq!(count("at_before=2001-01-01T00:00:00Z").await, 0);
    assert_eq!(count("at_after=2001-01-01T00:00:00Z").await, 4);
    app.stop().await;
}

#[tokio::test]
async fn the_secret_of_an_operation_ends_with_it() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.faults(LUNA, [LUNA.on_create(Fault::DelayMs { value: 300 })]);
    let body = LUNA.new_account("newcomer");
    let password = text(&body["password"]).to_owned();
    let running = app
        .admin()
        .post("/v1/accounts", body)
        .respond_async()
        .await
        .expect(202);
    let sealed: Option<Vec<u8>> = secret(&app, &running["id"]).await;
    let sealed = sealed.expect("sealed while it is needed");
    assert!(
        !sealed
            .windows(password.len())
            .any(|window| window == password.as_bytes())
    );
    assert!(
        !app.operation(&running["id"])
            .await
            .to_string()
            .contains(&password)
    );
    app.wait_operation(&running["id"]).await;
    assert_eq!(secret(&app, &running["id"]).await, None);
    // One that fails, too.
    app.admin()
        .post("/v1/accounts", LUNA.new_account("ada.lind"))
        .await
        .problem(409, "conflict");
    let failed = app.operations().await.remove(1);
    assert_eq!(secret(&app, &failed["id"]).await, None);
    app.stop().await;
}

async fn secret(app: &TestApp, id: &Value) -> Option<Vec<u8>> {
    let id: uuid::Uuid = text(id).parse().expect("a UUID");
    sqlx::query_scalar("select secret_ciphertext from operations where id = $1")
        .bind(id)
        .fetch_one(app.sql())
        .await
        .expect("the operation")
}

/// Makes the database refuse audit rows for which the condition holds.
async fn break_audit(app: &TestApp, condition: &'static str) {
    let statement = format!(
        "create function no_audit() returns trigger language plpgsql as $$
         begin if {condition} then raise exception 'no space left'; end if; return new; end $$;
         create trigger no_audit before insert on audit_events for each row execute function no_audit()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(app.sql())
        .await
        .expect("a trigger");
}

async fn mend_audit(app: &TestApp) {
    sqlx::raw_sql("drop trigger no_audit on audit_events; drop function no_audit()")
        .execute(app.sql())
        .await
        .expect("no trigger");
}
