//! One act at a time on one account, in the order of asking; different accounts do not wait for each other.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn two_changes_of_one_account_run_one_after_the_other() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        let [first, second] = vendor.changes();
        app.faults(
            vendor,
            [vendor.on_update(Fault::DelayMs { value: 300 }).times(2)],
        );
        let first = app
            .admin()
            .patch(&path, first)
            .respond_async()
            .await
            .expect(202);
        let second = app
            .admin()
            .patch(&path, second.clone())
            .respond_async()
            .await
            .expect(202);
        let first = app.wait_operation(&first["id"]).await;
        let second = app.wait_operation(&second["id"]).await;
        assert_eq!(
            (&first["status"], &second["status"]),
            (&json!("succeeded"), &json!("succeeded"))
        );
        assert!(
            text(&second["sent_at"]) >= text(&first["finished_at"]),
            "the second was sent before the first had ended: {first:#} {second:#}"
        );
        let (field, value) = vendor.changes()[1]
            .as_object()
            .and_then(|change| {
                change
                    .iter()
                    .next()
                    .map(|(field, value)| (field.clone(), value.clone()))
            })
            .expect("a field");
        assert_eq!(app.get(&path).await[&field], value, "the last asked wins");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_queue_of_changes_runs_in_the_order_of_asking() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    app.faults(
        LUNA,
        [LUNA.on_update(Fault::DelayMs { value: 150 }).times(0)],
    );
    let names: Vec<String> = (1..=6).map(|number| format!("Name {number}")).collect();
    let mut asked = Vec::new();
    for name in &names {
        let change = json!({"display_name": name});
        let change = app.admin().patch(&path, change).respond_async();
        asked.push(change.await.expect(202)["id"].clone());
    }
    for id in &asked {
        assert_eq!(app.wait_operation(id).await["status"], "succeeded");
    }
    let written: Vec<String> = app
        .requests(LUNA)
        .iter()
        .filter(|request| request.method == "PATCH")
        .map(|request| request.body.clone())
        .collect();
    let in_order = written
        .iter()
        .zip(&names)
        .all(|(body, name)| body.contains(name));
    assert!(in_order && written.len() == names.len(), "{written:#?}");
    app.stop().await;
}

#[tokio::test]
async fn different_accounts_do_not_wait_for_each_other() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| {
            settings.services.attempt = Duration::from_secs(5);
            settings.transport.attempt_timeout = Duration::from_secs(5);
        })
        .start()
        .await;
    app.faults(
        LUNA,
        [LUNA.on_create(Fault::DelayMs { value: 1000 }).times(0)],
    );
    let mut operations = Vec::new();
    for number in 0..4 {
        let body = LUNA.new_account(&format!("newcomer{number}"));
        operations.push(
            app.admin()
                .post("/v1/accounts", body)
                .respond_async()
                .await
                .expect(202),
        );
    }
    for operation in operations {
        assert_eq!(
            app.wait_operation(&operation["id"]).await["status"],
            "succeeded"
        );
    }
    let arrivals: Vec<_> = app
        .requests(LUNA)
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.at)
        .collect();
    let spread = *arrivals.iter().max().expect("four") - *arrivals.iter().min().expect("four");
    assert!(
        spread < chrono::TimeDelta::milliseconds(900),
        "they were sent one by one: {arrivals:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_second_creation_of_the_same_login_waits_and_conflicts() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.faults(vendor, [vendor.on_create(Fault::DelayMs { value: 300 })]);
        let first = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .respond_async()
            .await
            .expect(202);
        let second = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        second.problem(409, "conflict");
        assert_eq!(
            app.wait_operation(&first["id"]).await["status"],
            "succeeded"
        );
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn operations_are_listed_and_narrowed() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let id = text(&account["id"]);
    app.admin()
        .delete(&format!("/v1/accounts/{id}"))
        .await
        .expect(204);
    app.admin()
        .post("/v1/accounts", LUNA.new_account("ada.lind"))
        .await
        .problem(409, "conflict");
    let count = async |query: &str| app.all(&format!("/v1/operations?{query}")).await.len();
    assert_eq!(count("limit=1").await, 3);
    assert_eq!(count("kind=account.create").await, 2);
    assert_eq!(count("status=failed").await, 1);
    assert_eq!(count("status=succeeded&kind=account.delete").await, 1);
    assert_eq!(count(&format!("account_id={id}")).await, 2);
    assert_eq!(count("connection_id=luna").await, 3);
    assert_eq!(count("created_before=2001-01-01T00:00:00Z").await, 0);
    let newest = app.get("/v1/operations?limit=1").await;
    assert_eq!(newest["items"][0]["status"], "failed", "newest first");
    // Its starter may read an operation without the scope, others may not.
    let starter = app.client(&["accounts:write"]).await;
    let made = starter
        .post("/v1/accounts", LUNA.new_account("other"))
        .respond_async()
        .await
        .expect(202);
    let path = format!("/v1/operations/{}", text(&made["id"]));
    starter.get(&path).await.expect(200);
    app.client(&["accounts:write"])
        .await
        .get(&path)
        .await
        .problem(403, "forbidden");
    assert_ne!(app.wait_operation(&made["id"]).await["status"], Value::Null);
    app.stop().await;
}
