//! What happens while a run is under way.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use super::{change, changed_field, patient, remove};
use crate::support::app::text;
use crate::support::{LUNA, TestApp, Vendor, WRITABLE, eventually};

#[tokio::test]
async fn a_write_during_a_run_is_not_undone() {
    for vendor in WRITABLE {
        let app = TestApp::builder()
            .vendor_of(vendor, 20)
            .settings(patient)
            .start()
            .await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        app.synced(vendor).await;
        // The page is asked for; before it is made, a caller writes, and the listing then shows an older state.
        app.faults(vendor, [vendor.on_list(Fault::DelayMs { value: 1200 })]);
        let run = app.start_sync(vendor).await;
        listing_is_asked_for(&app, vendor).await;
        let [written, _] = vendor.changes();
        app.admin().patch(&path, written.clone()).await.expect(200);
        app.drift(
            vendor,
            json!([change(vendor, &account["external_id"], "Older")]),
        );
        let ended = app.sync_ended(vendor, &run["id"]).await;
        assert_eq!(ended["status"], "complete", "{ended:#}");
        let field = changed_field(vendor);
        assert_eq!(
            app.get(&path).await[field],
            written[field],
            "{}",
            vendor.name
        );
        // The next run is asked for later and may.
        app.synced(vendor).await;
        assert_eq!(app.get(&path).await[field], "Older");
        app.stop().await;
    }
}

#[tokio::test]
async fn an_account_made_during_a_run_is_not_judged_by_it() {
    for vendor in WRITABLE {
        let app = TestApp::builder()
            .vendor_of(vendor, 20)
            .settings(patient)
            .start()
            .await;
        app.synced(vendor).await;
        app.faults(vendor, [vendor.on_list(Fault::DelayMs { value: 1200 })]);
        let run = app.start_sync(vendor).await;
        listing_is_asked_for(&app, vendor).await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        app.drift(vendor, json!([remove(&account["external_id"])]));
        let ended = app.sync_ended(vendor, &run["id"]).await;
        assert_eq!(
            (&ended["status"], &ended["removed"]),
            (&json!("complete"), &json!(0)),
            "{ended:#}"
        );
        assert_ne!(app.account(&account["id"]).await["status"], "deleted");
        assert_eq!(
            app.synced(vendor).await["removed"],
            1,
            "the next run sees that it is gone"
        );
        app.stop().await;
    }
}

/// Waits until the run has got to the accounts and has asked for its page of them.
async fn listing_is_asked_for(app: &TestApp, vendor: Vendor) {
    eventually("the run's start", async || {
        let path = format!("/v1/connections/{}/syncs?limit=1", vendor.connection);
        let run = app.get(&path).await["items"][0].clone();
        (run["status"] == "running" && run["noun"] == "accounts").then_some(())
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
}

#[tokio::test]
async fn one_run_at_a_time() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(patient)
        .start()
        .await;
    app.faults(LUNA, [LUNA.on_list(Fault::DelayMs { value: 800 })]);
    let run = app.start_sync(LUNA).await;
    app.admin()
        .post("/v1/connections/luna/sync", Value::Null)
        .await
        .problem(409, "conflict");
    let shown = app.get("/v1/connections/luna/syncs").await["items"][0].clone();
    assert!(
        ["pending", "running"].contains(&text(&shown["status"])),
        "{shown:#}"
    );
    assert_eq!(app.sync_ended(LUNA, &run["id"]).await["status"], "complete");
    app.synced(LUNA).await;
    app.stop().await;
}
