//! Whom the gateway never removes from a Lightelligence tenant: its last owner, and the user whom it logs in as itself.

use iam_gateway::simulators::{self, Drift, Fault, Options, Rule};
use serde_json::{Value, json};

use super::user;
use crate::support::app::{connection_body, text};
use crate::support::{Database, LIGHTELLIGENCE, Serve, TestApp, eventually, keys};

fn is_owner(account: &Value) -> bool {
    let roles = account["attributes"]["roles"].as_array();
    roles.is_some_and(|roles| roles.contains(&json!("owner")))
}

#[tokio::test]
async fn of_the_last_two_owners_one_stays_whichever_replicas_are_asked() {
    let database = Database::create().await;
    // A service logs in, so that both owners can go as far as the gateway is concerned.
    let options = Options::default().with_quirk("auth", "client_credentials");
    let simulator = simulators::start("lightelligence", options)
        .await
        .expect("a simulator");
    let replicas = [
        Serve::start(database.url(), &[]).await,
        Serve::start(database.url(), &[]).await,
    ];
    let key = keys::mint_for(&database).await;
    let clients = [0, 1].map(|n: usize| replicas[n].client().with_key(&key));
    let body = connection_body(LIGHTELLIGENCE, &simulator, LIGHTELLIGENCE.connection);
    clients[0].post("/v1/connections", body).await.expect(201);
    let path = "/v1/connections/lightelligence/sync";
    clients[0].post(path, Value::Null).await.expect(202);
    let owners: Vec<Value> = eventually("two owners", async || {
        let page = clients[1].get("/v1/accounts?limit=1000").await.expect(200);
        let accounts = page["items"].as_array().expect("items").clone();
        let owners: Vec<Value> = accounts.into_iter().filter(is_owner).collect();
        (owners.len() >= 2).then_some(owners)
    })
    .await;
    let (last, rest) = owners.split_at(2);
    let demoted: Vec<Drift> = rest
        .iter()
        .map(|owner| {
            let change = json!({"op": "change", "kind": "account", "id": owner["external_id"], "value": {"roleNames": ["writer"]}});
            serde_json::from_value(change).expect("a drift")
        })
        .collect();
    simulator.drift(&demoted).expect("it drifts so");
    let slow = Rule::new(Fault::DelayMs { value: 400 }).method("DELETE");
    simulator.faults([slow.times(0)]);

    let remove = |n: usize| {
        let path = format!("/v1/accounts/{}", text(&last[n]["id"]));
        clients[n].delete(&path).send()
    };
    let (one, other) = tokio::join!(remove(0), remove(1));
    let answers = [one.expect("an answer"), other.expect("an answer")];
    let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
    statuses.sort();
    assert_eq!(statuses, [204, 409], "{answers:#?}");
    assert_eq!(simulator.effects().len(), 1);
    drop(replicas);
    database.remove().await;
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
