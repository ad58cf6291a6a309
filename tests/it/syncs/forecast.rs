//! How far a run is, and what the next one will take.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use super::patient;
use crate::support::{LUMOS, LUNA, TestApp, Vendor, eventually};

async fn slow(vendor: Vendor) -> TestApp {
    let app = TestApp::builder()
        .vendor_of(vendor, 160)
        .settings(|settings| {
            patient(settings);
            settings.services.page_size = 20;
        })
        .start()
        .await;
    let delay = Fault::DelayMs { value: 300 };
    app.faults(vendor, [vendor.on_list(delay).times(0)]);
    app
}

/// The run after so many pages, and its list.
async fn after(app: &TestApp, vendor: Vendor, pages: i64) -> Value {
    let path = format!("/v1/connections/{}/syncs?limit=1", vendor.connection);
    eventually("some pages", async || {
        let runs = app.get(&path).await;
        (runs["items"][0]["pages"].as_i64()? >= pages).then_some(runs)
    })
    .await
}

#[tokio::test]
async fn the_vendors_total_tells_how_far_a_run_is() {
    let app = slow(LUNA).await;
    let run = app.start_sync(LUNA).await;
    let runs = after(&app, LUNA, 2).await;
    let shown = &runs["items"][0];
    assert_eq!(shown["status"], "running");
    // One of account types, eight of accounts.
    assert_eq!(shown["expected_pages"], 9, "{shown:#}");
    let left = shown["remaining_seconds"].as_i64().expect("seconds");
    // Six pages of 300 ms at least; how slow the machine is, nobody knows.
    assert!((1..60).contains(&left), "{shown:#}");
    assert!(shown["expected_end_at"].is_string());
    assert_eq!(
        runs["forecast"],
        Value::Null,
        "there was no complete run yet"
    );

    let ended = app.sync_ended(LUNA, &run["id"]).await;
    for field in ["expected_pages", "remaining_seconds", "expected_end_at"] {
        assert_eq!(ended[field], Value::Null, "{field}");
    }
    let runs = app.get("/v1/connections/luna/syncs").await;
    // One of account types, eight of accounts, and the same eight for the grants.
    assert_eq!(runs["forecast"]["pages"], 17);
    let seconds = runs["forecast"]["seconds"].as_i64().expect("seconds");
    assert!(seconds >= 3, "sixteen pages of 300 ms: {runs:#}");
    app.stop().await;
}

#[tokio::test]
async fn without_a_total_earlier_runs_tell() {
    let app = slow(LUMOS).await;
    let run = app.start_sync(LUMOS).await;
    let first = after(&app, LUMOS, 2).await["items"][0].clone();
    let known = |run: &Value| {
        [
            run["expected_pages"].clone(),
            run["remaining_seconds"].clone(),
        ]
    };
    assert_eq!(known(&first), [Value::Null, Value::Null]);
    let pages = app.sync_ended(LUMOS, &run["id"]).await["pages"].clone();
    assert!(pages.as_i64() > Some(4), "{pages}");

    let asked = app.start_sync(LUMOS).await;
    assert_eq!(known(&asked), [pages.clone(), Value::Null], "not begun yet");
    let second = after(&app, LUMOS, 2).await["items"][0].clone();
    assert_eq!(second["expected_pages"], pages, "{second:#}");
    assert!(
        second["remaining_seconds"].as_i64() >= Some(1),
        "{second:#}"
    );
    let path = format!("/v1/connections/{}/syncs", LUMOS.connection);
    assert_eq!(app.get(&path).await["forecast"]["pages"], pages);
    app.sync_ended(LUMOS, &asked["id"]).await;
    app.stop().await;
}

#[tokio::test]
async fn runs_that_proved_nothing_do_not_count() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.faults(LUNA, [LUNA.on_list(Fault::PageMissing).times(0)]);
    assert_eq!(app.sync(LUNA).await["status"], "incomplete");
    let runs = app.get("/v1/connections/luna/syncs").await;
    assert_eq!(
        (&runs["forecast"], &runs["next_at"]),
        (&Value::Null, &json!(null))
    );
    app.stop().await;
}
