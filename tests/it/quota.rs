//! A vendor that allows only so many calls: three replicas share them, and taking access away never waits behind a sync.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::app::text;
use crate::support::{Client, Database, LUNA, Serve, Simulate, TestApp, eventually, keys};

/// Calls that a vendor saw, by when they came.
fn most_in_a_minute(requests: &[Value]) -> usize {
    let times: Vec<DateTime<Utc>> = requests
        .iter()
        .map(|request| text(&request["at"]).parse().expect("a time"))
        .collect();
    let mut first = 0;
    let mut most = 0;
    for (index, at) in times.iter().enumerate() {
        while *at - times[first] >= chrono::TimeDelta::seconds(60) {
            first += 1;
        }
        most = most.max(index + 1 - first);
    }
    most
}

/// How long the load goes on: `CHAOS=full` takes the ten minutes.
fn duration() -> Duration {
    match std::env::var("CHAOS").as_deref() {
        Ok("full") => Duration::from_secs(600),
        _ => Duration::from_secs(20),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_keep_to_one_quota_and_a_removal_never_waits_behind_a_sync() {
    const QUOTA: usize = 60;
    let database = Database::create().await;
    let luna = Simulate::start_with(LUNA, &["--accounts", "6000"]).await;
    let key = keys::mint_for(&database).await;
    let mut replicas = Vec::new();
    for _ in 0..3 {
        replicas.push(Serve::start(database.url(), &[]).await);
    }
    let admins: Vec<Client> = replicas
        .iter()
        .map(|replica| replica.client().with_key(&key))
        .collect();
    let mut body = luna.connection_body(LUNA).await;
    body["sync_every_seconds"] = json!(0);
    let path = format!("/v1/connections/{}", text(&body["name"]));
    admins[0]
        .post("/v1/connections", body.clone())
        .await
        .expect(201);
    // Without a quota first, for something to read and to take away.
    admins[0]
        .post(&format!("{path}/sync"), Value::Null)
        .await
        .expect(202);
    let admin = &admins[0];
    eventually("a complete sync", async || {
        let runs = admin.get(&format!("{path}/syncs")).await.expect(200);
        (runs["items"][0]["status"] == "complete").then_some(())
    })
    .await;
    let mut settings = admins[0].get(&path).await.expect(200)["settings"].clone();
    settings["calls_per_minute"] = json!(QUOTA);
    admins[0]
        .patch(&path, json!({"settings": settings}))
        .await
        .expect(200);
    let listed = admins[0].get("/v1/accounts?limit=1000").await.expect(200);
    let ids: Vec<String> = listed["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|account| text(&account["id"]).to_owned())
        .collect();
    let before = luna.control.requests().await.len();

    let (started, end) = (Instant::now(), duration());
    let is_over = std::sync::Arc::new(AtomicBool::new(false));
    let mut load = JoinSet::new();
    for (number, admin) in admins.iter().cloned().enumerate() {
        // Readers that never have enough.
        for reader in 0..4 {
            let (admin, ids, is_over) = (admin.clone(), ids.clone(), is_over.clone());
            load.spawn(async move {
                let mut next = 300 + number * 100 + reader * 20;
                while !is_over.load(Ordering::Relaxed) {
                    next = 300 + (next + 1) % 700;
                    let path = format!("/v1/accounts/{}?max_age_seconds=0", ids[next]);
                    let answer = admin.get(&path).await;
                    let status = answer.status.as_u16();
                    assert!(
                        status == 200 || status == 503,
                        "{status}: {}",
                        answer.json()
                    );
                }
            });
        }
        let (admin, path, is_over) = (admin.clone(), path.clone(), is_over.clone());
        load.spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                let answer = admin.post(&format!("{path}/sync"), Value::Null).await;
                assert!([202, 409].contains(&answer.status.as_u16()));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
    }

    let mut waits = Vec::new();
    while started.elapsed() < end {
        // Three a minute, of two or three calls each, fit into what is kept for them.
        tokio::time::sleep(Duration::from_secs(if end.as_secs() > 60 { 20 } else { 6 })).await;
        let asked = Instant::now();
        let id = &ids[waits.len()];
        admins[waits.len() % 3]
            .delete(&format!("/v1/accounts/{id}"))
            .await
            .expect(204);
        waits.push(asked.elapsed());
    }
    is_over.store(true, Ordering::Relaxed);
    let quota = admins[1].get(&format!("{path}/quota")).await.expect(200);
    load.abort_all();
    let requests = luna.control.requests().await.split_off(before);

    waits.sort();
    let mut by_method = BTreeMap::<&str, usize>::new();
    for request in &requests {
        *by_method.entry(text(&request["method"])).or_default() += 1;
    }
    let most = most_in_a_minute(&requests);
    eprintln!(
        "{} s: {} calls ({by_method:?}), at most {most} in a minute of {QUOTA} allowed; {} removals, median {:?}, longest {:?}; {quota}",
        started.elapsed().as_secs(),
        requests.len(),
        waits.len(),
        waits[waits.len() / 2],
        waits[waits.len() - 1],
    );
    assert!(most <= QUOTA, "{most} calls in a minute");
    assert!(
        most > QUOTA / 2,
        "the load did not use what is allowed: {most}"
    );
    let longest = waits[waits.len() - 1];
    assert!(
        longest < Duration::from_secs(2),
        "a removal waited {longest:?}"
    );
    let shares = quota["budget"]["shares"].as_array().expect("shares");
    let share = |word: &str| {
        let by = shares.iter().find(|share| share["urgency"] == word);
        by.cloned().expect("a share")
    };
    assert!(share("ordinary")["calls"].as_i64() > Some(0), "{quota}");
    assert!(share("syncs")["calls"].as_i64() > Some(0), "{quota}");
    // The first minute is used up before anybody has waited to its end.
    if end > Duration::from_secs(60) {
        assert!(
            share("ordinary")["longest_wait_ms"].as_i64() > Some(1000),
            "{quota}"
        );
        let runs = admins[0].get(&format!("{path}/syncs")).await.expect(200);
        let failed = runs["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter(|run| run["status"] == "failed");
        assert_eq!(
            failed.count(),
            0,
            "a sync waits for its part of the budget: {runs}"
        );
    }
    assert_eq!(quota["hosts"][0]["breaker"], "closed", "{quota}");

    drop(replicas);
    database.remove().await;
}

#[tokio::test]
async fn a_connection_without_a_budget_waits_for_nothing_and_says_so() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.sync(LUNA).await;
    let quota = app
        .admin()
        .get("/v1/connections/luna/quota")
        .await
        .expect(200);
    assert_eq!(quota["budget"], Value::Null);
    assert_eq!(quota["hosts"][0]["host"], "api");
    assert_eq!(quota["hosts"][0]["breaker"], "closed");
    assert!(quota["full_sync"]["pages"].as_i64() > Some(0), "{quota}");
    app.stop().await;
}

#[tokio::test]
async fn a_caller_is_told_when_the_budget_is_used_up() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.sync(LUNA).await;
    let path = "/v1/connections/luna";
    let mut settings = app.admin().get(path).await.expect(200)["settings"].clone();
    settings["calls_per_minute"] = json!(2);
    app.admin()
        .patch(path, json!({"settings": settings}))
        .await
        .expect(200);
    let accounts = app.admin().get("/v1/accounts?limit=5").await.expect(200);
    let mut statuses = Vec::new();
    for account in accounts["items"].as_array().expect("items") {
        let path = format!("/v1/accounts/{}?max_age_seconds=0", text(&account["id"]));
        let answer = app.admin().get(&path).await;
        statuses.push(answer.status.as_u16());
        if answer.status.as_u16() != 200 {
            assert_eq!(
                answer.json()["code"],
                "upstream_rate_limited",
                "{}",
                answer.json()
            );
            assert!(
                answer.json()["detail"]
                    .as_str()
                    .expect("words")
                    .contains("calls_per_minute")
            );
            assert!(!answer.header("retry-after").is_empty());
        }
    }
    assert_eq!(statuses, [200, 200, 503, 503, 503]);
    app.stop().await;
}

#[tokio::test]
async fn a_budget_that_makes_no_sense_is_refused_by_its_name() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let path = "/v1/connections/luna";
    let settings = app.admin().get(path).await.expect(200)["settings"].clone();
    for (name, value) in [
        ("calls_per_minute", json!(-1)),
        ("calls_per_minute", json!("60")),
        ("reserved_percent", json!(31)),
    ] {
        let mut settings = settings.clone();
        settings[name] = value;
        let problem = app
            .admin()
            .patch(path, json!({"settings": settings}))
            .await
            .expect(400);
        assert_eq!(
            problem["errors"][0]["pointer"],
            format!("/settings/{name}"),
            "{problem}"
        );
    }
    app.stop().await;
}
