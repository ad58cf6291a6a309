//! Syncs that are killed, or overtaken by a write: nothing may be removed on doubt.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iam_gateway::domain::{Connections, Noun};
use iam_gateway::simulators::Fault;
use iam_gateway::store::{accounts, copies, syncs};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::dice::Dice;
use super::scene::Scene;
use crate::support::{DEVO, LUNA, TestApp, Vendor, WRITABLE, eventually};

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
    let mut transaction = app.sql().begin().await.expect("a transaction");
    let noted = syncs::note_missed(&mut transaction, run, Noun::Accounts).await;
    transaction.commit().await.expect("a commit");
    let all = app.accounts(DEVO, "").await.len() as i64;
    assert_eq!(noted.expect("the run").missing, Some(all), "it met nothing");
    let missed = syncs::unjudged(app.sql(), run, Noun::Accounts, None, 1000).await;
    let missed = missed.expect("a list");
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
    let removed = copies::tombstone_missed(&mut transaction, Noun::Accounts, absence)
        .await
        .expect("an answer");
    transaction.commit().await.expect("a commit");
    assert!(
        !removed,
        "a row that was written after the run began was removed"
    );
    let mut transaction = app.sql().begin().await.expect("a transaction");
    let stranger = syncs::find(app.sql(), account.connection_id, run)
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

/// How many accounts are read while the service is killed.
fn accounts() -> i64 {
    match std::env::var("CHAOS").as_deref() {
        Ok("full") => 50_000,
        _ => 5_000,
    }
}

/// How often the listing was asked for.
async fn listings(scene: &Scene) -> i64 {
    let requests = scene.control(LUNA).requests().await;
    let lists = |request: &&Value| request["method"] == "GET" && request["path"] == "/1/accounts";
    requests.iter().filter(lists).count() as i64
}

async fn start_sync(scene: &Scene) {
    let path = format!("/v1/connections/{}/sync", LUNA.connection);
    let client = scene.desk.client();
    client.post(&path, Value::Null).await.expect(202);
}

/// Status, pages in all, pass, items met, rows removed, defects of the newest run.
async fn progress(scene: &Scene) -> (String, i32, i16, i64, i64, Value) {
    sqlx::query_as(
        "select status, pages, pass, seen, removed, defects from sync_runs order by requested_at desc limit 1",
    )
    .fetch_one(scene.database.sql())
    .await
    .expect("the run")
}

/// Of the newest run, once it has ended, what became of its accounts.
async fn ended(scene: &Scene) -> (String, i32, i16, i64, i64, Value) {
    eventually("the end of the run", async || {
        let run = progress(scene).await;
        (run.0 != "running").then_some(())
    })
    .await;
    sqlx::query_as(
        "select r.status, p.pages, p.passes, p.seen, p.removed, p.defects
         from sync_runs r join sync_parts p on p.run_id = r.id and p.noun = 'accounts'
         order by r.requested_at desc limit 1",
    )
    .fetch_one(scene.database.sql())
    .await
    .expect("the part")
}

/// Killed five times on its way through the pages, it goes on where it was, and a kill costs one page at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_goes_on_at_its_page() {
    const KILLS: i64 = 5;
    let all = accounts();
    let pages = all / 100;
    let (scene, mut serve) = Scene::open_with(&[LUNA], &["--accounts", &all.to_string()]).await;
    let slow = LUNA.on_list(Fault::DelayMs { value: 60 }).times(0);
    scene.control(LUNA).faults(json!([slow])).await;
    let mut dice = Dice::new();
    eprintln!("CHAOS_SEED={}", dice.seed);
    start_sync(&scene).await;
    for kill in 1..=KILLS {
        eventually("some more pages", async || {
            (i64::from(progress(&scene).await.1) >= kill * pages / (KILLS + 2)).then_some(())
        })
        .await;
        // Anywhere between two pages: asking, parking, writing.
        sleep(dice.millis(0, 80)).await;
        serve.program.kill_9().await;
        serve = scene.serve().await;
    }
    let (status, read, pass, seen, removed, defects) = ended(&scene).await;
    assert_eq!((status.as_str(), defects), ("complete", json!([])));
    assert_eq!((i64::from(read), pass, seen, removed), (pages, 1, all, 0));
    let asked = listings(&scene).await;
    eprintln!("{pages} pages, {KILLS} kills, {asked} requests");
    // The same pages again for the grants.
    let pages = 2 * pages;
    assert!(
        (pages..=pages + KILLS).contains(&asked),
        "{asked} requests for {pages} pages and {KILLS} kills"
    );
    assert_eq!(scene.accounts(LUNA).await.len() as i64, all);
    drop(serve);
    scene.close().await;
}

/// The worst moment: a page is being written, and the next one is on its way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_two_pages_costs_one_of_them() {
    let (scene, mut serve) = Scene::open_with(&[LUNA], &["--accounts", "500"]).await;
    let mut guard = scene.database.sql().begin().await.expect("a transaction");
    sqlx::query("lock table accounts in share mode")
        .execute(&mut *guard)
        .await
        .expect("a lock");
    start_sync(&scene).await;
    eventually("the second page", async || {
        (listings(&scene).await == 2).then_some(())
    })
    .await;
    // The second page has come, and waits until the first one is written. No third one is asked for.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(listings(&scene).await, 2);
    serve.program.kill_9().await;
    guard.rollback().await.expect("the lock goes");
    let serve = {
        drop(serve);
        scene.serve().await
    };
    let (status, pages, _, seen, _, _) = ended(&scene).await;
    assert_eq!((status.as_str(), pages, seen), ("complete", 5, 500));
    // Five pages of accounts, and the same five again for the grants.
    assert_eq!(listings(&scene).await, 11, "one page was read twice");
    assert_eq!(scene.accounts(LUNA).await.len(), 500);
    drop(serve);
    scene.close().await;
}

/// Killed while it goes over a listing for the second time, it knows that it is the second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_pass_survives_a_kill() {
    let (scene, mut serve) = Scene::open_with(&[LUNA], &["--accounts", "900"]).await;
    let slow = LUNA.on_list(Fault::DelayMs { value: 150 }).times(0);
    scene.control(LUNA).faults(json!([slow])).await;
    let held = scene.control(LUNA).state().await;
    let newest = held["accounts"][0]["account_id"].clone();
    start_sync(&scene).await;
    eventually("some pages", async || {
        (progress(&scene).await.1 >= 3).then_some(())
    })
    .await;
    let drift = json!([{"op": "remove", "kind": "account", "id": newest}]);
    scene.control(LUNA).drift(drift).await;
    eventually("the second pass", async || {
        let (_, pages, pass, ..) = progress(&scene).await;
        (pass == 2 && pages >= 12).then_some(())
    })
    .await;
    serve.program.kill_9().await;
    let serve = {
        drop(serve);
        scene.serve().await
    };
    let (status, pages, pass, seen, removed, defects) = ended(&scene).await;
    assert_eq!((status.as_str(), defects), ("complete", json!([])));
    assert_eq!((pages, pass, removed), (18, 2, 0));
    assert_eq!(seen, 900, "with the one that was there at first");
    drop(serve);
    scene.close().await;
}

/// Syncs without a pause, page by slow page, beside callers who create, change and delete: what a caller was told stays so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_never_undoes_a_write() {
    let mut builder = TestApp::builder().settings(|settings| settings.services.page_size = 10);
    for vendor in WRITABLE {
        builder = builder.vendor(vendor);
    }
    let app = builder.start().await;
    for vendor in WRITABLE {
        app.faults(
            vendor,
            [vendor.on_list(Fault::DelayMs { value: 40 }).times(0)],
        );
    }
    let over = AtomicBool::new(false);
    let sync = async |vendor: Vendor| {
        let mut runs = 0;
        while !over.load(Ordering::Relaxed) {
            let run = app.sync(vendor).await;
            // A page may shift under a write. That is a defect, and a run with defects removes nothing.
            assert!(
                matches!(run["status"].as_str(), Some("complete" | "incomplete")),
                "{run:#}"
            );
            runs += 1;
        }
        runs
    };
    let write = async |vendor: Vendor| {
        for round in 0..6 {
            let account = app
                .create_account(vendor.new_account(&format!("w{round:03}")))
                .await;
            let path = format!("/v1/accounts/{}", account["id"].as_str().expect("an id"));
            stays(&app, &path, |now| now["status"] != "deleted").await;
            let change = vendor.changes()[0].clone();
            app.admin().patch(&path, change.clone()).await.expect(200);
            let changed = change.as_object().expect("fields").clone();
            stays(&app, &path, |now| {
                changed.iter().all(|(name, value)| now[name] == *value)
            })
            .await;
            app.admin().delete(&path).await.expect(204);
            stays(&app, &path, |now| now["status"] == "deleted").await;
        }
    };
    let writes = async {
        tokio::join!(write(LUNA), write(DEVO), write(WRITABLE[2]));
        over.store(true, Ordering::Relaxed);
    };
    let ((), luna, devo, lumos) = tokio::join!(writes, sync(LUNA), sync(DEVO), sync(WRITABLE[2]));
    eprintln!("runs beside the writes: {luna} + {devo} + {lumos}");
    assert!(luna > 1 && devo > 1 && lumos > 1);
    app.stop().await;
}

/// Looks at an account for a while, and demands the same each time.
async fn stays(app: &TestApp, path: &str, as_told: impl Fn(&Value) -> bool) {
    for _ in 0..8 {
        let now = app.get(path).await;
        assert!(as_told(&now), "not as it was told: {now:#}");
        sleep(Duration::from_millis(50)).await;
    }
}
