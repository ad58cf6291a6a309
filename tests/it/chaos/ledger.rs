//! Suspicions against the ledger, one test each: the orders of events that a random attack seldom meets.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{DEVO, LUNA, TestApp};

fn unavailable() -> Fault {
    Fault::Status {
        code: 503,
        headers: Default::default(),
        body: None,
        apply: false,
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

/// The operation behind a 202.
fn operation(answer: &crate::support::Answer) -> Value {
    answer.expect(202);
    let place = answer.header("location");
    json!(place.rsplit('/').next().expect("an id"))
}

/// A deletion whose answer was lost may be repeated; a creation of the same account in between must not fall to that.
#[tokio::test]
async fn a_creation_waits_for_the_unclear_deletion_of_the_same_account() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    let account = app.create_account(DEVO.new_account("twice")).await;
    app.faults(
        DEVO,
        [
            DEVO.on_delete(Fault::DropAfterApply),
            // The reading before the deletion works, those after it do not.
            DEVO.on_read(unavailable()).after(1).times(0),
        ],
    );
    let path = format!("/v1/accounts/{}", id(&account));
    let deletion = operation(&app.admin().delete(&path).respond_async().await);
    while app.effects(DEVO).len() < 2 {
        sleep(Duration::from_millis(20)).await;
    }
    let creation = app.admin().post("/v1/accounts", DEVO.new_account("twice"));
    let creation = operation(&creation.respond_async().await);
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(app.operation(&deletion).await["status"], "running");
    assert_eq!(app.operation(&creation).await["status"], "pending");

    app.simulator(DEVO).clear_faults();
    assert_eq!(app.wait_operation(&deletion).await["status"], "succeeded");
    assert_eq!(app.wait_operation(&creation).await["status"], "succeeded");
    let made: Vec<bool> = app
        .effects(DEVO)
        .iter()
        .map(|effect| !effect.after.is_null())
        .collect();
    assert_eq!(made, [true, false, true]);
    // The row keeps its id and is alive again.
    assert_ne!(app.account(&account["id"]).await["status"], "deleted");
    app.stop().await;
}

/// No reading shows a password, so nobody can say that it was not changed.
#[tokio::test]
async fn a_change_that_no_reading_shows_is_parked() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("hidden")).await;
    app.faults(LUNA, [LUNA.on_update(Fault::DropAfterApply).times(0)]);
    let path = format!("/v1/accounts/{}", id(&account));
    let change = app
        .admin()
        .patch(&path, json!({"password": "another-secret-1"}));
    let change = operation(&change.respond_async().await);
    let ended = app.wait_operation(&change).await;
    assert_eq!(ended["status"], "outcome_unknown", "{ended:#}");
    let secrets: i64 =
        sqlx::query_scalar("select count(*) from operations where secret_ciphertext is not null")
            .fetch_one(app.sql())
            .await
            .expect("the ledger");
    assert_eq!(secrets, 0);

    // A change that readings do show is repeated, and proven in the end.
    app.simulator(LUNA).clear_faults();
    app.faults(LUNA, [LUNA.on_update(Fault::DropBeforeApply)]);
    let shown = app
        .admin()
        .patch(&path, LUNA.changes()[0].clone())
        .await
        .expect(200);
    assert_eq!(shown["display_name"], LUNA.changes()[0]["display_name"]);
    app.stop_with_parked().await;
}

/// A 503 says that nothing was done, unless it names the operation that goes on.
#[tokio::test]
async fn a_database_that_goes_away_during_the_wait_is_no_refusal() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| settings.services.answer_wait = Duration::from_secs(3))
        .start()
        .await;
    app.faults(
        LUNA,
        [LUNA.on_create(Fault::DelayMs { value: 300 }).times(0)],
    );
    let admin = app.admin().clone();
    let asked =
        tokio::spawn(async move { admin.post("/v1/accounts", LUNA.new_account("away")).await });
    while app.requests(LUNA).is_empty() {
        sleep(Duration::from_millis(10)).await;
    }
    app.database().stop().await;
    let answer = asked.await.expect("an answer");
    app.database().resume().await;
    let told = answer.problem(503, "service_unavailable");
    let ended = app.wait_operation(&told["operation_id"]).await;
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    assert_eq!(app.effects(LUNA).len(), 1);
    app.stop().await;
}

/// PostgreSQL keeps no U+0000; who sends one is told so.
#[tokio::test]
async fn a_text_that_can_not_be_kept_is_refused() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    let body =
        json!({"connection_id": "devo", "email": "nul@example.org", "display_name": "a\u{0}b"});
    app.admin()
        .post("/v1/accounts", body)
        .await
        .problem(400, "invalid_request");
    let body = json!({"connection_id": "devo", "email": "nul@example.org", "attributes": {"phone": "\u{0}"}});
    app.admin()
        .post("/v1/accounts", body)
        .await
        .problem(400, "invalid_request");
    app.admin()
        .get("/v1/accounts?login=%00")
        .await
        .problem(400, "invalid_request");
    assert_eq!(app.requests(DEVO).len(), 0);
    app.stop().await;
}
