//! Answers that never came, came too late or made no sense: read back, never guessed.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUMOS, LUNA, TestApp, Vendor, WRITABLE, eventually};

/// Ways in which an answer gets lost after the vendor has done what was asked.
fn lost_answers() -> [Fault; 4] {
    [
        Fault::DropAfterApply,
        Fault::Malformed,
        Fault::Status {
            code: 502,
            headers: Default::default(),
            body: Some(json!("<html>bad gateway</html>")),
            apply: true,
        },
        Fault::Oversized { mib: 9 },
    ]
}

#[tokio::test]
async fn what_was_done_and_not_answered_is_found_by_reading() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        for (number, fault) in lost_answers().into_iter().enumerate() {
            app.faults(vendor, [vendor.on_create(fault.clone())]);
            let who = format!("newcomer{number}");
            let answer = app
                .admin()
                .post("/v1/accounts", vendor.new_account(&who))
                .await;
            let account = answer.expect(201);
            assert_eq!(account["email"], format!("{who}@example.org"), "{fault:?}");
            assert_eq!(
                app.effects(vendor).len(),
                number + 1,
                "{fault:?} at {}",
                vendor.name
            );
        }
        for operation in app.operations().await {
            assert_eq!(
                (&operation["status"], &operation["sends"]),
                (&json!("succeeded"), &json!(1))
            );
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn changes_and_deletions_that_were_not_answered_are_found_by_reading() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        let [change, _] = vendor.changes();
        app.faults(vendor, [vendor.on_update(Fault::DropAfterApply)]);
        app.admin().patch(&path, change).await.expect(200);
        app.faults(vendor, [vendor.on_delete(Fault::DropAfterApply)]);
        app.admin().delete(&path).await.expect(204);
        assert_eq!(app.effects(vendor).len(), 3, "{:#?}", app.effects(vendor));
        app.stop().await;
    }
}

#[tokio::test]
async fn what_was_not_done_is_repeated_where_that_is_safe_and_failed_where_not() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.faults(vendor, [vendor.on_create(Fault::DropBeforeApply)]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let operation = app.operations().await.remove(0);
        if vendor.chooses_ids {
            answer.expect(201);
            assert_eq!(operation["sends"], 2);
            app.the_effect(vendor);
        } else {
            let problem = answer.problem(503, "upstream_unavailable");
            assert_eq!(problem["operation_id"], operation["id"]);
            assert_eq!(
                (&operation["status"], &operation["sends"]),
                (&json!("failed"), &json!(1))
            );
            assert!(app.effects(vendor).is_empty());
            // Nothing of it is in the way of another try.
            app.create_account(vendor.new_account("newcomer")).await;
            app.the_effect(vendor);
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn absence_is_believed_after_two_readings_far_enough_apart() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.faults(DEVO, [DEVO.on_create(Fault::DropBeforeApply)]);
    let answer = app
        .admin()
        .post("/v1/accounts", DEVO.new_account("newcomer"))
        .await;
    answer.problem(503, "upstream_unavailable");
    let requests = app.requests(DEVO);
    let sent = requests
        .iter()
        .position(|request| request.method == "POST")
        .expect("it was sent");
    let readings = &requests[sent + 1..];
    let apart = |one: usize, other: usize| readings[other].at - readings[one].at;
    let quiet = chrono::TimeDelta::milliseconds(700);
    let last = readings.len() - 1;
    assert!(
        readings[last].at - requests[sent].at >= quiet * 2,
        "two quiet times after the sending"
    );
    assert!(apart(0, last) >= quiet, "{readings:#?}");
    app.stop().await;
}

#[tokio::test]
async fn an_effect_that_shows_late_is_not_made_twice() {
    // The vendor takes the request, hangs, and does it long after we gave up waiting for the answer.
    for vendor in [LUNA, LUMOS] {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.faults(vendor, [vendor.on_create(Fault::DelayMs { value: 900 })]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        answer.expect(201);
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_slow_vendor_is_answered_202_and_done() {
    for vendor in WRITABLE {
        let app = slow(vendor).await;
        app.faults(vendor, [vendor.on_create(Fault::DelayMs { value: 800 })]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let operation = answer.expect(202);
        assert_eq!(
            answer.header("location"),
            format!("/v1/operations/{}", text(&operation["id"]))
        );
        assert!(
            ["pending", "running"].contains(&text(&operation["status"])),
            "{operation:#}"
        );
        let done = app.wait_operation(&operation["id"]).await;
        assert_eq!(
            (&done["status"], &done["effect"]),
            (&json!("succeeded"), &json!("created"))
        );
        let account = app.account(&done["account_id"]).await;
        assert_eq!(account["email"], "newcomer@example.org");
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn who_does_not_want_to_wait_gets_the_operation_at_once() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.faults(LUNA, [LUNA.on_create(Fault::DelayMs { value: 400 })]);
    let started = tokio::time::Instant::now();
    let answer = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .respond_async()
        .await;
    let operation = answer.expect(202);
    assert!(
        started.elapsed() < Duration::from_millis(350),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(
        app.wait_operation(&operation["id"]).await["status"],
        "succeeded"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_client_that_hangs_up_changes_nothing() {
    for vendor in WRITABLE {
        let app = slow(vendor).await;
        app.faults(vendor, [vendor.on_create(Fault::DelayMs { value: 500 })]);
        let ask = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .into_future();
        let request = tokio::spawn(ask);
        eventually("the vendor's being asked", async || {
            app.operations()
                .await
                .first()
                .filter(|operation| operation["sent_at"].is_string())
                .cloned()
        })
        .await;
        request.abort();
        let operation = app.operations().await.remove(0);
        let done = app.wait_operation(&operation["id"]).await;
        assert_eq!(done["status"], "succeeded");
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_vendor_that_can_not_be_reached_is_a_failure_that_may_pass() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let body = json!({
        "name": "closed", "vendor": "luna", "settings": {"base_url": "https://luna.invalid"},
        "credentials": {"kind": "none"}, "sync_every_seconds": 0,
    });
    app.admin().post("/v1/connections", body).await.expect(201);
    let mut body = LUNA.new_account("newcomer");
    body["connection_id"] = json!("closed");
    let answer = app.admin().post("/v1/accounts", body).await;
    let problem = answer.problem(503, "upstream_unavailable");
    assert_eq!(problem["retryable"], true);
    let operation = app.operation(&problem["operation_id"]).await;
    assert_eq!(operation["status"], "failed");
    app.stop().await;
}

#[tokio::test]
async fn a_refusal_of_our_credentials_is_told_as_such() {
    let app = TestApp::builder()
        .vendor_quirk(LUNA, "auth", "bearer")
        .start()
        .await;
    let replaced = json!({"credentials": {"kind": "bearer", "token": "not-the-right-one"}});
    app.admin()
        .patch("/v1/connections/luna", replaced)
        .await
        .expect(200);
    let answer = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .await;
    let problem = answer.problem(502, "upstream_auth_failed");
    assert_eq!(problem["upstream"]["vendor"], "luna");
    assert_eq!(problem["upstream"]["status"], 401);
    assert!(!answer.text.contains("not-the-right-one"));
    assert!(app.effects(LUNA).is_empty());
    app.stop().await;
}

/// A replica that gives the vendor time and its callers little.
async fn slow(vendor: Vendor) -> TestApp {
    TestApp::builder()
        .vendor(vendor)
        .settings(|settings| {
            settings.services.answer_wait = Duration::from_millis(150);
            settings.services.attempt = Duration::from_secs(3);
            settings.transport.attempt_timeout = Duration::from_secs(3);
        })
        .start()
        .await
}

#[tokio::test]
async fn a_password_change_that_was_not_answered_is_sent_again_not_guessed() {
    // A password can't be read back; setting it again can't hurt.
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    app.faults(LUNA, [LUNA.on_update(Fault::DropBeforeApply)]);
    let change: Value = json!({"password": "second-secret"});
    app.admin().patch(&path, change).await.expect(200);
    let operation = app.operations().await.remove(1);
    assert_eq!(
        (&operation["status"], &operation["sends"]),
        (&json!("succeeded"), &json!(2))
    );
    app.stop().await;
}
