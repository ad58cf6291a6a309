//! `kill -9` in the middle of giving and taking away: another start of the program ends it, once.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::ADA;
use crate::support::app::text;
use crate::support::{Client, Database, LUNA, Serve, Simulate, eventually, keys};

async fn id(database: &Database, query: &'static str, word: &str) -> Value {
    let id: String = sqlx::query_scalar(query)
        .bind(word)
        .fetch_one(database.sql())
        .await
        .expect("a row");
    json!(id)
}

async fn ended(admin: &Client, operation: &Value) -> Value {
    let path = format!("/v1/operations/{}", text(&operation["id"]));
    eventually("the end of the operation", async || {
        let operation = admin.get(&path).await.expect(200);
        let open = matches!(operation["status"].as_str(), Some("pending" | "running"));
        (!open).then_some(operation)
    })
    .await
}

async fn stands(database: &Database, grant: &Value) -> (String, bool) {
    sqlx::query_as("select status, managed from grants where id::text = $1")
        .bind(text(grant))
        .fetch_one(database.sql())
        .await
        .expect("a grant")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_survives_a_kill_and_is_made_once() {
    let database = Database::create().await;
    let luna = Simulate::start(LUNA).await;
    let key = keys::mint_for(&database).await;
    let mut serve = Serve::start(database.url(), &[]).await;
    let mut admin = serve.client().with_key(&key);
    let connection = luna.connection_body(LUNA).await;
    admin.post("/v1/connections", connection).await.expect(201);
    let asked = admin.post("/v1/connections/luna/sync", Value::Null).await;
    let run = asked.expect(202);
    eventually("the first sync", async || {
        let runs = admin.get("/v1/connections/luna/syncs").await.expect(200);
        (runs["items"][0]["id"] == run["id"] && runs["items"][0]["status"] == "complete")
            .then_some(())
    })
    .await;
    let account = "select id::text from accounts where email = $1";
    let entitlement = "select id::text from entitlements where external_id = $1";
    let body = json!({
        "account_id": id(&database, account, ADA).await,
        "entitlement_id": id(&database, entitlement, "admin").await,
    });

    let slow = LUNA.on_update(Fault::DelayMs { value: 800 });
    luna.control.faults(json!([slow])).await;
    let giving = admin.post("/v1/grants", body).respond_async().await;
    let giving = giving.expect(202);
    sleep(Duration::from_millis(300)).await;
    serve.program.kill_9().await;
    serve = Serve::start(database.url(), &[]).await;
    admin = serve.client().with_key(&key);
    let giving = ended(&admin, &giving).await;
    assert_eq!(
        (&giving["status"], &giving["effect"]),
        (&json!("succeeded"), &json!("created")),
        "{giving:#}"
    );
    let grant = &giving["grant_id"];
    assert_eq!(stands(&database, grant).await, ("active".into(), true));

    luna.control
        .faults(json!([LUNA.on_update(Fault::DropAfterApply)]))
        .await;
    let path = format!("/v1/grants/{}", text(grant));
    let taking = admin.delete(&path).respond_async().await.expect(202);
    sleep(Duration::from_millis(100)).await;
    serve.program.kill_9().await;
    serve = Serve::start(database.url(), &[]).await;
    admin = serve.client().with_key(&key);
    let taking = ended(&admin, &taking).await;
    assert_eq!(taking["status"], "succeeded", "{taking:#}");
    assert_eq!(stands(&database, grant).await.0, "deleted");

    let effects = luna.control.effects().await;
    let types: Vec<&Value> = effects
        .iter()
        .map(|effect| &effect["after"]["account_type"])
        .collect();
    assert_eq!(types, [&json!("admin"), &json!("user")], "each once");
    drop(serve);
    database.remove().await;
}
