//! The database goes away under load, and comes back.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::books;
use super::crowd;
use super::dice::Dice;
use super::scene::Scene;
use crate::support::{Client, WRITABLE, eventually};

/// Cuts every connection of the service.
async fn cut(scene: &Scene) {
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'iam-gateway'",
    )
    .execute(scene.database.sql())
    .await
    .expect("connections are cut");
}

async fn ready(client: &Client, status: u16) {
    eventually("the word of /readyz", async || {
        let answer = client.get("/readyz").await;
        (answer.status.as_u16() == status).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_comes_and_goes_loses_nothing() {
    let mut dice = Dice::new();
    eprintln!("CHAOS_SEED={}", dice.seed);
    let (scene, serve) = Scene::open(&WRITABLE).await;
    let client = scene.desk.client();
    ready(&client, 200).await;
    for vendor in WRITABLE {
        let rules = [
            vendor.on_create(Fault::DelayMs { value: 200 }).times(0),
            vendor.on_create(Fault::DropAfterApply).after(3).times(2),
        ];
        scene.control(vendor).faults(json!(rules)).await;
    }
    let mut clients = JoinSet::new();
    for number in 0..45 {
        let desk = scene.desk.clone();
        let vendor = WRITABLE[number % WRITABLE.len()];
        let pause = dice.millis(0, 6000);
        clients.spawn(async move {
            sleep(pause).await;
            crowd::create(desk, vendor, format!("d{number:04}")).await
        });
    }
    for _ in 0..8 {
        sleep(dice.millis(100, 500)).await;
        cut(&scene).await;
    }
    scene.database.stop().await;
    ready(&client, 503).await;
    assert_eq!(client.get("/livez").await.status, 200);
    let refused = client.get("/v1/accounts").await;
    refused.problem(503, "service_unavailable");
    sleep(Duration::from_secs(2)).await;
    scene.database.resume().await;
    ready(&client, 200).await;

    let wishes = clients.join_all().await;
    let report = books::balance(&scene, &wishes).await;
    eprintln!("{report}");
    drop(serve);
    scene.close().await;
}
