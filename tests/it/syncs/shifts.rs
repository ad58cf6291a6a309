//! Listings that shift while they are read: numbered pages, with rows that come and go.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{add, patient, remove, rows};
use crate::support::app::{part, text};
use crate::support::{LUNA, TestApp, eventually};

/// Luna lists the newest first, 20 to a page, and takes its time.
async fn slow(accounts: usize) -> TestApp {
    TestApp::builder()
        .vendor_of(LUNA, accounts)
        .settings(|settings| {
            patient(settings);
            settings.services.page_size = 20;
        })
        .start()
        .await
}

fn slow_down(app: &TestApp) {
    let delay = Fault::DelayMs { value: 150 };
    app.faults(LUNA, [LUNA.on_list(delay).times(0)]);
}

/// Starts a run and waits until it has read some pages; the run.
async fn under_way(app: &TestApp, pages: i64) -> Value {
    let run = app.start_sync(LUNA).await;
    eventually("some pages", async || {
        let runs = app.get("/v1/connections/luna/syncs?limit=1").await;
        (runs["items"][0]["pages"].as_i64()? >= pages).then_some(())
    })
    .await;
    run
}

/// What Luna holds, in the order of its listing.
fn held(app: &TestApp) -> Vec<Value> {
    let accounts = app.simulator(LUNA).state().accounts;
    accounts
        .iter()
        .map(|account| account["account_id"].clone())
        .collect()
}

/// The vendor's ids of our live rows.
async fn known(app: &TestApp) -> Vec<Value> {
    let accounts = app.accounts(LUNA, "").await;
    accounts
        .iter()
        .map(|account| account["external_id"].clone())
        .collect()
}

#[tokio::test]
async fn a_row_that_slips_over_the_border_of_two_pages_is_met_by_the_same_run() {
    let app = slow(160).await;
    slow_down(&app);
    let newest = held(&app)[0].clone();
    let run = under_way(&app, 3).await;
    // It was on the first page: the first row of each later page moves to the page before, which was read already.
    app.drift(LUNA, json!([remove(&newest)]));
    let run = app.sync_ended(LUNA, &run["id"]).await;
    assert_eq!(run["status"], "complete", "{run:#}");
    let accounts = part(&run, "accounts");
    assert_eq!(
        (&accounts["passes"], &accounts["total"]),
        (&json!(2), &json!(159))
    );
    assert_eq!(accounts["pages"], 16);
    let known = known(&app).await;
    for id in held(&app) {
        assert!(known.contains(&id), "{id} was lost");
    }
    assert!(
        known.contains(&newest),
        "a run that met it does not judge it"
    );
    app.simulator(LUNA).clear_faults();
    let next = app.synced(LUNA).await;
    assert_eq!((&next["removed"], &next["passes"]), (&json!(1), &json!(1)));
    app.stop().await;
}

#[tokio::test]
async fn a_row_that_comes_while_the_listing_is_read_is_met_by_the_same_run() {
    let app = slow(160).await;
    app.synced(LUNA).await;
    slow_down(&app);
    let run = under_way(&app, 3).await;
    // It is the first one now, on a page that was read already; the others move on, and show twice.
    app.drift(LUNA, json!([add(LUNA, "newcomer", None)]));
    let run = app.sync_ended(LUNA, &run["id"]).await;
    assert_eq!(run["status"], "complete", "{run:#}");
    let counts = ["passes", "created", "removed", "seen"]
        .map(|count| part(&run, "accounts")[count].as_i64());
    assert_eq!(counts, [Some(2), Some(1), Some(0), Some(161)]);
    let found = app.accounts(LUNA, "&email=newcomer@example.org").await;
    assert_eq!(found.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn what_was_gone_before_goes_in_a_run_that_shifts_and_what_goes_meanwhile_in_the_next() {
    let app = slow(160).await;
    app.synced(LUNA).await;
    let before = held(&app);
    app.drift(LUNA, json!([remove(&before[70])]));
    slow_down(&app);
    let run = under_way(&app, 3).await;
    app.drift(LUNA, json!([remove(&before[1])]));
    let run = app.sync_ended(LUNA, &run["id"]).await;
    assert_eq!(run["status"], "complete", "{run:#}");
    let accounts = part(&run, "accounts");
    assert_eq!(
        (&accounts["passes"], &accounts["removed"]),
        (&json!(2), &json!(1))
    );
    let now = known(&app).await;
    assert!(!now.contains(&before[70]) && now.contains(&before[1]));
    app.simulator(LUNA).clear_faults();
    assert_eq!(app.synced(LUNA).await["removed"], 1);
    assert!(!known(&app).await.contains(&before[1]));
    app.stop().await;
}

#[tokio::test]
async fn a_listing_that_never_rests_removes_nothing() {
    let app = slow(120).await;
    app.synced(LUNA).await;
    let before = rows(&app).await;
    slow_down(&app);
    let over = AtomicBool::new(false);
    let unrest = async {
        let mut gone = 0;
        while !over.load(Ordering::Relaxed) && gone < 45 {
            let id = held(&app)[0].clone();
            app.drift(LUNA, json!([remove(&id)]));
            gone += 1;
            sleep(Duration::from_millis(130)).await;
        }
        gone
    };
    let sync = async {
        let run = app.sync(LUNA).await;
        over.store(true, Ordering::Relaxed);
        run
    };
    let (gone, run) = tokio::join!(unrest, sync);
    assert_eq!(run["status"], "incomplete", "{run:#}");
    assert_eq!((&run["passes"], &run["removed"]), (&json!(3), &json!(0)));
    let defects = run["defects"].as_array().expect("defects");
    assert!(
        defects
            .iter()
            .any(|why| text(why).contains("the vendor counted")),
        "{run:#}"
    );
    assert_eq!(rows(&app).await, before);
    app.simulator(LUNA).clear_faults();
    assert_eq!(app.synced(LUNA).await["removed"], gone);
    app.stop().await;
}

/// A vendor whose total is simply wrong costs three passes, never a row.
#[tokio::test]
async fn a_listing_that_is_always_short_is_gone_over_three_times() {
    let app = slow(90).await;
    app.synced(LUNA).await;
    let before = rows(&app).await;
    app.faults(LUNA, [LUNA.on_list(Fault::PageRepeat).times(0)]);
    let run = app.sync(LUNA).await;
    assert_eq!(
        (&run["status"], &run["passes"]),
        (&json!("incomplete"), &json!(3)),
        "{run:#}"
    );
    assert_eq!(rows(&app).await, before);
    app.stop().await;
}
