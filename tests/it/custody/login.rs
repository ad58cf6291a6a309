//! Kinds of logins, and what is said when one is of no use.

use iam_gateway::simulators::kit::people;
use serde_json::{Value, json};

use super::{CONNECTION, drift, end_access, finding, healthy, renewals, with_quirk};
use crate::support::{LIGHTELLIGENCE, TestApp};

#[tokio::test]
async fn a_dead_credential_is_told_at_once_until_there_is_another() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    healthy(app.admin()).await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    drift(simulator, json!([{"op": "remove", "kind": "session"}]));
    end_access(simulator);
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "auth_failed");
    assert!(
        detail.contains("Session not active")
            && detail.contains("Log in again and PATCH credentials"),
        "{detail}"
    );
    let asked = simulator.requests().len();
    for _ in 0..3 {
        assert_eq!(finding(app.admin()).await.1, detail);
    }
    let refused = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    refused.problem(502, "upstream_auth_failed");
    assert_eq!(
        app.sync(LIGHTELLIGENCE).await["error"]["code"],
        "upstream_auth_failed"
    );
    assert_eq!(
        simulator.requests().len(),
        asked,
        "the vendor is left alone"
    );

    let credentials = json!({"kind": "client_credentials", "client_id": "acme-iam-service", "client_secret": "simulated-client-secret"});
    app.admin()
        .patch(CONNECTION, json!({"credentials": credentials}))
        .await
        .expect(200);
    healthy(app.admin()).await;
    // A new name is no new login.
    let before = renewals(simulator).len();
    app.admin()
        .patch(CONNECTION, json!({"name": "lights"}))
        .await
        .expect(200);
    let checked = app
        .admin()
        .post("/v1/connections/lights/check", Value::Null)
        .await
        .expect(200);
    assert_eq!(checked["healthy"], true);
    assert_eq!(renewals(simulator).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_lived_by_from_then_on() {
    let app = with_quirk("auth", "authorization_code").await;
    healthy(app.admin()).await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    end_access(simulator);
    healthy(app.admin()).await;
    let kinds: Vec<bool> = renewals(simulator)
        .iter()
        .map(|request| request.body.contains("grant_type=authorization_code"))
        .collect();
    assert_eq!(kinds, [true, false]);
    // Another adapter for the same connection goes on with what was kept.
    app.admin()
        .patch(CONNECTION, json!({"settings": {"settle_seconds": 1}}))
        .await
        .expect(200);
    healthy(app.admin()).await;
    assert_eq!(renewals(simulator).len(), 2);
    app.synced(LIGHTELLIGENCE).await;
    app.stop().await;
}

#[tokio::test]
async fn a_tenant_that_the_login_is_not_in_is_told_and_costs_no_credential() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    let home = app.get(CONNECTION).await["settings"]["tenant_id"].clone();
    let elsewhere = people::uuid("lightelligence/tenant", 2);
    let point = async |tenant: Value| {
        let change = json!({"settings": {"tenant_id": tenant}});
        app.admin().patch(CONNECTION, change).await.expect(200);
    };
    point(json!(elsewhere)).await;
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "wrong_tenant");
    assert!(
        detail.contains("tenant_id") && detail.contains(&elsewhere.to_string()),
        "{detail}"
    );
    let asked = app.requests(LIGHTELLIGENCE).len();
    let refused = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    refused.problem(502, "upstream_auth_failed");
    assert_eq!(
        app.requests(LIGHTELLIGENCE).len(),
        asked,
        "nothing was sent with such a token"
    );
    // Another tenant of the same login is switched to.
    point(json!(people::uuid("lightelligence/tenant", 1))).await;
    healthy(app.admin()).await;
    point(home).await;
    healthy(app.admin()).await;
    app.create_account(LIGHTELLIGENCE.new_account("ann")).await;
    app.stop().await;
}

#[tokio::test]
async fn the_hard_limit_of_custom_applications_is_said_plainly() {
    let app = with_quirk("auth", "custom_application").await;
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "capability_missing");
    assert!(
        detail.contains("custom application") && detail.contains("PATCH credentials"),
        "{detail}"
    );
    app.stop().await;
}
