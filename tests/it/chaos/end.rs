//! SIGTERM: what runs finishes or is handed over, no answer is cut off, and the exit code is 0.

use std::time::{Duration, Instant};

use iam_gateway::simulators::Fault;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::books;
use super::crowd;
use super::scene::Scene;
use crate::support::{DEVO, LUNA, WRITABLE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_lets_requests_and_operations_finish() {
    let (scene, mut first) = Scene::open(&WRITABLE).await;
    for vendor in WRITABLE {
        let slow = vendor.on_create(Fault::DelayMs { value: 600 }).times(0);
        scene.control(vendor).faults(json!([slow])).await;
    }
    let mut clients = JoinSet::new();
    for number in 0..18 {
        let vendor = WRITABLE[number % WRITABLE.len()];
        let ask = scene
            .desk
            .client()
            .post("/v1/accounts", vendor.new_account(&format!("e{number:04}")));
        clients.spawn(ask.idempotent(&format!("e{number:04}")).send());
    }
    sleep(Duration::from_millis(500)).await;
    let asked = Instant::now();
    first.program.sigterm();
    // Who was let in gets a whole answer; who was not is refused at the door.
    for answer in clients.join_all().await {
        match answer {
            Ok(answer) => assert!(
                matches!(answer.status.as_u16(), 201 | 202),
                "{answer}\n{}",
                first.program.log()
            ),
            Err(error) => panic!("cut off: {error}"),
        }
    }
    let status = first.program.exited().await;
    assert!(status.success(), "{status}\n{}", first.program.log());
    assert!(
        asked.elapsed() < Duration::from_secs(30),
        "{:?}",
        asked.elapsed()
    );

    // What was not begun any more goes on at the next start.
    let second = scene.serve().await;
    let mut wishes = Vec::new();
    for number in 0..18 {
        let who = format!("e{number:04}");
        wishes
            .push(crowd::create(scene.desk.clone(), WRITABLE[number % WRITABLE.len()], who).await);
    }
    let report = books::balance(&scene, &wishes).await;
    eprintln!("{report}");
    drop(second);
    scene.close().await;
}

/// An operation that can't finish within the time to end: the vendor does not answer its readings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_finish_is_handed_over_at_once() {
    let (scene, mut first) = Scene::open(&[DEVO, LUNA]).await;
    let unclear = DEVO.on_create(Fault::DropAfterApply);
    let blind = DEVO
        .on_read(Fault::Status {
            code: 503,
            headers: Default::default(),
            body: None,
            apply: false,
        })
        .after(1)
        .times(0);
    scene.control(DEVO).faults(json!([unclear, blind])).await;
    let asked = scene
        .desk
        .client()
        .post("/v1/accounts", DEVO.new_account("h0001"))
        .idempotent("h0001")
        .respond_async();
    asked.await.expect(202);
    sleep(Duration::from_millis(1500)).await;
    first.program.sigterm();
    let begun = Instant::now();
    while first.program.runs() && begun.elapsed() < Duration::from_secs(40) {
        sleep(Duration::from_millis(50)).await;
    }
    let status = first.program.exited().await;
    assert!(status.success(), "{status}\n{}", first.program.log());
    assert!(
        begun.elapsed() > Duration::from_secs(25),
        "it had 30 s to finish"
    );
    let (status, free): (String, bool) =
        sqlx::query_as("select status, lease_until <= clock_timestamp() from operations")
            .fetch_one(scene.database.sql())
            .await
            .expect("the operation");
    assert_eq!(
        (status.as_str(), free),
        ("running", true),
        "not handed over"
    );

    scene.control(DEVO).clear_faults().await;
    let second = scene.serve().await;
    let wish = crowd::create(scene.desk.clone(), DEVO, "h0001".to_owned()).await;
    let report = books::balance(&scene, &[wish]).await;
    eprintln!("{report}");
    assert_eq!(books::sendings(&scene, DEVO, "h0001").await, 1);
    drop(second);
    scene.close().await;
}
