//! Lists that are read through: by a run that they ask for, or join.

use std::time::Duration;

use futures_util::future::join_all;
use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::{connection_body, text};
use crate::support::{DEVO, LUNA, TestApp, Vendor, eventually};
use crate::syncs::patient;

async fn runs(app: &TestApp, vendor: Vendor) -> usize {
    let path = format!("/v1/connections/{}/syncs?limit=1000", vendor.connection);
    app.all(&path).await.len()
}

#[tokio::test]
async fn a_list_asks_for_a_run_and_waits_for_it() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let path = "/v1/accounts?limit=1000&connection_id=luna&max_age_seconds";
    let list = app.get(&format!("{path}=0")).await;
    let there = app.simulator(LUNA).state().accounts.len();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(there));
    assert!(
        list["as_of"].is_string() && list["stale"] == false,
        "{list}"
    );
    assert_eq!(runs(&app, LUNA).await, 1);
    let young = app.get(&format!("{path}=3600")).await;
    assert_eq!(young["as_of"], list["as_of"]);
    assert_eq!(runs(&app, LUNA).await, 1, "young enough");
    let anew = app.get(&format!("{path}=0")).await;
    assert!(text(&anew["as_of"]) > text(&list["as_of"]));
    assert_eq!(runs(&app, LUNA).await, 2);
    let requested = app
        .all("/v1/audit-events?action=connection.sync&limit=1000")
        .await;
    let asked = requested
        .iter()
        .find(|event| event["outcome"] == "requested")
        .expect("one");
    assert_eq!(asked["detail"]["max_age_seconds"], 0, "who asked is kept");
    app.stop().await;
}

#[tokio::test]
async fn a_list_joins_the_run_that_is_open() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(patient)
        .start()
        .await;
    app.faults(LUNA, [LUNA.on_list(Fault::DelayMs { value: 800 }).times(1)]);
    app.start_sync(LUNA).await;
    let path = "/v1/accounts?connection_id=luna&max_age_seconds=0";
    let lists = join_all((0..5).map(|_| app.get(path))).await;
    assert!(lists.iter().all(|list| list["as_of"].is_string()));
    assert_eq!(runs(&app, LUNA).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn a_list_is_read_through_once_and_not_page_by_page() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let path = "/v1/accounts?limit=5&connection_id=luna&max_age_seconds=0";
    let page = app.get(path).await;
    let cursor = text(&page["next_cursor"]);
    app.get(&format!("{path}&cursor={cursor}")).await;
    assert_eq!(runs(&app, LUNA).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn a_list_whose_run_fails_or_lasts_answers_with_what_there_is() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| {
            patient(settings);
            settings.services.answer_wait = Duration::from_millis(600);
        })
        .start()
        .await;
    let path = "/v1/accounts?limit=1000&connection_id=luna&max_age_seconds=0";
    app.faults(
        LUNA,
        [LUNA.on_list(Fault::DelayMs { value: 1500 }).times(1)],
    );
    let early = app.get(path).await;
    assert_eq!(early["items"], json!([]));
    assert_eq!(
        (&early["as_of"], &early["stale"]),
        (&Value::Null, &json!(true))
    );
    eventually("the run's end", async || {
        let runs = app.get("/v1/connections/luna/syncs").await;
        (runs["items"][0]["status"] == "complete").then_some(())
    })
    .await;
    let good = app.get("/v1/accounts?connection_id=luna").await;
    app.faults(
        LUNA,
        [LUNA
            .on_list(Fault::Status {
                code: 401,
                headers: Default::default(),
                body: Some(json!({"error_code": 12010, "desc": "x", "detail": "x"})),
                apply: false,
            })
            .times(0)],
    );
    // The answer may come before the run has failed: then the next one tells.
    let failed = eventually("an answer that tells of the failure", async || {
        let answer = app.get(path).await;
        (answer["stale"] == true).then_some(answer)
    })
    .await;
    assert_eq!(failed["as_of"], good["as_of"]);
    assert_ne!(failed["items"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn a_wide_list_reads_every_old_connection_anew() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(DEVO).await;
    let list = app.get("/v1/accounts?max_age_seconds=3600").await;
    assert!(list["as_of"].is_string());
    assert_eq!((runs(&app, LUNA).await, runs(&app, DEVO).await), (1, 1));
    let people = app
        .get("/v1/identities?max_age_seconds=0&connection_id=luna")
        .await;
    assert!(people["as_of"].is_string());
    assert_eq!((runs(&app, LUNA).await, runs(&app, DEVO).await), (2, 2));
    app.stop().await;
}

#[tokio::test]
async fn no_list_reads_more_than_twenty_connections_anew() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    for number in 0..20 {
        let body = connection_body(LUNA, app.simulator(LUNA), &format!("luna-{number}"));
        app.admin().post("/v1/connections", body).await.expect(201);
    }
    for list in ["accounts", "identities"] {
        let answer = app
            .admin()
            .get(&format!("/v1/{list}?max_age_seconds=5"))
            .await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["max_age_seconds"]);
    }
    assert_eq!(app.requests(LUNA).len(), 0);
    app.get("/v1/accounts?max_age_seconds=5&connection_id=luna-7")
        .await;
    app.stop().await;
}
