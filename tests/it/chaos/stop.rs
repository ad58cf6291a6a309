//! A replica that is stopped for longer than its lease, while another one takes its work over.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::books::{self, sendings};
use super::crowd;
use super::scene::Scene;
use crate::support::{DEVO, LUNA, WRITABLE, eventually};

/// Longer than a lease.
const STOPPED: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_replica_loses_its_work_and_sends_nothing_twice() {
    let (scene, first) = Scene::open(&WRITABLE).await;
    for vendor in WRITABLE {
        // Every creation is under way for a while, so that the stop meets it at the vendor.
        let slow = vendor.on_create(Fault::DelayMs { value: 700 }).times(0);
        scene.control(vendor).faults(json!([slow])).await;
    }
    let mut clients = JoinSet::new();
    for number in 0..30 {
        let desk = scene.desk.clone();
        let vendor = WRITABLE[number % WRITABLE.len()];
        clients.spawn(crowd::create(desk, vendor, format!("s{number:04}")));
    }
    eventually("creations that are under way", async || {
        let sent: i64 = sqlx::query_scalar(
            "select count(*) from operations where status = 'running' and sent_at is not null",
        )
        .fetch_one(scene.database.sql())
        .await
        .expect("the ledger");
        (sent >= 6).then_some(())
    })
    .await;
    first.program.sigstop();
    // Clients of the stopped one hang; the second one finds the work by itself.
    let second = scene.serve().await;
    sleep(STOPPED).await;
    books::quiet(&scene).await;
    let before = books::ledger(&scene).await;
    assert!(
        before.iter().any(|entry| entry.epoch > 1),
        "nothing was taken over: {before:#?}"
    );
    first.program.sigcont();
    let wishes = clients.join_all().await;

    let report = books::balance(&scene, &wishes).await;
    eprintln!("{report}");
    for wish in &wishes {
        let sent = sendings(&scene, wish.vendor, &wish.who).await;
        assert_eq!(sent, 1, "{wish:?}");
    }
    let log = first.program.log();
    assert!(
        log.contains("belongs to another replica now") || log.contains("is another's now"),
        "the stopped replica did not notice:\n{log}"
    );
    drop((first, second));
    scene.close().await;
}

/// The worst moment: the mark is written while the process that asked for it is stopped, so that it wakes up with the
/// permission to send something that was settled long ago.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_wakes_up_with_an_old_mark_sends_nothing() {
    for vendor in [LUNA, DEVO] {
        let (scene, first) = Scene::open(&[vendor]).await;
        let guard = hold_marks(&scene).await;
        let client = tokio::spawn(crowd::create(scene.desk.clone(), vendor, "old".to_owned()));
        eventually("a mark that waits", async || {
            let waits: bool = sqlx::query_scalar(
                "select exists (select from pg_stat_activity
                     where datname = current_database() and wait_event = 'advisory')",
            )
            .fetch_one(scene.database.sql())
            .await
            .expect("the server's activity");
            waits.then_some(())
        })
        .await;
        first.program.sigstop();
        guard.commit().await.expect("the lock goes");
        eventually("the mark", async || {
            let sent: Option<bool> =
                sqlx::query_scalar("select sent_at is not null from operations limit 1")
                    .fetch_optional(scene.database.sql())
                    .await
                    .expect("the ledger");
            sent.filter(|sent| *sent)
        })
        .await;

        let second = scene.serve().await;
        sleep(STOPPED).await;
        books::quiet(&scene).await;
        let taken_over = books::ledger(&scene).await;
        assert!(taken_over[0].epoch > 1, "{taken_over:#?}");
        first.program.sigcont();
        sleep(Duration::from_secs(2)).await;
        let log = first.program.log();
        assert!(
            log.contains("Did not send a marked request")
                || log.contains("belongs to another replica now"),
            "the stopped replica did not notice:\n{log}"
        );

        let wish = client.await.expect("a client");
        assert_eq!(sendings(&scene, vendor, "old").await, 1);
        let report = books::balance(&scene, &[wish]).await;
        eprintln!("{}: {report}", vendor.name);
        drop((first, second));
        scene.close().await;
    }
}

/// Two replicas, and the same request at both of them, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_at_two_replicas_is_one_account() {
    let (scene, first) = Scene::open(&WRITABLE).await;
    for vendor in WRITABLE {
        let cut = vendor.on_create(Fault::DropAfterApply).times(3);
        scene.control(vendor).faults(json!([cut])).await;
    }
    let mut clients = JoinSet::new();
    let mut ask_all = |scene: &Scene| {
        for number in 0..30 {
            let who = format!("o{:04}", number / 6);
            clients.spawn(crowd::create(
                scene.desk.settled(),
                WRITABLE[number / 6 % 3],
                who,
            ));
        }
    };
    ask_all(&scene);
    let second = scene.serve().await;
    ask_all(&scene);
    let mut wishes = clients.join_all().await;
    assert!(
        wishes.iter().all(|wish| wish.told == crowd::Told::Created),
        "{wishes:#?}"
    );
    wishes.sort_by(|one, other| one.who.cmp(&other.who));
    wishes.dedup_by(|one, other| one.who == other.who);
    assert_eq!(wishes.len(), 5);
    let report = books::balance(&scene, &wishes).await;
    eprintln!("{report}");
    drop((first, second));
    scene.close().await;
}

/// Keeps every mark waiting in the database, until the transaction ends.
async fn hold_marks(scene: &Scene) -> sqlx::Transaction<'static, sqlx::Postgres> {
    for statement in [
        "create function hold() returns trigger language plpgsql as
             $$ begin perform pg_advisory_xact_lock(1); return new; end $$",
        "create trigger hold before update on operations for each row
             when (old.sent_at is distinct from new.sent_at) execute function hold()",
    ] {
        sqlx::query(statement)
            .execute(scene.database.sql())
            .await
            .expect(statement);
    }
    let mut guard = scene.database.sql().begin().await.expect("a transaction");
    sqlx::query("select pg_advisory_xact_lock(1)")
        .execute(&mut *guard)
        .await
        .expect("a lock");
    guard
}
