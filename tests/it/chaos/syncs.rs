//! Syncs that are killed, or overtaken by a write: nothing may be removed on doubt.

use iam_gateway::domain::Connections;
use iam_gateway::store::{accounts, syncs};
use serde_json::{Value, json};
use uuid::Uuid;

use super::scene::Scene;
use crate::support::{DEVO, TestApp, eventually};

/// A vendor without single reads: two complete runs have to miss an account before it counts as gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_while_it_judges_counts_once() {
    let (scene, mut serve) = Scene::open(&[DEVO]).await;
    scene.sync(DEVO).await;
    let sql = scene.database.sql();
    sqlx::query("update connections set checked_capabilities = array['accounts.list'], version = version + 1")
        .execute(sql)
        .await
        .expect("a connection");
    let gone = scene.accounts(DEVO).await.remove(0);
    let drift = json!([{"op": "remove", "kind": "account", "id": gone["external_id"]}]);
    scene.control(DEVO).drift(drift).await;

    // The end of the run waits for this lock, after everything was judged.
    let mut guard = sql.begin().await.expect("a transaction");
    sqlx::query("lock table coverage in share mode")
        .execute(&mut *guard)
        .await
        .expect("a lock");
    let path = format!("/v1/connections/{}/sync", DEVO.connection);
    let client = scene.desk.client();
    client.post(&path, Value::Null).await.expect(202);
    eventually("the end of the run", async || {
        let waits: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and query like '%into coverage%')",
        )
        .fetch_one(sql)
        .await
        .expect("the server's activity");
        waits.then_some(())
    })
    .await;
    serve.program.kill_9().await;
    guard.rollback().await.expect("the lock goes");

    let serve = {
        drop(serve);
        scene.serve().await
    };
    let run = eventually("the end of the run", async || {
        let status: String =
            sqlx::query_scalar("select status from sync_runs order by requested_at desc limit 1")
                .fetch_one(sql)
                .await
                .expect("a run");
        (status != "running" && status != "pending").then_some(status)
    })
    .await;
    assert_eq!(run, "complete");
    let judged = || async {
        sqlx::query_as::<_, (String, i16)>(
            "select status, missed_runs from accounts where external_id = $1",
        )
        .bind(gone["external_id"].as_str())
        .fetch_one(sql)
        .await
        .expect("the account")
    };
    assert_eq!(judged().await, ("active".to_owned(), 1));
    scene.sync(DEVO).await;
    assert_eq!(judged().await.0, "deleted");
    drop(serve);
    scene.close().await;
}

/// The write leaves the content as it was, so the row's version does not tell.
#[tokio::test]
async fn a_write_during_a_run_keeps_the_row() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.synced(DEVO).await;
    let id: Uuid = app.accounts(DEVO, "").await[0]["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let run: Uuid = sqlx::query_scalar(
        "insert into sync_runs (id, connection_id, noun, cause, status, started_at, owner, epoch)
         values (gen_random_uuid(), $1::uuid, 'accounts', 'demand', 'running', clock_timestamp(), gen_random_uuid(), 1)
         returning id",
    )
    .bind(app.connection_id(DEVO))
    .fetch_one(app.sql())
    .await
    .expect("a run");
    let missed = accounts::missed(app.sql(), run).await.expect("a list");
    let absence = missed
        .iter()
        .find(|absence| absence.id == id)
        .expect("it was not met");

    let account = accounts::find(app.sql(), &Connections::All, id, true)
        .await
        .expect("an answer")
        .expect("the account");
    let mut transaction = app.sql().begin().await.expect("a transaction");
    accounts::upsert_written(
        &mut transaction,
        account.connection_id,
        DEVO.name,
        &account.record,
        "write",
    )
    .await
    .expect("a write");
    transaction.commit().await.expect("a commit");

    let mut transaction = app.sql().begin().await.expect("a transaction");
    let removed = accounts::tombstone_missed(&mut transaction, absence)
        .await
        .expect("an answer");
    transaction.commit().await.expect("a commit");
    assert!(
        !removed,
        "a row that was written after the run began was removed"
    );
    let mut transaction = app.sql().begin().await.expect("a transaction");
    let stranger = syncs::find(app.sql(), run)
        .await
        .expect("an answer")
        .expect("the run");
    let held = syncs::hold(&mut transaction, &stranger, Uuid::now_v7())
        .await
        .expect("an answer");
    assert!(!held, "another owner's run was held");
    drop(transaction);
    sqlx::query("delete from sync_runs where id = $1")
        .bind(run)
        .execute(app.sql())
        .await
        .expect("it goes");
    app.stop().await;
}
