//! `max_age_seconds`: a copy that is older is read anew before it answers.

mod lists;

use futures_util::future::join_all;
use iam_gateway::simulators::{Fault, Received, Rule};
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUMOS, LUNA, TestApp, Vendor, WRITABLE, eventually};
use crate::syncs::{add, change, changed_field, patient, remove};

fn out_of_order(rule: fn(Vendor, Fault) -> Rule, vendor: Vendor) -> Rule {
    let fault = Fault::Status {
        code: 503,
        headers: Default::default(),
        body: None,
        apply: false,
    };
    rule(vendor, fault).times(0)
}

/// The calls that a vendor got since `before`.
fn calls(app: &TestApp, vendor: Vendor, before: usize) -> Vec<Received> {
    app.requests(vendor).split_off(before)
}

async fn first(app: &TestApp, vendor: Vendor) -> (Value, String) {
    let account = app.accounts(vendor, "").await[1].clone();
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    (account, path)
}

#[tokio::test]
async fn an_older_copy_is_read_anew_and_a_younger_one_is_not() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let (account, path) = first(&app, vendor).await;
        let field = changed_field(vendor);
        app.drift(
            vendor,
            json!([change(vendor, &account["external_id"], "Newer")]),
        );
        let before = app.requests(vendor).len();
        let young = app.get(&format!("{path}?max_age_seconds=3600")).await;
        assert_eq!(young[field], account[field], "young enough");
        assert_eq!(calls(&app, vendor, before).len(), 0);
        let known = app.get(&path).await;
        let anew = app.get(&format!("{path}?max_age_seconds=0")).await;
        assert_eq!(anew[field], "Newer", "{}", vendor.name);
        assert_eq!(anew["source"], "read_through");
        assert_eq!(anew["id"], account["id"]);
        assert!(text(&anew["as_of"]) > text(&known["as_of"]));
        let read = calls(&app, vendor, before).len();
        assert!(read > 0);
        // What was read is the copy now.
        let copy = app
            .get(&format!("{path}?max_age_seconds=60&include=raw"))
            .await;
        assert_eq!(
            (&copy[field], &copy["as_of"]),
            (&anew[field], &anew["as_of"])
        );
        assert!(copy["raw"].is_object());
        assert_eq!(calls(&app, vendor, before).len(), read);
        // Unchanged, it keeps its version and where it came from.
        let tag = async || app.admin().get(&path).await.header("etag").to_owned();
        let version = tag().await;
        let again = app.get(&format!("{path}?max_age_seconds=0")).await;
        assert!(text(&again["as_of"]) > text(&copy["as_of"]));
        assert_eq!(
            (tag().await, &again["changed_at"]),
            (version, &copy["changed_at"])
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn what_is_gone_shows_as_deleted_and_comes_back() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let (account, path) = first(&app, vendor).await;
        app.drift(vendor, json!([remove(&account["external_id"])]));
        let gone = app.get(&format!("{path}?max_age_seconds=0")).await;
        assert_eq!(
            (&gone["status"], &gone["source"]),
            (&json!("deleted"), &json!("read_through"))
        );
        assert_eq!(app.get(&path).await["status"], "deleted");
        let listed = app.accounts(vendor, "").await;
        assert!(listed.iter().all(|one| one["id"] != account["id"]));
        if vendor != DEVO {
            let id = text(&account["external_id"]);
            app.drift(vendor, json!([add(vendor, "boomerang", Some(id))]));
            let back = app.get(&format!("{path}?max_age_seconds=0")).await;
            assert_ne!(back["status"], "deleted", "{}", vendor.name);
            assert_eq!(
                (&back["id"], &back["source"]),
                (&account["id"], &json!("read_through"))
            );
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_crowd_shares_one_reading() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.synced(LUNA).await;
    let (account, path) = first(&app, LUNA).await;
    app.drift(
        LUNA,
        json!([change(LUNA, &account["external_id"], "Shared")]),
    );
    app.faults(LUNA, [LUNA.on_read(Fault::DelayMs { value: 300 })]);
    let before = app.requests(LUNA).len();
    let path = format!("{path}?max_age_seconds=0");
    for answer in join_all((0..25).map(|_| app.get(&path))).await {
        assert_eq!(answer["display_name"], "Shared");
    }
    assert_eq!(calls(&app, LUNA, before).len(), 1);
    // Together means at the same time: the next one is read anew.
    app.get(&path).await;
    assert_eq!(calls(&app, LUNA, before).len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_vendor_that_can_not_be_read_is_an_error_that_names_the_age_of_the_copy() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.synced(LUNA).await;
    let (account, path) = first(&app, LUNA).await;
    app.faults(LUNA, [out_of_order(Vendor::on_read, LUNA)]);
    let answer = app.admin().get(&format!("{path}?max_age_seconds=0")).await;
    let problem = answer.problem(503, "upstream_unavailable");
    let detail = text(&problem["detail"]);
    assert!(
        detail.contains(" s old") && detail.contains("max_age_seconds"),
        "{detail}"
    );
    assert_eq!(problem["upstream"]["status"], 503);
    assert_eq!(
        app.get(&path).await["display_name"],
        account["display_name"]
    );
    app.get(&format!("{path}?max_age_seconds=3600")).await;
    app.stop().await;
}

#[tokio::test]
async fn a_reading_does_not_undo_a_write_that_ended_after_it_was_asked_for() {
    for vendor in WRITABLE {
        let app = TestApp::builder()
            .vendor(vendor)
            .settings(patient)
            .start()
            .await;
        let account = app.create_account(vendor.new_account("racer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        let fault = Fault::DelayMs { value: 1500 };
        // Devo's update reads a user by another path than a reading does.
        let held = if vendor == DEVO {
            Rule::new(fault).method("GET").path_contains("/domain/")
        } else {
            vendor.on_read(fault)
        };
        app.faults(vendor, [held.times(1)]);
        let before = app.requests(vendor).len();
        let reading = {
            let (client, path) = (app.admin().clone(), format!("{path}?max_age_seconds=0"));
            tokio::spawn(async move { client.get(&path).await.expect(200) })
        };
        eventually("the reading", async || {
            (!calls(&app, vendor, before).is_empty()).then_some(())
        })
        .await;
        let [written, _] = vendor.changes();
        app.admin().patch(&path, written.clone()).await.expect(200);
        app.drift(
            vendor,
            json!([change(vendor, &account["external_id"], "Older")]),
        );
        let field = changed_field(vendor);
        let shown = reading.await.expect("it ends");
        assert_eq!(shown[field], written[field], "{}", vendor.name);
        let copy = app.get(&path).await;
        assert_eq!(
            (&copy[field], &copy["source"]),
            (&written[field], &json!("write"))
        );
        let anew = app.get(&format!("{path}?max_age_seconds=0")).await;
        assert_eq!(anew[field], "Older", "one that is asked for later may");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_page_of_a_sync_does_not_undo_a_reading_that_was_asked_for_later() {
    let app = TestApp::builder()
        .vendor_of(LUNA, 20)
        .settings(patient)
        .start()
        .await;
    app.synced(LUNA).await;
    let (account, path) = first(&app, LUNA).await;
    app.drift(
        LUNA,
        json!([change(LUNA, &account["external_id"], "Older")]),
    );
    // The listing is asked for and held up; it will show what is there when it is let go.
    app.faults(
        LUNA,
        [LUNA.on_list(Fault::DelayMs { value: 1500 }).times(1)],
    );
    let run = app.start_sync(LUNA).await;
    eventually("the listing", async || {
        let requests = app.requests(LUNA);
        requests
            .last()
            .filter(|last| last.status.is_none())
            .map(drop)
    })
    .await;
    app.drift(LUNA, json!([change(LUNA, &account["external_id"], "Read")]));
    let read = app.get(&format!("{path}?max_age_seconds=0")).await;
    assert_eq!(read["display_name"], "Read");
    app.drift(
        LUNA,
        json!([change(LUNA, &account["external_id"], "Older")]),
    );
    app.sync_ended(LUNA, &run["id"]).await;
    assert_eq!(app.get(&path).await["display_name"], "Read");
    app.stop().await;
}

#[tokio::test]
async fn a_connection_that_reads_no_single_accounts_says_so() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "lacks", "info,get_account")
        .start()
        .await;
    let check = "/v1/connections/lumos-connector/check";
    app.admin().post(check, Value::Null).await.expect(200);
    app.synced(LUMOS).await;
    let (account, path) = first(&app, LUMOS).await;
    let email = text(&account["email"]);
    let people = app.get(&format!("/v1/identities?email={email}")).await;
    let person = format!("/v1/identities/{}", text(&people["items"][0]["id"]));
    for path in [&path, &person] {
        let answer = app.admin().get(&format!("{path}?max_age_seconds=0")).await;
        let problem = answer.problem(422, "capability_not_supported");
        assert!(
            !problem["capabilities"]
                .to_string()
                .contains("accounts.read"),
            "{problem:#}"
        );
        app.get(&format!("{path}?max_age_seconds=3600")).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn an_identity_reads_its_accounts_anew() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    let people = app.get("/v1/identities?email=ada.lind@example.org").await;
    let path = format!("/v1/identities/{}", text(&people["items"][0]["id"]));
    let before = app.get(&path).await;
    let account = &app.accounts(DEVO, "&email=ada.lind@example.org").await[0];
    app.drift(DEVO, json!([remove(&account["external_id"])]));
    let anew = app.get(&format!("{path}?max_age_seconds=0")).await;
    let status = |vendor: &str| {
        let accounts = anew["accounts"].as_array().expect("accounts");
        let found = accounts.iter().find(|account| account["vendor"] == vendor);
        found.expect("an account")["status"].clone()
    };
    assert_eq!(
        (status("devo"), status("luna")),
        (json!("deleted"), json!("active"))
    );
    assert!(text(&anew["as_of"]) > text(&before["as_of"]));
    let calls = (app.requests(LUNA).len(), app.requests(DEVO).len());
    app.get(&format!("{path}?max_age_seconds=60")).await;
    assert_eq!(calls, (app.requests(LUNA).len(), app.requests(DEVO).len()));
    app.faults(LUNA, [out_of_order(Vendor::on_read, LUNA)]);
    let answer = app.admin().get(&format!("{path}?max_age_seconds=0")).await;
    answer.problem(503, "upstream_unavailable");
    app.stop().await;
}

#[tokio::test]
async fn a_bad_age_is_refused_by_name() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("aged")).await;
    let people = app.get("/v1/identities").await;
    let single = format!("/v1/accounts/{}", text(&account["id"]));
    let person = format!("/v1/identities/{}", text(&people["items"][0]["id"]));
    for path in ["/v1/accounts", &single, "/v1/identities", &person] {
        for bad in ["-1", "1.5", "soon", "31536001", "", "1&max_age_seconds=2"] {
            let answer = app
                .admin()
                .get(&format!("{path}?max_age_seconds={bad}"))
                .await;
            answer.problem(400, "invalid_request");
            assert_eq!(answer.pointers(), ["max_age_seconds"], "{path} {bad}");
        }
        app.get(&format!("{path}?max_age_seconds=31536000")).await;
    }
    app.stop().await;
}
