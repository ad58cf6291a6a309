//! Acts on one account take turns; while one is under way the grant says so.

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{ADA, BRUNO, give, luna_type, on_write, path, status, synced, wish};
use crate::support::{DEVO, LUNA};

#[tokio::test]
async fn two_roles_for_one_user_at_one_moment_are_both_there() {
    let app = synced(DEVO).await;
    let one = wish(&app, BRUNO, "reviewer").await;
    let other = wish(&app, BRUNO, "Security Analyst").await;
    let (one, other) = tokio::join!(
        app.admin().post("/v1/grants", one).send(),
        app.admin().post("/v1/grants", other).send()
    );
    one.expect("an answer").expect(201);
    other.expect("an answer").expect(201);
    let effects = app.effects(DEVO);
    assert_eq!(effects.len(), 2);
    let roles = effects[1].after["role"].to_string();
    assert!(
        roles.contains("reviewer") && roles.contains("Security Analyst"),
        "one pushed the other away: {roles}"
    );
    app.stop().await;
}

#[tokio::test]
async fn what_is_asked_while_another_act_runs_comes_after_it() {
    let app = synced(LUNA).await;
    app.faults(LUNA, [on_write(LUNA, Fault::DelayMs { value: 300 })]);
    let body = wish(&app, ADA, "admin").await;
    let giving = app.admin().post("/v1/grants", body).respond_async();
    let giving = giving.await.expect(202);
    assert_eq!(
        status(&app, ADA, "admin").await.as_deref(),
        Some("granting")
    );
    let grant = json!({"id": giving["grant_id"]});
    let taking = app.admin().delete(&path(&grant)).respond_async();
    let taking = taking.await.expect(202);
    assert_eq!(
        status(&app, ADA, "admin").await.as_deref(),
        Some("revoking")
    );
    let giving = app.wait_operation(&giving["id"]).await;
    let taking = app.wait_operation(&taking["id"]).await;
    assert_eq!(
        (&giving["effect"], &taking["effect"]),
        (&json!("created"), &json!("deleted"))
    );
    assert_eq!(status(&app, ADA, "admin").await.as_deref(), Some("deleted"));
    assert_eq!(luna_type(&app, ADA), "user");
    app.stop().await;
}

#[tokio::test]
async fn a_change_of_the_account_and_a_grant_take_turns_where_they_change_one_thing() {
    let app = synced(LUNA).await;
    app.faults(LUNA, [on_write(LUNA, Fault::DelayMs { value: 300 })]);
    let body = wish(&app, ADA, "admin").await;
    let account = format!(
        "/v1/accounts/{}",
        body["account_id"].as_str().expect("an id")
    );
    let change = json!({"display_name": "Augusta"});
    let first = app.admin().patch(&account, change).respond_async();
    let first = first.await.expect(202);
    let second = app.admin().post("/v1/grants", body).respond_async();
    let second = second.await.expect(202);
    let first = app.wait_operation(&first["id"]).await;
    let second = app.wait_operation(&second["id"]).await;
    assert_eq!(
        (&first["status"], &second["status"]),
        (&json!("succeeded"), &json!("succeeded"))
    );
    assert!(
        second["sent_at"].as_str() >= first["finished_at"].as_str(),
        "{first:#} {second:#}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_grant_that_is_taken_away_is_held_until_that_is_proven() {
    let app = synced(DEVO).await;
    let grant = give(&app, BRUNO, "reviewer").await;
    app.faults(DEVO, [on_write(DEVO, Fault::DelayMs { value: 300 })]);
    let taking = app.admin().delete(&path(&grant)).respond_async();
    let taking = taking.await.expect(202);
    assert_eq!(
        status(&app, BRUNO, "reviewer").await.as_deref(),
        Some("revoking")
    );
    app.wait_operation(&taking["id"]).await;
    assert_eq!(
        status(&app, BRUNO, "reviewer").await.as_deref(),
        Some("deleted")
    );
    app.stop().await;
}
