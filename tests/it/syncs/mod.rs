//! Syncs: writing only what changed, and never deleting on doubt.

mod beside;
mod brake;
mod forecast;
mod prefetch;
mod readers;
mod shifts;
mod start;

use std::collections::BTreeMap;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::{part, text};
use crate::support::{DEVO, LUMOS, LUNA, READABLE, TestApp, Vendor, WRITABLE};

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
pub(crate) fn add(vendor: Vendor, who: &str, id: Option<&str>) -> Value {
    let email = format!("{who}@example.org");
    let value = match vendor.name {
        "luna" => json!({"login": email, "account_type": "user"}),
        "devo" => json!({"email": email, "userName": who, "roleList": ["NO_PRIVILEGES"]}),
        _ => json!({"email": email, "username": who, "department": "sales"}),
    };
    json!({"op": "add", "kind": "account", "id": id, "value": value})
}

pub(crate) fn change(vendor: Vendor, id: &Value, word: &str) -> Value {
    let value = match vendor.name {
        "luna" => json!({"description": word}),
        "devo" => json!({"userName": word}),
        _ => json!({"given_name": word}),
    };
    json!({"op": "change", "kind": "account", "id": id, "value": value})
}

pub(crate) fn remove(id: &Value) -> Value {
    json!({"op": "remove", "kind": "account", "id": id})
}

/// What [`change`] changes, in our words.
pub(crate) fn changed_field(vendor: Vendor) -> &'static str {
    if vendor == LUMOS {
        "given_name"
    } else {
        "display_name"
    }
}

#[tokio::test]
async fn a_second_run_writes_nothing() {
    for vendor in READABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let first = app.synced(vendor).await;
        assert_eq!(first["created"], first["seen"]);
        assert_eq!(first["cause"], "demand");
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
    for vendor in WRITABLE {
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
        let counts =
            ["created", "changed", "removed"].map(|count| part(&run, "accounts")[count].as_i64());
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
    for vendor in READABLE {
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
    for vendor in WRITABLE {
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

/// Time for a listing that a fault holds up.
pub(crate) fn patient(settings: &mut iam_gateway::app::AppSettings) {
    settings.services.attempt = std::time::Duration::from_secs(4);
    settings.transport.attempt_timeout = std::time::Duration::from_secs(4);
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
        part(&app.synced(LUMOS).await, "accounts")["removed"],
        0,
        "one run is not enough"
    );
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    // A run with defects in between proves nothing.
    app.faults(LUMOS, [LUMOS.on_list(Fault::PageRepeat).times(0)]);
    app.sync(LUMOS).await;
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    app.simulator(LUMOS).clear_faults();
    assert_eq!(part(&app.synced(LUMOS).await, "accounts")["removed"], 1);
    assert_eq!(app.account(&gone["id"]).await["status"], "deleted");
    app.stop().await;
}
