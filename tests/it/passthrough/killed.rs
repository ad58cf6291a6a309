//! `kill -9` in the middle of a write that is passed through: another start of the program ends it, and sends again only what
//! is as good as once.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{raw_account, upstream};
use crate::support::app::text;
use crate::support::{Database, LUNA, Serve, Simulate, eventually, keys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_write_is_repeated_where_that_is_as_good_as_once_and_parked_where_not() {
    let database = Database::create().await;
    let luna = Simulate::start(LUNA).await;
    let key = keys::mint_for(&database).await;
    let times = [
        ("IAM_GATEWAY_LEASE_SECONDS", "2"),
        ("IAM_GATEWAY_HEARTBEAT_SECONDS", "1"),
        ("IAM_GATEWAY_ATTEMPT_SECONDS", "2"),
    ];
    let mut serve = Serve::start(database.url(), &times).await;
    let admin = serve.client().with_key(&key);
    let mut connection = luna.connection_body(LUNA).await;
    connection["settings"]["allow_raw_writes"] = json!(true);
    admin.post("/v1/connections", connection).await.expect(201);
    let made = admin.post("/v1/accounts", LUNA.new_account("ann")).await;
    let id = text(&made.expect(201)["external_id"]).to_owned();

    let slow = Fault::DelayMs { value: 1800 };
    let rules = [LUNA.on_update(slow.clone()), LUNA.on_create(slow)];
    luna.control.faults(json!(rules)).await;
    let change = json!({"description": "As raw as it gets"});
    let changing = admin.patch(&upstream(LUNA, &format!("1/accounts/{id}")), change);
    let changing = changing.respond_async().await.expect(202);
    let creation = raw_account("raw@example.org");
    let making = admin.post(&upstream(LUNA, "1/accounts"), creation);
    let making = making.respond_async().await.expect(202);
    // Not the mark in the ledger, which comes before the first byte.
    eventually("both have arrived", async || {
        let requests = luna.control.requests().await;
        let has = |word: &str| {
            requests
                .iter()
                .any(|one| one["body"].to_string().contains(word))
        };
        (has("As raw as it gets") && has("raw@example.org")).then_some(())
    })
    .await;
    serve.program.kill_9().await;
    // What arrived is done all the same.
    sleep(Duration::from_millis(1900)).await;

    let serve = Serve::start(database.url(), &times).await;
    let admin = serve.client().with_key(&key);
    let ended = async |operation: &Value| {
        let path = format!("/v1/operations/{}", text(&operation["id"]));
        eventually("the end of the operation", async || {
            let operation = admin.get(&path).await.expect(200);
            let open = matches!(operation["status"].as_str(), Some("pending" | "running"));
            (!open).then_some(operation)
        })
        .await
    };
    let changed = ended(&changing).await;
    assert_eq!(
        (&changed["status"], &changed["sends"]),
        (&json!("succeeded"), &json!(2)),
        "{changed:#}"
    );
    let made = ended(&making).await;
    assert_eq!(
        (&made["status"], &made["sends"]),
        (&json!("outcome_unknown"), &json!(1)),
        "{made:#}"
    );
    let effects = luna.control.effects().await;
    let of = |operation: &str| {
        let done = |effect: &&Value| text(&effect["operation"]).starts_with(operation);
        effects.iter().filter(done).count()
    };
    assert_eq!(of("POST"), 2, "the first account, and the raw one once");
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from operations where secret_ciphertext is not null and status <> 'outcome_unknown'",
    )
    .fetch_one(database.sql())
    .await
    .expect("a count");
    assert_eq!(kept, 0, "the bodies are gone with their operations");
    drop((serve, luna));
    database.remove().await;
}
