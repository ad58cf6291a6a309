//! A multitenant through the whole gateway: synced, written, and never taken for gone.

use std::collections::BTreeMap;

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};

use super::{ACME, ADA, BETA, CLOSED, PARENT, RESEARCH};
use crate::support::app::{part, text};
use crate::support::{DEVO_MULTITENANT, TestApp};

async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(DEVO_MULTITENANT).start().await;
    app.synced(DEVO_MULTITENANT).await;
    app
}

/// The ids of the domains by name.
async fn domains(app: &TestApp) -> BTreeMap<String, Value> {
    let all = app
        .all("/v1/resources?connection_id=devo-multitenant")
        .await;
    all.into_iter()
        .map(|one| (text(&one["name"]).to_owned(), one["id"].clone()))
        .collect()
}

#[tokio::test]
async fn a_sync_shows_every_domain_with_its_users_and_roles() {
    let app = synced().await;
    let domains = domains(&app).await;
    let names: Vec<_> = domains.keys().map(String::as_str).collect();
    assert_eq!(names, [ACME, BETA, CLOSED, PARENT, RESEARCH]);
    let below = app
        .all("/v1/resources?connection_id=devo-multitenant")
        .await;
    for one in below.iter().filter(|one| one["name"] != PARENT) {
        assert_eq!(one["parent_id"], domains[PARENT], "{one:#}");
    }
    let ada = app
        .accounts(DEVO_MULTITENANT, &format!("&email={ADA}"))
        .await;
    let places: Vec<_> = ada.iter().map(|one| &one["resource_id"]).collect();
    assert_eq!(places.len(), 2);
    assert!(places.contains(&&domains[ACME]) && places.contains(&&domains[RESEARCH]));
    let roles = app
        .all("/v1/entitlements?connection_id=devo-multitenant&limit=1000")
        .await;
    assert_eq!(roles.len(), 25);
    let identities = app.all(&format!("/v1/identities?email={ADA}")).await;
    assert_eq!(identities.len(), 1, "one person");
    assert_eq!(identities[0]["accounts"].as_array().map(Vec::len), Some(2));
    app.stop().await;
}

#[tokio::test]
async fn a_new_user_needs_a_domain_and_the_first_one_is_asked_to_own_it() {
    let app = synced().await;
    let body = |attributes: Value| {
        json!({
            "connection_id": "devo-multitenant", "email": "new@example.org", "attributes": attributes
        })
    };
    let create = async |attributes: Value| app.admin().post("/v1/accounts", body(attributes)).await;
    let missing = create(json!({})).await;
    assert_eq!(missing.pointers(), ["/attributes/domain"]);
    missing.problem(400, "invalid_request");
    let unknown = create(json!({ "domain": "nowhere@parent" })).await;
    assert_eq!(unknown.pointers(), ["/attributes/domain"]);
    let problem = unknown.problem(400, "invalid_request");
    assert!(
        problem["errors"][0]["detail"]
            .to_string()
            .contains("nowhere@parent"),
        "{problem:#}"
    );
    let first = create(json!({ "domain": BETA })).await;
    let detail = first.problem(409, "conflict")["detail"].to_string();
    assert!(detail.contains("give the role OWNER"), "{detail}");
    assert!(app.effects(DEVO_MULTITENANT).is_empty());
    let made = create(json!({ "domain": BETA, "role": "OWNER" }))
        .await
        .expect(201);
    assert_eq!(made["resource_id"], domains(&app).await[BETA]);
    assert_eq!(app.the_effect(DEVO_MULTITENANT).after["owner"], true);
    app.stop().await;
}

#[tokio::test]
async fn a_domain_that_refuses_leaves_a_run_incomplete_and_everybody_there() {
    let app = synced().await;
    let before = app.accounts(DEVO_MULTITENANT, "").await;
    let no = Fault::Status {
        code: 400,
        headers: BTreeMap::new(),
        body: Some(json!({ "error": { "code": 100, "message": "Domain is closed" } })),
        apply: false,
    };
    let strikes = Rule::new(no).path_contains("/user/domain/closed").times(0);
    app.faults(DEVO_MULTITENANT, [strikes]);
    // Others go meanwhile, and are not taken for gone either.
    app.drift(
        DEVO_MULTITENANT,
        json!([{ "op": "remove", "kind": "account", "id": ADA, "value": { "domain": RESEARCH } }]),
    );
    let run = app.sync(DEVO_MULTITENANT).await;
    assert_eq!(run["status"], "incomplete", "{run:#}");
    let accounts = part(&run, "accounts");
    assert_eq!(
        (&accounts["status"], &accounts["removed"]),
        (&json!("incomplete"), &json!(0))
    );
    assert!(text(&accounts["defects"][0]).contains("closed@parent can't be listed"));
    assert_eq!(app.accounts(DEVO_MULTITENANT, "").await, before);
    app.simulator(DEVO_MULTITENANT).clear_faults();
    let run = app.synced(DEVO_MULTITENANT).await;
    assert_eq!(part(&run, "accounts")["removed"], 1);
    app.stop().await;
}

#[tokio::test]
async fn a_domain_that_went_takes_its_users_with_it_after_they_were_looked_for() {
    let app = synced().await;
    let ada = app
        .accounts(DEVO_MULTITENANT, &format!("&email={ADA}"))
        .await;
    let lost = &domains(&app).await[RESEARCH];
    app.drift(
        DEVO_MULTITENANT,
        json!([{ "op": "remove", "kind": "domain", "id": RESEARCH }]),
    );
    let before = app.requests(DEVO_MULTITENANT).len();
    let run = app.synced(DEVO_MULTITENANT).await;
    assert_eq!(part(&run, "resources")["removed"], 1, "{run:#}");
    assert_eq!(part(&run, "entitlements")["removed"], 5);
    assert_eq!(part(&run, "accounts")["removed"], 4);
    let asked = app.requests(DEVO_MULTITENANT);
    let alone = asked[before..]
        .iter()
        .filter(|one| one.path.starts_with("/probio/user/email/") && one.path.contains("research"));
    assert_eq!(alone.count(), 4, "each of them was looked for");
    for account in ada {
        let gone = account["resource_id"] == *lost;
        let now = app.account(&account["id"]).await;
        assert_eq!(now["status"] == "deleted", gone, "{now:#}");
    }
    app.stop().await;
}
