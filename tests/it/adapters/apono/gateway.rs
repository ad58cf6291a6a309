//! A tenant through the whole gateway.

use iam_gateway::simulators::Running;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{APONO, TestApp};

const BRUNO: &str = "bruno.keller@example.org";

pub(super) async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(APONO).start().await;
    app.synced(APONO).await;
    app
}

pub(super) async fn all(app: &TestApp, noun: &str, more: &str) -> Vec<Value> {
    let path = format!(
        "/v1/{noun}?connection_id={}&limit=1000{more}",
        APONO.connection
    );
    app.all(&path).await
}

pub(super) async fn named(app: &TestApp, noun: &str, name: &str) -> Value {
    let all = all(app, noun, "").await;
    all.into_iter().find(|one| one["name"] == name).expect(name)
}

fn members(apono: &Running) -> usize {
    let groups = apono.state().groups;
    groups
        .iter()
        .map(|one| one["members"].as_array().unwrap().len())
        .sum()
}

#[tokio::test]
async fn a_full_sync_shows_what_the_tenant_has_and_who_is_in_its_groups() {
    let app = synced().await;
    let apono = app.simulator(APONO);
    let resources = all(&app, "resources", "").await;
    let database = resources
        .iter()
        .find(|one| one["kind"] == "postgresql_database")
        .unwrap();
    let parent = resources
        .iter()
        .find(|one| one["id"] == database["parent_id"])
        .unwrap();
    assert_eq!(parent["kind"], "integration");
    let deleted = all(&app, "resources", "&status=deleted").await;
    assert_eq!(deleted.len(), 2, "as the vendor itself calls them");
    let entitlements = all(&app, "entitlements", "").await;
    let groups = entitlements
        .iter()
        .filter(|one| one["kind"] == "group")
        .count();
    assert_eq!(groups, apono.state().groups.len());
    let pair = entitlements
        .iter()
        .find(|one| one["kind"] == "permission")
        .unwrap();
    assert!(resources.iter().any(|one| one["id"] == pair["resource_id"]));
    assert_eq!(all(&app, "grants", "").await.len(), members(apono));
    let raw = all(&app, "resources", "&include=raw").await;
    assert!(raw.iter().all(|one| one["raw"].is_object()));
    app.stop().await;
}

#[tokio::test]
async fn a_member_who_went_is_gone_by_a_reading_for_there_is_no_list_of_all_grants() {
    let app = synced().await;
    let group = named(&app, "entitlements", "break-glass").await;
    let of_group = format!("&entitlement_id={}", text(&group["id"]));
    let held = all(&app, "grants", &of_group).await;
    assert_eq!(held.len(), 3);
    let gone = json!([{ "op": "remove", "kind": "grant", "id": group["external_id"], "value": { "email": BRUNO } }]);
    app.drift(APONO, gone);
    let mut statuses = Vec::new();
    for grant in &held {
        let path = format!("/v1/grants/{}?max_age_seconds=0", text(&grant["id"]));
        statuses.push(text(&app.get(&path).await["status"]).to_owned());
    }
    statuses.sort();
    assert_eq!(statuses, ["active", "active", "deleted"]);
    assert_eq!(all(&app, "grants", &of_group).await.len(), 2);
    app.stop().await;
}
