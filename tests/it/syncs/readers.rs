//! Syncs of vendors whose accounts are only read: what drifts there, pages that never end, and calls that are counted.

use serde_json::{Value, json};

use super::{remove, rows};
use crate::support::app::{part, text};
use crate::support::{APONO, LUMOS_MAIN, TestApp, Vendor};

/// What the simulator calls a user.
fn kind(vendor: Vendor) -> &'static str {
    if vendor == LUMOS_MAIN {
        "main/user"
    } else {
        "account"
    }
}

fn renamed(vendor: Vendor) -> Value {
    if vendor == LUMOS_MAIN {
        json!({"given_name": "Renamed", "status": "ON_LEAVE"})
    } else {
        json!({"first_name": "Renamed", "active": false, "roles": ["Viewer"]})
    }
}

/// The only account of a person that is a user's: at Lumos, those in apps are beside it.
async fn user(app: &TestApp, vendor: Vendor, who: &str) -> Value {
    let mut found = app
        .accounts(vendor, &format!("&email={who}@example.org"))
        .await;
    found.retain(|account| account["attributes"].get("app_id").is_none());
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[tokio::test]
async fn what_happened_to_users_behind_our_back_is_found() {
    for vendor in [APONO, LUMOS_MAIN] {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let before = rows(&app).await;
        // Not one of those whose tokens the simulators know.
        let changed = user(&app, vendor, "greta.holm").await;
        let removed = user(&app, vendor, "dario.novak").await;
        let (kind, id) = (kind(vendor), &changed["external_id"]);
        app.drift(
            vendor,
            json!([
                {"op": "add", "kind": kind, "value": {"email": "newcomer@example.org"}},
                {"op": "change", "kind": kind, "id": id, "value": renamed(vendor)},
                {"op": "remove", "kind": kind, "id": removed["external_id"]},
            ]),
        );
        let run = app.synced(vendor).await;
        let accounts = part(&run, "accounts");
        assert_eq!(
            (&accounts["created"], &accounts["removed"]),
            (&json!(1), &json!(1)),
            "{run:#}"
        );
        user(&app, vendor, "newcomer").await;
        let now = app.account(&changed["id"]).await;
        assert_eq!(now["given_name"], "Renamed");
        if vendor == LUMOS_MAIN {
            assert_eq!(
                (&now["status"], &now["vendor_status"]),
                (&json!("unknown"), &json!("ON_LEAVE"))
            );
        } else {
            assert_eq!(
                (&now["status"], &now["vendor_status"]),
                (&json!("inactive"), &Value::Null)
            );
            assert_eq!(now["attributes"]["roles"], json!(["Viewer"]));
        }
        assert_eq!(app.account(&removed["id"]).await["status"], "deleted");
        let still = rows(&app).await;
        let key = |account: &Value| {
            let id = text(&account["id"]).to_owned();
            before
                .values()
                .find(|row| row.0.to_string() == id)
                .expect("known")
                .1
        };
        assert_eq!(key(&changed), 1);
        assert_eq!(still.len(), before.len() + 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn where_one_sort_of_account_has_no_single_reading_two_complete_runs_have_to_miss_it() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    app.synced(LUMOS_MAIN).await;
    let mut accounts = app.accounts(LUMOS_MAIN, "&kind=service").await;
    let gone = accounts.remove(0);
    let mut drift = remove(&gone["external_id"]);
    drift["kind"] = json!("main/account");
    app.drift(LUMOS_MAIN, json!([drift]));
    let first = app.synced(LUMOS_MAIN).await;
    assert_eq!(
        (&first["removed"], &first["defects"]),
        (&json!(0), &json!([]))
    );
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    assert_eq!(app.synced(LUMOS_MAIN).await["removed"], 1);
    assert_eq!(app.account(&gone["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn users_and_accounts_are_counted_together() {
    for (pages, total) in [("given", "given"), ("missing", "given"), ("null", "null")] {
        let app = TestApp::builder()
            .vendor_quirks(LUMOS_MAIN, &[("main_pages", pages), ("main_total", total)])
            .settings(|settings| settings.services.page_size = 7)
            .start()
            .await;
        let run = app.synced(LUMOS_MAIN).await;
        let run = part(&run, "accounts");
        assert_eq!(run["seen"], app.held(LUMOS_MAIN), "{pages} {total}");
        let counted = if total == "given" {
            run["seen"].clone()
        } else {
            Value::Null
        };
        assert_eq!(run["total"], counted, "{pages} {total}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_listing_by_token_ends_however_its_last_page_says_so() {
    for quirk in [
        ("page_end", "null"),
        ("page_end", "missing"),
        ("page_end", "empty"),
        ("paging", "sparse"),
    ] {
        let app = TestApp::builder()
            .vendor_quirk(APONO, quirk.0, quirk.1)
            .settings(|settings| settings.services.page_size = 7)
            .start()
            .await;
        let run = app.synced(APONO).await;
        assert_eq!(part(&run, "accounts")["seen"], app.held(APONO), "{quirk:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_listing_by_token_without_an_end_stops_says_so_and_removes_nothing() {
    for (paging, why) in [
        ("endless", "empty pages"),
        ("stuck", "leads back to itself"),
    ] {
        let app = TestApp::builder()
            .vendor_quirk(APONO, "paging", paging)
            .settings(|settings| settings.services.page_size = 20)
            .start()
            .await;
        let run = app.sync(APONO).await;
        assert_eq!(run["status"], "incomplete", "{run:#}");
        let seen = &part(&run, "accounts")["seen"];
        assert_eq!(*seen, app.held(APONO), "what came is kept");
        assert!(run["defects"].to_string().contains(why), "{run:#}");
        let requests = app.requests(APONO);
        let users = requests.iter().filter(|one| one.path.ends_with("/users"));
        let asked = users.count();
        assert!(asked < 120, "{asked} calls for a listing without an end");
        app.stop().await;
    }
}

#[tokio::test]
async fn the_legacy_list_of_users_is_whole_or_proves_nothing() {
    for (rows, status) in [("1000", "complete"), ("7", "incomplete")] {
        let app = TestApp::builder()
            .vendor_quirk(APONO, "legacy_rows", rows)
            .start()
            .await;
        app.synced(APONO).await;
        let before = super::rows(&app).await;
        let simulator = app.simulator(APONO);
        let mut parts = simulator.connection(APONO.variant).expect("a connection");
        parts["settings"]["users_api"] = json!("legacy");
        let body = json!({"settings": parts["settings"]});
        app.admin()
            .patch("/v1/connections/apono", body)
            .await
            .expect(200);
        let asked = app.requests(APONO).len();
        let run = app.sync(APONO).await;
        assert_eq!(run["status"], status, "{run:#}");
        assert_eq!(
            (&run["created"], &run["removed"]),
            (&json!(0), &json!(0)),
            "the same accounts"
        );
        let legacy = app.requests(APONO).split_off(asked);
        assert!(
            legacy
                .iter()
                .filter(|call| call.path.contains("/users"))
                .all(|call| call.path.starts_with("/api/v2/users"))
        );
        let now = super::rows(&app).await;
        assert!(
            before.keys().eq(now.keys()),
            "the keys are the same in both"
        );
        if status == "incomplete" {
            assert!(run["defects"].to_string().contains("cut off"), "{run:#}");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_sync_keeps_to_the_calls_that_the_vendor_counts() {
    let app = TestApp::builder()
        .vendor_quirks(
            LUMOS_MAIN,
            &[("main_budget", "2"), ("main_window_ms", "1000")],
        )
        .settings(|settings| settings.services.page_size = 20)
        .start()
        .await;
    let started = std::time::Instant::now();
    let run = app.synced(LUMOS_MAIN).await;
    assert_eq!(part(&run, "accounts")["seen"], app.held(LUMOS_MAIN));
    let requests = app.requests(LUMOS_MAIN);
    assert!(requests.len() > 4, "{} calls", requests.len());
    assert!(
        requests.iter().all(|call| call.status == Some(200)),
        "it never had to be told"
    );
    let windows = (requests.len() as u32 - 1) / 2;
    assert!(started.elapsed() >= windows * std::time::Duration::from_millis(990));
    let counted = app.stranger().get("/metrics").await.text;
    assert!(
        counted.contains(r#"upstream_paced_total{vendor="lumos",outcome="waited"}"#),
        "{counted}"
    );
    app.stop().await;
}

#[tokio::test]
async fn who_cannot_wait_for_the_vendors_reset_is_told_when_it_is() {
    let app = TestApp::builder()
        .vendor_quirks(
            LUMOS_MAIN,
            &[("main_budget", "1"), ("main_window_ms", "60000")],
        )
        .start()
        .await;
    let check = async || {
        let path = "/v1/connections/lumos/check";
        app.admin().post(path, Value::Null).await.expect(200)
    };
    let found = check().await;
    assert_eq!(found["healthy"], false);
    assert_eq!(found["findings"][0]["code"], "rate_limited", "{found:#}");
    assert_eq!(
        app.requests(LUMOS_MAIN).len(),
        1,
        "the second call was not sent"
    );
    app.stop().await;
}
