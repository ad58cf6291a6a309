//! Outcomes that nobody can tell: the grant keeps its word until a person says how it ended.

use std::time::Duration;

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{BRUNO, last_operation, on_roles, row, status, wish};
use crate::support::app::text;
use crate::support::{DEVO, TestApp};

/// A grant whose request was sent, and of which nothing could be read afterwards.
async fn parked() -> TestApp {
    let app = TestApp::builder()
        .vendor(DEVO)
        .settings(|settings| settings.services.give_up = Duration::from_secs(1))
        .start()
        .await;
    app.synced(DEVO).await;
    let body = wish(&app, BRUNO, "reviewer").await;
    app.faults(DEVO, [on_roles(Fault::DropAfterApply)]);
    // Readings work until it is sent; after that none does.
    let readings = app.requests(DEVO).len() as u64;
    let plan = app.admin().post("/v1/grants?mode=plan", body.clone()).await;
    plan.expect(200);
    let needed = app.requests(DEVO).len() as u64 - readings;
    let unreadable = iam_gateway::simulators::Rule::new(Fault::Malformed)
        .method("GET")
        .after(needed)
        .times(0);
    app.faults(DEVO, [unreadable]);
    let answer = app.admin().post("/v1/grants", body).await;
    answer.problem(502, "outcome_unknown");
    app.simulator(DEVO).clear_faults();
    assert_eq!(
        status(&app, BRUNO, "reviewer").await.as_deref(),
        Some("granting")
    );
    app
}

#[tokio::test]
async fn a_sync_does_not_end_what_a_person_has_to() {
    let app = parked().await;
    app.sync(DEVO).await;
    assert_eq!(
        status(&app, BRUNO, "reviewer").await.as_deref(),
        Some("granting")
    );
    app.stop_with_parked().await;
}

#[tokio::test]
async fn a_person_says_how_it_ended() {
    for (outcome, expected) in [
        ("succeeded", ("active", true)),
        ("failed", ("deleted", false)),
    ] {
        let app = parked().await;
        let operation = last_operation(&app).await;
        let path = format!("/v1/operations/{}/resolve", text(&operation["id"]));
        let body = json!({"outcome": outcome, "reason": "Looked at it."});
        app.admin().post(&path, body).await.expect(200);
        let (status, managed, _) = row(&app, BRUNO, "reviewer").await.expect("its row");
        assert_eq!((status.as_str(), managed), expected);
        app.stop().await;
    }
}
