//! The users of a Lightelligence tenant, and the invites that become users.

mod acceptance;
mod grants;
mod invites;
mod owners;
mod roles;
mod through;

use iam_gateway::simulators::{Fault, Received, Rule};
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LIGHTELLIGENCE, TestApp, eventually};

async fn app() -> TestApp {
    TestApp::builder().vendor(LIGHTELLIGENCE).start().await
}

/// The person with an invite answers it.
fn answer(app: &TestApp, invite: &Value, status: &str) {
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "change", "kind": "invite", "id": text(invite), "value": {"status": status}}]),
    );
}

async fn invite(app: &TestApp, who: &str) -> Value {
    app.create_account(LIGHTELLIGENCE.new_account(who)).await
}

/// The rows with this address, deleted ones and all.
async fn rows(app: &TestApp, email: &str) -> Vec<Value> {
    let mut rows = app
        .accounts(LIGHTELLIGENCE, &format!("&email={email}"))
        .await;
    rows.extend(
        app.accounts(LIGHTELLIGENCE, &format!("&email={email}&status=deleted"))
            .await,
    );
    rows
}

async fn user(app: &TestApp, email: &str) -> Value {
    rows(app, email)
        .await
        .pop()
        .expect("a user with this address")
}

fn on(method: &str, path: &str, fault: Fault) -> Rule {
    Rule::new(fault).method(method).path_contains(path)
}

fn sent(app: &TestApp, method: &str, path: &str) -> Vec<Received> {
    let mut all = app.requests(LIGHTELLIGENCE);
    all.retain(|request| request.method == method && request.path.ends_with(path));
    all
}

#[tokio::test]
async fn a_404_alone_proves_no_absence() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let before = app.accounts(LIGHTELLIGENCE, "").await;
    let ada = user(&app, "ada.lind@example.org").await;
    let path = format!("/v1/accounts/{}", text(&ada["id"]));
    let hidden = || Fault::Status {
        code: 404,
        headers: Default::default(),
        body: Some(
            json!({"errorMessage": "The resource does not exist", "errorCode": "RESOURCE_NOT_FOUND"}),
        ),
        apply: false,
    };
    app.faults(LIGHTELLIGENCE, [on("GET", "/users", hidden()).times(0)]);
    let run = app.sync(LIGHTELLIGENCE).await;
    assert_eq!(
        (&run["status"], &run["removed"]),
        (&json!("failed"), &json!(0)),
        "{run:#}"
    );
    let refused = app.admin().delete(&path).await;
    refused.problem(502, "upstream_auth_failed");
    app.simulator(LIGHTELLIGENCE).clear_faults();
    // The write itself is answered so, and the user is there: no success.
    app.faults(LIGHTELLIGENCE, [on("DELETE", "/users/", hidden())]);
    let refused = app.admin().delete(&path).await;
    assert!(!refused.status.is_success(), "{refused}");
    assert_eq!(app.accounts(LIGHTELLIGENCE, "").await, before);
    assert!(app.effects(LIGHTELLIGENCE).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_user_who_left_is_marked_gone_and_comes_back_as_the_same() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let ada = user(&app, "ada.lind@example.org").await;
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "remove", "kind": "account", "id": ada["external_id"]}]),
    );
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 1, "{run:#}");
    assert_eq!(app.account(&ada["id"]).await["status"], "deleted");
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "add", "kind": "account", "value": {"email": "ada.lind@example.org"}}]),
    );
    app.synced(LIGHTELLIGENCE).await;
    assert_eq!(app.account(&ada["id"]).await["status"], "active");
    app.stop().await;
}
