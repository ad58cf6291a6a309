//! A page is written while the next one is on its way.

use std::time::{Duration, Instant};

use iam_gateway::simulators::Fault;

use super::patient;
use crate::support::app::part;
use crate::support::{LUMOS, LUNA, TestApp, Vendor, WRITABLE, eventually};

fn listings(app: &TestApp, vendor: Vendor) -> usize {
    let word = if vendor == LUMOS {
        "list_accounts"
    } else {
        "/1/accounts"
    };
    let requests = app.requests(vendor);
    requests
        .iter()
        .filter(|request| request.path.ends_with(word))
        .count()
}

/// Numbered pages and opaque tokens alike; Devo has no pages.
#[tokio::test]
async fn the_next_page_is_asked_for_while_one_is_written_and_no_other() {
    for vendor in [LUNA, LUMOS] {
        let app = TestApp::builder()
            .vendor_of(vendor, 100)
            .settings(|settings| settings.services.page_size = 20)
            .start()
            .await;
        // The parts before have to be over when the table is locked, for they tell accounts of their resources.
        app.faults(vendor, [vendor.on_list(Fault::DelayMs { value: 400 })]);
        let run = app.start_sync(vendor).await;
        eventually("the first page", async || {
            (listings(&app, vendor) == 1).then_some(())
        })
        .await;
        let mut guard = app.sql().begin().await.expect("a transaction");
        sqlx::query("lock table accounts in share mode")
            .execute(&mut *guard)
            .await
            .expect("a lock");
        eventually("the second page", async || {
            (listings(&app, vendor) == 2).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(listings(&app, vendor), 2, "the first is not written yet");
        guard.rollback().await.expect("the lock goes");
        let run = app.sync_ended(vendor, &run["id"]).await;
        assert_eq!(run["status"], "complete", "{run:#}");
        assert_eq!(part(&run, "accounts")["seen"], 100);
        // A connector's accounts are listed for its activity too.
        if vendor == LUNA {
            // Luna shows who is of which type in the same listing.
            let parts = run["parts"].as_array().expect("parts");
            let in_it = parts
                .iter()
                .filter(|part| part["noun"] == "accounts" || part["noun"] == "grants");
            let pages: i64 = in_it.filter_map(|part| part["pages"].as_i64()).sum();
            assert_eq!(pages, listings(&app, vendor) as i64);
        }
        app.stop().await;
    }
}

/// Pages × latency is the least that a slow vendor can cost. How much more it is shows on a quiet machine; on a busy one only
/// that it is not a multiple.
#[tokio::test]
async fn a_slow_vendor_costs_its_own_time() {
    const LATENCY: Duration = Duration::from_millis(250);
    let app = TestApp::builder()
        .vendor_of(LUNA, 600)
        .settings(|settings| {
            patient(settings);
            settings.services.page_size = 50;
        })
        .start()
        .await;
    let delay = Fault::DelayMs {
        value: LATENCY.as_millis() as u64,
    };
    app.faults(LUNA, [LUNA.on_list(delay).times(0)]);
    let began = Instant::now();
    let run = app.synced(LUNA).await;
    let least = LATENCY * run["pages"].as_u64().expect("a number") as u32;
    let ratio = began.elapsed().as_secs_f64() / least.as_secs_f64();
    eprintln!("wall time / (pages x latency) = {ratio:.2}");
    assert!((1.0..4.0).contains(&ratio), "{ratio}");
    app.stop().await;
}

#[tokio::test]
async fn nothing_of_a_run_is_left_behind() {
    for vendor in WRITABLE {
        let app = TestApp::builder()
            .vendor_of(vendor, 90)
            .settings(|settings| settings.services.page_size = 20)
            .start()
            .await;
        app.synced(vendor).await;
        app.faults(vendor, [vendor.on_list(Fault::PageRepeat).times(0)]);
        app.sync(vendor).await;
        let left: i64 = sqlx::query_scalar(
            "select (select count(*) from sync_pages) + (select count(*) from sync_seen)
                 + (select count(*) from sync_missed)",
        )
        .fetch_one(app.sql())
        .await
        .expect("a count");
        assert_eq!(left, 0, "{}", vendor.name);
        app.stop().await;
    }
}
