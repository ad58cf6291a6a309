//! What sets a run going, and what it does when the vendor fails.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use super::rows;
use crate::support::app::part;
use crate::support::{LUNA, READABLE, TestApp, eventually};

#[tokio::test]
async fn a_schedule_makes_runs_by_itself() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    assert_eq!(
        app.get("/v1/connections/luna/syncs").await["items"],
        json!([]),
        "0 is never"
    );
    let every = json!({"sync_every_seconds": 10});
    app.admin()
        .patch("/v1/connections/luna", every)
        .await
        .expect(200);
    // Due now, rather than ten seconds from now.
    sqlx::query("update connections set sync_due_at = clock_timestamp()")
        .execute(app.sql())
        .await
        .expect("due");
    let run = eventually("a scheduled run", async || {
        let runs = app.get("/v1/connections/luna/syncs").await;
        let run = runs["items"].as_array()?.first()?.clone();
        (run["status"] == "complete").then_some(run)
    })
    .await;
    assert_eq!(run["cause"], "schedule");
    let due: Option<bool> = sqlx::query_scalar(
        "select sync_due_at > clock_timestamp() + interval '5 s' from connections",
    )
    .fetch_one(app.sql())
    .await
    .expect("a time");
    assert_eq!(due, Some(true), "and the next one is ten seconds later");
    app.stop().await;
}

#[tokio::test]
async fn a_new_connection_with_a_schedule_is_synced_soon() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let mut body = crate::support::app::connection_body(LUNA, app.simulator(LUNA), "second");
    body["sync_every_seconds"] = json!(100);
    app.admin().post("/v1/connections", body).await.expect(201);
    // Within a tenth of the interval.
    let runs = eventually("the first run", async || {
        let runs = app.get("/v1/connections/second/syncs").await;
        (runs["items"][0]["status"] == "complete").then_some(runs)
    })
    .await;
    assert!(runs["next_at"].is_string(), "{runs:#}");
    assert_eq!(
        app.get("/v1/connections/luna/syncs").await["next_at"],
        Value::Null
    );
    app.stop().await;
}

/// Seconds from now until the schedules are due.
async fn due(app: &TestApp) -> Vec<f64> {
    let due = "select extract(epoch from sync_due_at - clock_timestamp())::float8 from connections where sync_due_at is not null";
    let mut due: Vec<f64> = sqlx::query_scalar(due)
        .fetch_all(app.sql())
        .await
        .expect("times");
    due.sort_by(f64::total_cmp);
    due
}

#[tokio::test]
async fn connections_that_are_made_together_do_not_sync_together() {
    const FLEET: usize = 15;
    let app = TestApp::builder().vendor_of(LUNA, 5).start().await;
    for number in 0..FLEET {
        let name = format!("fleet-{number}");
        let mut body = crate::support::app::connection_body(LUNA, app.simulator(LUNA), &name);
        body["sync_every_seconds"] = json!(36_000);
        app.admin().post("/v1/connections", body).await.expect(201);
    }
    let due_first = |due: &[f64]| due.iter().filter(|seconds| **seconds < 60.0).count();
    let first = due(&app).await;
    let begun: Vec<f64> = first.iter().filter(|due| **due < 60.0).copied().collect();
    // Some may have begun and wait for their second turn.
    let spread = begun.last().unwrap_or(&60.0) - begun.first().unwrap_or(&0.0);
    assert!(spread > 10.0, "{first:?}");
    sqlx::query(
        "update connections set sync_due_at = clock_timestamp() where sync_every_seconds > 0",
    )
    .execute(app.sql())
    .await
    .expect("due");
    let next = eventually("the whole fleet's turn", async || {
        let due = due(&app).await;
        (due.len() == FLEET && due_first(&due) == 0).then_some(due)
    })
    .await;
    let (soonest, latest) = (next[0], next[FLEET - 1]);
    assert!(soonest > 32_000.0 && latest <= 39_600.0, "{next:?}");
    assert!(latest - soonest > 600.0, "{next:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_fails_says_why_and_changes_nothing() {
    let app = TestApp::builder()
        .vendor_quirk(LUNA, "auth", "bearer")
        .start()
        .await;
    app.synced(LUNA).await;
    let before = rows(&app).await;
    let wrong = json!({"credentials": {"kind": "bearer", "token": "not-the-right-one"}});
    app.admin()
        .patch("/v1/connections/luna", wrong)
        .await
        .expect(200);
    let run = app.sync(LUNA).await;
    assert_eq!(run["status"], "failed", "{run:#}");
    assert_eq!(run["error"]["code"], "upstream_auth_failed");
    assert_eq!(run["error"]["upstream"]["status"], 401);
    assert_eq!(rows(&app).await, before);
    let trail = app.all("/v1/audit-events?action=connection.sync").await;
    assert_eq!(trail[0]["outcome"], "failed", "{trail:#?}");
    app.stop().await;
}

#[tokio::test]
async fn a_page_that_fails_for_a_moment_is_asked_for_again() {
    for vendor in READABLE {
        let app = TestApp::builder()
            .vendor_of(vendor, 90)
            .settings(|settings| settings.services.page_size = 30)
            .start()
            .await;
        app.faults(vendor, [vendor.on_list(Fault::DropBeforeApply).times(4)]);
        let run = app.synced(vendor).await;
        assert_eq!(part(&run, "accounts")["seen"], app.held(vendor));
        assert_eq!(run["defects"], json!([]));
        app.stop().await;
    }
}
