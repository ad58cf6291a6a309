//! What a write may have changed is read again, one by one or by a sync.

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Map, Value, json};

use super::{account_at_luna, luna, raw_account, upstream};
use crate::support::app::text;
use crate::support::{LUNA, eventually};

#[tokio::test]
async fn an_account_that_a_write_names_is_read_again() {
    let app = luna().await;
    let (id, account) = account_at_luna(&app, "ann").await;
    let path = upstream(LUNA, &format!("1/accounts/{id}"));
    let changed = app
        .admin()
        .patch(&path, json!({"description": "As raw as it gets"}))
        .await;
    assert!(changed.status.is_success(), "{changed}");
    eventually("our copy is as the vendor has it", async || {
        let copy = app.account(&account["id"]).await;
        (copy["display_name"] == "As raw as it gets").then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn a_write_that_makes_something_is_followed_by_a_sync() {
    let app = luna().await;
    app.synced(LUNA).await;
    let made = app.admin().post(
        &upstream(LUNA, "1/accounts"),
        raw_account("raw@example.org"),
    );
    assert_eq!(made.await.status.as_u16(), 201);
    // The type of an account is an entitlement of ours, and the account is none yet.
    let account = eventually("the new account is known", async || {
        let page = app
            .get("/v1/accounts?connection_id=luna&email=raw@example.org")
            .await;
        page["items"].get(0).cloned()
    })
    .await;
    assert_eq!(account["source"], "sync");
    let trail = app.get("/v1/audit-events?action=connection.sync").await;
    let operation = app.operations().await.remove(0);
    assert_eq!(
        trail["items"][0]["operation_id"], operation["id"],
        "{trail:#}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_write_that_names_more_than_is_read_one_by_one_is_followed_by_a_sync() {
    let app = luna().await;
    app.synced(LUNA).await;
    let ids: Vec<String> = app
        .accounts(LUNA, "")
        .await
        .iter()
        .map(|account| text(&account["external_id"]).to_owned())
        .collect();
    assert!(ids.len() > 20, "{}", ids.len());
    let named: Map<_, _> = ids.iter().map(|id| (id.clone(), json!(id))).collect();
    let refused = Rule::new(Fault::Status {
        code: 200,
        headers: Default::default(),
        body: Some(json!({})),
        apply: false,
    });
    app.faults(LUNA, [refused]);
    let path = upstream(LUNA, &format!("1/accounts/{}", ids[0]));
    let changed = app.admin().patch(&path, json!({"named": named})).await;
    assert!(changed.status.is_success(), "{changed}");
    eventually("a sync was asked for, and ended", async || {
        let runs = app.get("/v1/connections/luna/syncs").await;
        let complete = |run: &Value| run["status"] == "complete";
        let runs = runs["items"].as_array()?;
        (runs.len() == 2 && runs.iter().all(complete)).then_some(())
    })
    .await;
    app.stop().await;
}
