//! Whom the gateway never removes from a Lightelligence tenant: its last owner, and the user whom it logs in as itself.

use iam_gateway::simulators::{Drift, Fault, Options, Rule};
use serde_json::{Value, json};

use super::user;
use crate::custody::Pair;
use crate::support::app::text;
use crate::support::{LIGHTELLIGENCE, TestApp, eventually};

fn is_owner(account: &Value) -> bool {
    let roles = account["attributes"]["roles"].as_array();
    roles.is_some_and(|roles| roles.contains(&json!("owner")))
}

/// Two replicas, and a tenant with two owners; a service logs in, so that both can go as far as the gateway is concerned.
async fn two_owners() -> (Pair, [Value; 2]) {
    let options = Options::default().with_quirk("auth", "client_credentials");
    let pair = Pair::start(options, &[]).await;
    let path = "/v1/connections/lightelligence/sync";
    pair.clients[0].post(path, Value::Null).await.expect(202);
    eventually("the sync's end", async || {
        let runs = pair.clients[1].get("/v1/connections/lightelligence/syncs");
        let runs = runs.await.expect(200);
        (runs["items"][0]["status"] == "complete").then_some(())
    })
    .await;
    let page = pair.clients[1].get("/v1/accounts?limit=1000").await;
    let accounts = page.expect(200)["items"].as_array().expect("items").clone();
    let mut owners = accounts.into_iter().filter(is_owner);
    let two = [owners.next().expect("one"), owners.next().expect("another")];
    let demoted: Vec<Drift> = owners
        .map(|owner| {
            let change = json!({"op": "change", "kind": "account", "id": owner["external_id"], "value": {"roleNames": ["writer"]}});
            serde_json::from_value(change).expect("a drift")
        })
        .collect();
    pair.simulator.drift(&demoted).expect("it drifts so");
    let slow = |method| {
        Rule::new(Fault::DelayMs { value: 400 })
            .method(method)
            .times(0)
    };
    pair.simulator.faults(["DELETE", "PUT"].map(slow));
    (pair, two)
}

/// The paths of what would leave the tenant without these owners: the account's, or that of the grant of `owner` to it.
async fn farewell(pair: &Pair, owner: &Value, by_grant: bool) -> String {
    let id = text(&owner["id"]);
    if !by_grant {
        return format!("/v1/accounts/{id}");
    }
    let grants = pair.clients[0]
        .get(&format!("/v1/accounts/{id}/grants"))
        .await;
    let grants = grants.expect(200)["items"]
        .as_array()
        .expect("items")
        .clone();
    let entitlement = pair.clients[0]
        .get("/v1/entitlements?kind=role&name_contains=owner")
        .await;
    let role = entitlement.expect(200)["items"][0]["id"].clone();
    let of_owner = grants.iter().find(|grant| grant["entitlement_id"] == role);
    format!("/v1/grants/{}", text(&of_owner.expect("the grant")["id"]))
}

#[tokio::test]
async fn of_the_last_two_owners_one_stays_whichever_replicas_are_asked() {
    for by_grant in [[false, false], [true, false], [true, true]] {
        let (pair, owners) = two_owners().await;
        let mut paths = Vec::new();
        for (owner, by_grant) in owners.iter().zip(by_grant) {
            paths.push(farewell(&pair, owner, by_grant).await);
        }
        let (one, other) = tokio::join!(
            pair.clients[0].delete(&paths[0]).send(),
            pair.clients[1].delete(&paths[1]).send()
        );
        let answers = [one.expect("an answer"), other.expect("an answer")];
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort();
        assert_eq!(statuses, [204, 409], "{by_grant:?}: {answers:#?}");
        assert_eq!(pair.simulator.effects().len(), 1);
        pair.stop().await;
    }
}

#[tokio::test]
async fn whom_the_connection_logs_in_as_stays() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    app.synced(LIGHTELLIGENCE).await;
    // Another owner is there, so this one is not refused as the last.
    let accounts = app.accounts(LIGHTELLIGENCE, "").await;
    assert!(accounts.iter().filter(|account| is_owner(account)).count() > 1);
    let login = accounts
        .iter()
        .find(|account| account["email"] == "owner@example.org")
        .expect("the seed's owner");
    let path = format!("/v1/accounts/{}", text(&login["id"]));
    let problem = app.admin().delete(&path).await.problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("logs in as"),
        "{problem:#}"
    );
    assert!(app.effects(LIGHTELLIGENCE).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn the_last_owner_is_never_removed() {
    let app = super::app().await;
    app.synced(LIGHTELLIGENCE).await;
    let owners: Vec<Value> = app
        .accounts(LIGHTELLIGENCE, "")
        .await
        .into_iter()
        .filter(|account| {
            account["attributes"]["roles"]
                .as_array()
                .is_some_and(|roles| roles.contains(&json!("owner")))
        })
        .collect();
    // The one whom the connection logs in as stays.
    let (owner, others): (Vec<Value>, Vec<Value>) = owners
        .into_iter()
        .partition(|account| account["email"] == "owner@example.org");
    let owner = &owner[0];
    for other in others {
        app.drift(
            LIGHTELLIGENCE,
            json!([{"op": "change", "kind": "account", "id": other["external_id"], "value": {"roleNames": ["writer"]}}]),
        );
    }
    let refused = app
        .admin()
        .delete(&format!("/v1/accounts/{}", text(&owner["id"])))
        .await;
    let problem = refused.problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("last owner"),
        "{problem:#}"
    );
    assert!(app.effects(LIGHTELLIGENCE).is_empty(), "nothing was sent");
    // One of two may go.
    let ada = user(&app, "ada.lind@example.org").await;
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "change", "kind": "account", "id": ada["external_id"], "value": {"roleNames": ["owner"]}}]),
    );
    app.admin()
        .delete(&format!("/v1/accounts/{}", text(&ada["id"])))
        .await
        .expect(204);
    assert_eq!(
        app.the_effect(LIGHTELLIGENCE).subject,
        text(&ada["external_id"])
    );
    app.stop().await;
}
