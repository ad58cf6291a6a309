//! Syncs: writing only what changed, and never deleting on doubt.

use std::collections::BTreeMap;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{ALL, DEVO, LUMOS, LUNA, TestApp, Vendor, eventually};

/// Rows of the database: id, external key, version, status.
async fn rows(app: &TestApp) -> BTreeMap<String, (uuid::Uuid, i64, String)> {
    let rows: Vec<(String, uuid::Uuid, i64, String)> =
        sqlx::query_as("select external_key, id, version, status from accounts")
            .fetch_all(app.sql())
            .await
            .expect("rows");
    rows.into_iter()
        .map(|(key, id, version, status)| (key, (id, version, status)))
        .collect()
}

/// A drift that fits the vendor: an account as it spells one.
fn add(vendor: Vendor, who: &str, id: Option<&str>) -> Value {
    let email = format!("{who}@example.org");
    let value = match vendor.name {
        "luna" => json!({"login": email, "account_type": "user"}),
        "devo" => json!({"email": email, "userName": who, "role": "NO_PRIVILEGES"}),
        _ => json!({"email": email, "username": who, "department": "sales"}),
    };
    json!({"op": "add", "kind": "account", "id": id, "value": value})
}

fn change(vendor: Vendor, id: &Value, word: &str) -> Value {
    let value = match vendor.name {
        "luna" => json!({"description": word}),
        "devo" => json!({"userName": word}),
        _ => json!({"given_name": word}),
    };
    json!({"op": "change", "kind": "account", "id": id, "value": value})
}

fn remove(id: &Value) -> Value {
    json!({"op": "remove", "kind": "account", "id": id})
}

/// What [`change`] changes, in our words.
fn changed_field(vendor: Vendor) -> &'static str {
    if vendor == LUMOS {
        "given_name"
    } else {
        "display_name"
    }
}

#[tokio::test]
async fn a_second_run_writes_nothing() {
    for vendor in ALL {
        let app = TestApp::builder().vendor(vendor).start().await;
        let first = app.synced(vendor).await;
        assert_eq!(first["created"], first["seen"]);
        assert_eq!(
            (&first["cause"], &first["noun"]),
            (&json!("demand"), &json!("accounts"))
        );
        let before = rows(&app).await;
        let second = app.synced(vendor).await;
        assert_eq!(second["seen"], first["seen"]);
        for count in ["created", "changed", "removed"] {
            assert_eq!(second[count], 0, "{count} at {}", vendor.name);
        }
        assert_eq!(rows(&app).await, before, "versions stay");
        assert!(before.values().all(|(_, version, _)| *version == 1));
        app.stop().await;
    }
}

#[tokio::test]
async fn what_happened_behind_our_back_is_found() {
    for vendor in ALL {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let before = rows(&app).await;
        let find = async |email: &str| {
            app.accounts(vendor, &format!("&email={email}@example.org"))
                .await
        };
        let changed = find("bruno.keller").await.remove(0);
        let removed = find("chiara.moretti").await.remove(0);
        app.drift(
            vendor,
            json!([
                add(vendor, "newcomer", None),
                change(vendor, &changed["external_id"], "Renamed"),
                remove(&removed["external_id"]),
            ]),
        );
        let run = app.synced(vendor).await;
        let counts = ["created", "changed", "removed"].map(|count| run[count].as_i64());
        assert_eq!(counts, [Some(1); 3], "{}: {run:#}", vendor.name);
        assert_eq!(find("newcomer").await.len(), 1);
        assert_eq!(
            find("bruno.keller").await[0][changed_field(vendor)],
            "Renamed"
        );
        assert!(find("chiara.moretti").await.is_empty());
        assert_eq!(app.account(&removed["id"]).await["status"], "deleted");
        let touched: Vec<i64> = rows(&app)
            .await
            .into_iter()
            .filter(|(key, row)| before.get(key).is_some_and(|old| old != row))
            .map(|(_, (_, version, _))| version)
            .collect();
        assert_eq!(touched, [2, 2], "no other row was written");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_listing_with_defects_removes_nothing_and_says_why() {
    for vendor in ALL {
        for fault in [Fault::PageLoop, Fault::PageRepeat, Fault::PageMissing] {
            let app = TestApp::builder()
                .vendor_of(vendor, 90)
                .settings(|settings| settings.services.page_size = 20)
                .start()
                .await;
            app.synced(vendor).await;
            let before = rows(&app).await;
            app.faults(vendor, [vendor.on_list(fault.clone()).times(0)]);
            let run = app.sync(vendor).await;
            let what = format!("{fault:?} at {}: {run:#}", vendor.name);
            assert_eq!(run["status"], "incomplete", "{what}");
            assert_eq!(run["removed"], 0, "{what}");
            let defects = run["defects"].as_array().expect("defects");
            assert!(
                !defects.is_empty() && defects.iter().all(|why| text(why).len() > 10),
                "{what}"
            );
            assert_eq!(rows(&app).await, before, "{what}");
            assert_eq!(
                app.get("/v1/accounts?limit=1").await["stale"],
                true,
                "{what}"
            );
            app.simulator(vendor).clear_faults();
            app.synced(vendor).await;
            assert_eq!(rows(&app).await, before, "{what}");
            app.stop().await;
        }
    }
}

#[tokio::test]
async fn a_row_that_comes_back_keeps_its_id() {
    for vendor in ALL {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("boomerang")).await;
        app.synced(vendor).await;
        app.drift(vendor, json!([remove(&account["external_id"])]));
        assert_eq!(app.synced(vendor).await["removed"], 1);
        assert_eq!(app.account(&account["id"]).await["status"], "deleted");
        let id = (vendor != DEVO).then(|| text(&account["external_id"]));
        app.drift(vendor, json!([add(vendor, "boomerang", id)]));
        app.synced(vendor).await;
        let back = app.account(&account["id"]).await;
        assert_ne!(back["status"], "deleted", "{}", vendor.name);
        let found = app.accounts(vendor, "&email=boomerang@example.org").await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["id"], account["id"]);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_write_during_a_run_is_not_undone() {
    for vendor in ALL {
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
    for vendor in ALL {
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

/// Time for a listing that a fault holds up.
fn patient(settings: &mut iam_gateway::app::AppSettings) {
    settings.services.attempt = std::time::Duration::from_secs(4);
    settings.transport.attempt_timeout = std::time::Duration::from_secs(4);
}

/// Waits until the run is under way and has asked for its page.
async fn listing_is_asked_for(app: &TestApp, vendor: Vendor) {
    eventually("the run's start", async || {
        let path = format!("/v1/connections/{}/syncs?limit=1", vendor.connection);
        let run = app.get(&path).await["items"][0].clone();
        (run["status"] == "running").then_some(())
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
}

#[tokio::test]
async fn a_run_that_would_remove_too_much_stops() {
    let app = TestApp::builder().vendor_of(LUNA, 300).start().await;
    app.synced(LUNA).await;
    let before = rows(&app).await;
    let all = app.accounts(LUNA, "").await;
    let drifts: Vec<Value> = all
        .iter()
        .skip(10)
        .take(51)
        .map(|account| remove(&account["external_id"]))
        .collect();
    app.drift(LUNA, json!(drifts));
    let run = app.sync(LUNA).await;
    assert_eq!(run["status"], "failed", "{run:#}");
    assert_eq!(run["error"]["code"], "change_brake");
    assert_eq!(run["removed"], 0);
    assert_eq!(rows(&app).await, before);
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_removes_many_but_few_of_all_goes_on() {
    let app = TestApp::builder().vendor_of(LUNA, 700).start().await;
    app.synced(LUNA).await;
    let all = app.accounts(LUNA, "").await;
    let drifts: Vec<Value> = all
        .iter()
        .skip(10)
        .take(60)
        .map(|account| remove(&account["external_id"]))
        .collect();
    app.drift(LUNA, json!(drifts));
    assert_eq!(app.synced(LUNA).await["removed"], 60);
    app.stop().await;
}

#[tokio::test]
async fn where_no_single_read_tells_two_complete_runs_have_to_miss_it() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "lacks", "info,get_account")
        .start()
        .await;
    app.admin()
        .post("/v1/connections/lumos-connector/check", Value::Null)
        .await
        .expect(200);
    app.synced(LUMOS).await;
    let gone = app
        .accounts(LUMOS, "&email=greta.holm@example.org")
        .await
        .remove(0);
    app.drift(LUMOS, json!([remove(&gone["external_id"])]));
    assert_eq!(
        app.synced(LUMOS).await["removed"],
        0,
        "one run is not enough"
    );
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    // A run with defects in between proves nothing.
    app.faults(LUMOS, [LUMOS.on_list(Fault::PageRepeat).times(0)]);
    app.sync(LUMOS).await;
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    app.simulator(LUMOS).clear_faults();
    assert_eq!(app.synced(LUMOS).await["removed"], 1);
    assert_eq!(app.account(&gone["id"]).await["status"], "deleted");
    app.stop().await;
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
async fn a_new_connection_with_a_schedule_is_synced_at_once() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let mut body = crate::support::app::connection_body(LUNA, app.simulator(LUNA), "second");
    body["sync_every_seconds"] = json!(3600);
    app.admin().post("/v1/connections", body).await.expect(201);
    eventually("the first run", async || {
        let runs = app.get("/v1/connections/second/syncs").await;
        (runs["items"][0]["status"] == "complete").then_some(())
    })
    .await;
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
    for vendor in ALL {
        let app = TestApp::builder()
            .vendor_of(vendor, 90)
            .settings(|settings| settings.services.page_size = 30)
            .start()
            .await;
        app.faults(vendor, [vendor.on_list(Fault::DropBeforeApply).times(4)]);
        let run = app.synced(vendor).await;
        assert_eq!(run["seen"], app.simulator(vendor).state().accounts.len());
        assert_eq!(run["defects"], json!([]));
        app.stop().await;
    }
}
