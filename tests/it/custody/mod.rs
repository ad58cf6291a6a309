//! The tokens that a connection lives by: one renewal for all callers and replicas, nothing lost, nothing shown.

mod crowd;
mod login;
mod secrets;

pub(crate) use crowd::Pair;

use std::time::Duration;

use futures_util::future::join_all;
use iam_gateway::simulators::{Drift, Fault, Received, Rule, Running};
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{Client, LIGHTELLIGENCE, TestApp};

const CHECK: &str = "/v1/connections/lightelligence/check";
const CONNECTION: &str = "/v1/connections/lightelligence";

/// What the token endpoint was asked, in order.
fn renewals(simulator: &Running) -> Vec<Received> {
    let mut all = simulator.requests();
    all.retain(|request| request.path.ends_with("/openid-connect/token"));
    all
}

fn drift(simulator: &Running, drifts: Value) {
    let drifts: Vec<Drift> = serde_json::from_value(drifts).expect("drifts");
    simulator.drift(&drifts).expect("it drifts so");
}

/// The API takes none of the access tokens that were issued so far.
fn end_access(simulator: &Running) {
    drift(simulator, json!([{"op": "remove", "kind": "access_token"}]));
}

fn on_token(fault: Fault) -> Rule {
    Rule::new(fault).method("POST").path_contains("/token")
}

fn out_of_order() -> Fault {
    Fault::Status {
        code: 500,
        headers: Default::default(),
        body: Some(json!({"error": "unknown_error"})),
        apply: false,
    }
}

async fn check(client: &Client) -> Value {
    client.post(CHECK, Value::Null).await.expect(200)
}

async fn healthy(client: &Client) {
    let checked = check(client).await;
    assert_eq!(checked["healthy"], true, "{checked:#}");
}

/// What a check of an unhealthy connection finds.
async fn finding(client: &Client) -> (String, String) {
    let checked = check(client).await;
    assert_eq!(checked["healthy"], false, "{checked:#}");
    let found = &checked["findings"][0];
    (
        text(&found["code"]).to_owned(),
        text(&found["detail"]).to_owned(),
    )
}

async fn with_quirk(name: &str, value: &str) -> TestApp {
    TestApp::builder()
        .vendor_quirk(LIGHTELLIGENCE, name, value)
        .start()
        .await
}

#[tokio::test]
async fn an_identity_provider_in_trouble_costs_time_and_nothing_else() {
    let app = TestApp::builder()
        .vendor(LIGHTELLIGENCE)
        .settings(|settings| settings.services.attempt = Duration::from_secs(5))
        .start()
        .await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    simulator.faults([on_token(out_of_order()).times(2)]);
    healthy(app.admin()).await;
    assert_eq!(renewals(simulator).len(), 3);

    end_access(simulator);
    simulator.faults([on_token(out_of_order()).times(0)]);
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "unreachable", "{detail}");
    simulator.clear_faults();
    healthy(app.admin()).await;
    let answered = renewals(simulator);
    let answered = answered
        .iter()
        .filter(|request| request.status == Some(200));
    assert_eq!(answered.count(), 2, "the token that was kept is still good");
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_where_it_can_not_be_had_that_is_told() {
    for (rotation, lost) in [("off", false), ("on", true)] {
        let app = with_quirk("rotation", rotation).await;
        let simulator = app.simulator(LIGHTELLIGENCE);
        simulator.faults([on_token(Fault::DropAfterApply)]);
        if lost {
            let (code, detail) = finding(app.admin()).await;
            assert_eq!(code, "auth_failed");
            assert!(
                detail.contains("Log in again and PATCH credentials"),
                "{detail}"
            );
        } else {
            healthy(app.admin()).await;
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_new_signing_key_costs_one_look_at_the_realm() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    let looks = || {
        let all = simulator.requests();
        all.iter()
            .filter(|request| request.path.ends_with("/certs"))
            .count()
    };
    app.create_account(LIGHTELLIGENCE.new_account("ann")).await;
    app.create_account(LIGHTELLIGENCE.new_account("ben")).await;
    assert_eq!(looks(), 1);
    drift(simulator, json!([{"op": "add", "kind": "signing_key"}]));
    end_access(simulator);
    let admin = app.admin();
    let crowd = ["cat", "dan", "eve", "fay"].map(|who| {
        admin
            .post("/v1/accounts", LIGHTELLIGENCE.new_account(who))
            .into_future()
    });
    for made in join_all(crowd).await {
        made.expect(201);
    }
    assert_eq!(looks(), 2);
    app.stop().await;
}
