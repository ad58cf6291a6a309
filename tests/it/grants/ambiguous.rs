//! A connector's listing names no types: what reads like another entitlement is shown, and proves nothing.

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{last_operation, path};
use crate::support::app::text;
use crate::support::{LUMOS, TestApp};

/// An account that is an admin of workspace 2, which reads like an admin of project 2, and the latter.
async fn alike(app: &TestApp) -> Value {
    let (account_id, entitlement_id): (Uuid, Uuid) = sqlx::query_as(
        "select g.account_id, g.entitlement_id from grants g join entitlements e on e.id = g.entitlement_id
         where g.ambiguous and e.external_key like '%project_role%' order by g.id limit 1",
    )
    .fetch_one(app.sql())
    .await
    .expect("somebody");
    json!({"account_id": account_id, "entitlement_id": entitlement_id})
}

async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(LUMOS).start().await;
    app.sync(LUMOS).await;
    app
}

#[tokio::test]
async fn what_reads_alike_is_given_all_the_same() {
    let app = synced().await;
    let wish = alike(&app).await;
    let grant = app.admin().post("/v1/grants", wish).await.expect(201);
    assert_eq!(last_operation(&app).await["effect"], "created");
    assert_eq!(
        (&grant["managed"], &grant["ambiguous"]),
        (&json!(true), &json!(false)),
        "the connector's own word tells"
    );
    // What reads alike stays for the other one's sake, and brings nothing back.
    app.admin().delete(&path(&grant)).await.expect(204);
    app.sync(LUMOS).await;
    assert_eq!(app.get(&path(&grant)).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn what_reads_alike_is_no_proof() {
    let app = synced().await;
    let wish = alike(&app).await;
    let lost = Rule::new(Fault::DropAfterApply).path_contains("assign_entitlement");
    app.faults(LUMOS, [lost.times(0)]);
    let answer = app.admin().post("/v1/grants", wish).await;
    answer.problem(502, "outcome_unknown");
    let operation = last_operation(&app).await;
    assert_eq!(
        operation["sends"], 3,
        "repeating is safe, and tells no more"
    );
    let grant = app
        .get(&format!("/v1/grants/{}", text(&operation["grant_id"])))
        .await;
    assert_eq!(
        (&grant["managed"], &grant["ambiguous"]),
        (&json!(false), &json!(true))
    );
    app.stop_with_parked().await;
}
