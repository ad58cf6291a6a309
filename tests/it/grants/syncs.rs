//! A sync beside a grant: it neither undoes it nor ends it.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use tokio::time::sleep;

use super::{ADA, give, on_write, row, status, synced, wish};
use crate::support::LUNA;

#[tokio::test]
async fn a_page_that_is_older_than_a_grant_does_not_undo_it() {
    let app = synced(LUNA).await;
    // The listing is read at the vendor before the grant, and arrives after it.
    app.faults(LUNA, [LUNA.on_list(Fault::DelayMs { value: 400 }).times(0)]);
    let run = app.start_sync(LUNA).await;
    sleep(Duration::from_millis(150)).await;
    give(&app, ADA, "admin").await;
    let run = app.sync_ended(LUNA, &run["id"]).await;
    assert_eq!(run["status"], "complete", "{run:#}");
    let held = row(&app, ADA, "admin").await;
    assert_eq!(held, Some(("active".into(), true, Some("user".into()))));
    assert_eq!(status(&app, ADA, "user").await.as_deref(), Some("deleted"));
    app.stop().await;
}

#[tokio::test]
async fn a_sync_leaves_a_grant_alone_that_is_under_way() {
    let app = synced(LUNA).await;
    app.faults(LUNA, [on_write(LUNA, Fault::DelayMs { value: 450 })]);
    let body = wish(&app, ADA, "admin").await;
    let giving = app.admin().post("/v1/grants", body).respond_async();
    let giving = giving.await.expect(202);
    app.synced(LUNA).await;
    let meanwhile = status(&app, ADA, "admin").await;
    assert!(
        matches!(meanwhile.as_deref(), Some("granting" | "active")),
        "{meanwhile:?}"
    );
    app.wait_operation(&giving["id"]).await;
    app.synced(LUNA).await;
    let held = row(&app, ADA, "admin").await;
    assert_eq!(held, Some(("active".into(), true, Some("user".into()))));
    app.stop().await;
}
