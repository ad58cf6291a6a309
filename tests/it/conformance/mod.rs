//! What every adapter has to stand, each against its vendor's simulator: one suite for all. `matrix` takes each capability of each
//! variant by itself; here is what takes the whole service.

mod act;
mod book;
mod cases;
mod drive;
mod front;
mod matrix;
mod outcome;
mod readings;
mod skew;
mod values;
mod writings;

use std::collections::BTreeMap;
use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::part;
use crate::support::app::text;
use crate::support::{CREATABLE, DEVO, DEVO_MULTITENANT, READABLE, TestApp, Vendor};

fn status(code: u16, headers: &[(&str, &str)], body: Value) -> Fault {
    Fault::Status {
        code,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        body: Some(body),
        apply: false,
    }
}

async fn app(vendor: Vendor) -> TestApp {
    TestApp::builder().vendor_of(vendor, 30).start().await
}

#[tokio::test]
async fn a_listing_is_whole_at_a_page_size_of_one() {
    for vendor in READABLE {
        let app = TestApp::builder()
            .vendor_of(vendor, 7)
            .settings(|settings| settings.services.page_size = 1)
            .start()
            .await;
        let there = app.held(vendor);
        let run = app.synced(vendor).await;
        let run = part(&run, "accounts");
        assert_eq!(run["seen"], there, "{}", vendor.name);
        // Devo has no pages, a domain is one.
        if ![DEVO, DEVO_MULTITENANT].contains(&vendor) {
            assert!(run["pages"].as_u64() >= Some(there as u64), "{run:#}");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn an_empty_vendor_is_empty_and_not_wrong() {
    for vendor in READABLE {
        let app = TestApp::builder().vendor_of(vendor, 0).start().await;
        let there = app.held(vendor);
        let run = app.synced(vendor).await;
        assert_eq!(part(&run, "accounts")["seen"], there, "{}", vendor.name);
        let page = app.get("/v1/accounts").await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(there));
        assert_eq!(page["stale"], false);
        app.stop().await;
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_told_and_not_retried() {
    for vendor in READABLE {
        for (code, body) in [
            (401, json!({"error": {"code": 100, "message": "no"}})),
            (403, json!("forbidden")),
        ] {
            let app = app(vendor).await;
            app.faults(vendor, [vendor.on_list(status(code, &[], body)).times(0)]);
            let before = app.requests(vendor).len();
            let run = app.sync(vendor).await;
            assert_eq!(run["status"], "failed", "{run:#}");
            assert_eq!(
                run["error"]["code"], "upstream_auth_failed",
                "{code} at {}",
                vendor.name
            );
            let asked = app
                .requests(vendor)
                .iter()
                .skip(before)
                .filter(|request| request.status == Some(code))
                .count();
            // A 403 may be about one listing alone, so that each part of the run asks for its own, once.
            let asking = if code == 403 {
                run["parts"].as_array().map_or(1, Vec::len)
            } else {
                1
            };
            assert!(
                (1..=vendor.shows_refused * asking).contains(&asked),
                "asking again would lock the account: {asked} times at {}",
                vendor.name
            );
            app.stop().await;
        }
    }
}

#[tokio::test]
async fn a_vendor_that_asks_for_patience_gets_it() {
    for vendor in READABLE {
        let app = app(vendor).await;
        let busy = status(429, &[("retry-after", "1")], json!({"error": "slow down"}));
        app.faults(vendor, [vendor.on_list(busy)]);
        let run = app.synced(vendor).await;
        assert_eq!(run["defects"], json!([]));
        let requests = app.requests(vendor);
        let refused = requests
            .iter()
            .position(|request| request.status == Some(429))
            .expect("it was refused once");
        let waited = requests[refused + 1].at - requests[refused].at;
        assert!(
            waited >= chrono::TimeDelta::milliseconds(950),
            "waited {waited} at {}",
            vendor.name
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn a_write_that_is_refused_for_now_is_told_with_the_time() {
    for vendor in CREATABLE {
        let app = app(vendor).await;
        let busy = status(429, &[("retry-after", "7")], json!({"error": "slow down"}));
        app.faults(vendor, [vendor.on_create(busy)]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let problem = answer.problem(503, "upstream_rate_limited");
        assert_eq!(problem["retryable"], true);
        assert_eq!(answer.header("retry-after"), "7", "{}", vendor.name);
        assert!(app.effects(vendor).is_empty());
        app.create_account(vendor.new_account("newcomer")).await;
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_ridden_out() {
    for vendor in READABLE {
        for fault in [
            status(500, &[], json!("oops")),
            status(503, &[], Value::Null),
            Fault::Malformed,
            Fault::DropAfterApply,
        ] {
            let app = app(vendor).await;
            app.faults(vendor, [vendor.on_list(fault.clone()).times(2)]);
            let run = app.synced(vendor).await;
            let seen = &part(&run, "accounts")["seen"];
            assert_eq!(*seen, app.held(vendor), "{fault:?}");
            app.stop().await;
        }
    }
}

#[tokio::test]
async fn a_failure_that_stays_is_told_by_its_kind_and_removes_nothing() {
    for vendor in READABLE {
        let cases = [
            (status(500, &[], json!("oops")), "upstream_unavailable"),
            (Fault::Malformed, "upstream_malformed"),
            (Fault::Oversized { mib: 2 }, "upstream_malformed"),
            (
                Fault::Redirect {
                    location: "https://elsewhere.example/".into(),
                },
                "upstream_rejected",
            ),
        ];
        let app = TestApp::builder()
            .vendor_of(vendor, 30)
            .settings(|settings| settings.transport.max_answer_bytes = 1 << 20)
            .start()
            .await;
        app.synced(vendor).await;
        let before = app.accounts(vendor, "").await;
        for (fault, code) in cases {
            app.faults(vendor, [vendor.on_list(fault.clone()).times(0)]);
            let run = app.sync(vendor).await;
            assert_eq!(run["status"], "failed", "{run:#}");
            assert_eq!(
                run["error"]["code"], code,
                "{fault:?} at {}: {run:#}",
                vendor.name
            );
            assert_eq!(run["removed"], 0);
            app.simulator(vendor).clear_faults();
        }
        assert_eq!(app.accounts(vendor, "").await, before);
        app.stop().await;
    }
}

/// Whether a call went where a redirect of this test leads.
fn followed(app: &TestApp, vendor: Vendor) -> bool {
    let requests = app.requests(vendor);
    requests
        .iter()
        .any(|request| request.path.contains("somewhere-else"))
}

fn redirect(app: &TestApp, vendor: Vendor) -> Fault {
    let location = format!("{}/somewhere-else", app.simulator(vendor).url);
    Fault::Redirect { location }
}

#[tokio::test]
async fn a_redirect_of_a_listing_is_never_followed() {
    for vendor in READABLE {
        let app = app(vendor).await;
        let elsewhere = redirect(&app, vendor);
        app.faults(vendor, [vendor.on_list(elsewhere).times(0)]);
        assert_eq!(app.sync(vendor).await["status"], "failed");
        assert!(!followed(&app, vendor), "{}", vendor.name);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_redirect_of_a_write_is_never_followed() {
    for vendor in CREATABLE {
        let app = app(vendor).await;
        let elsewhere = redirect(&app, vendor);
        app.faults(vendor, [vendor.on_create(elsewhere)]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        // Who chooses ids may have asked again, at the right place.
        let made = app.effects(vendor).len();
        assert_eq!(
            answer.status.is_success(),
            made == 1,
            "{}: {answer}",
            vendor.name
        );
        assert!(!followed(&app, vendor), "{}", vendor.name);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_write_that_timed_out_is_neither_lost_nor_made_twice() {
    for vendor in CREATABLE {
        let app = app(vendor).await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        // Longer than an attempt may take; the vendor goes on without us.
        if vendor.has_updates {
            app.faults(vendor, [vendor.on_update(Fault::DelayMs { value: 700 })]);
            let [change, _] = vendor.changes();
            app.admin().patch(&path, change).await.expect(200);
        }
        app.faults(vendor, [vendor.on_delete(Fault::DelayMs { value: 700 })]);
        app.admin().delete(&path).await.expect(204);
        // A repeated change is the same change; nothing else may have happened.
        let effects = app.effects(vendor);
        let deleted = effects
            .iter()
            .filter(|effect| effect.after.is_null())
            .count();
        assert_eq!(deleted, 1, "{effects:#?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_listing_that_is_an_error_inside_a_200_is_an_error() {
    for vendor in READABLE {
        let app = app(vendor).await;
        app.faults(
            vendor,
            [vendor.on_list(Fault::ErrorIn200 { body: None }).times(0)],
        );
        let run = app.sync(vendor).await;
        assert_eq!(run["status"], "failed", "{}: {run:#}", vendor.name);
        assert_eq!(run["removed"], 0);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_write_that_is_an_error_inside_a_200_is_settled_by_reading() {
    for vendor in CREATABLE {
        let app = app(vendor).await;
        app.faults(vendor, [vendor.on_create(Fault::ErrorIn200 { body: None })]);
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        // Nothing was made there. Who chooses ids may have asked again, and then there is one.
        let made = app.effects(vendor).len();
        assert_eq!(
            answer.status.is_success(),
            made == 1,
            "{}: {answer}",
            vendor.name
        );
        assert!(made <= 1);
        let operation = app.operations().await.remove(0);
        let word = if made == 1 { "succeeded" } else { "failed" };
        assert_eq!(operation["status"], word, "{operation:#}");
        app.stop().await;
    }
}

#[tokio::test]
async fn one_vendors_trouble_stays_its_own() {
    let app = TestApp::builder()
        .vendor(crate::support::LUNA)
        .vendor(DEVO)
        .settings(|settings| {
            settings.transport.breaker.failures = 3;
            settings.transport.breaker.open_for = Duration::from_secs(2);
        })
        .start()
        .await;
    let every = iam_gateway::simulators::Rule::new(status(500, &[], json!("oops"))).times(0);
    app.faults(DEVO, [every]);
    let check = async || {
        app.admin()
            .post("/v1/connections/devo/check", Value::Null)
            .await
            .expect(200)
    };
    for _ in 0..3 {
        assert_eq!(check().await["healthy"], false);
    }
    let asked = app.requests(DEVO).len();
    let started = tokio::time::Instant::now();
    assert_eq!(check().await["healthy"], false);
    assert!(
        started.elapsed() < Duration::from_millis(500),
        "the breaker answers at once"
    );
    assert_eq!(app.requests(DEVO).len(), asked, "and sends nothing");
    app.create_account(crate::support::LUNA.new_account("newcomer"))
        .await;
    app.simulator(DEVO).clear_faults();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(check().await["healthy"], true, "a probe closes it again");
    app.stop().await;
}
