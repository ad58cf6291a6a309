//! Roles through the whole gateway: synced, granted and revoked.

use std::collections::BTreeSet;

use iam_gateway::simulators::{Holdings, Options};

use super::*;
use crate::custody::Pair;
use crate::support::{Answer, Client};

const ADA: &str = "ada.lind@example.org";

/// The names of the roles that a user holds, as the simulator has it.
fn roles_at(state: &Holdings, email: &str) -> BTreeSet<String> {
    let user = state.accounts.iter().find(|one| one["email"] == email);
    let roles = user.expect("the user")["userRoles"]
        .as_array()
        .expect("roles");
    roles
        .iter()
        .map(|role| text(&role["name"]).to_owned())
        .collect()
}

fn named(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The role of this name, by the gateway's id.
async fn role(client: &Client, name: &str) -> Value {
    let page = client
        .get("/v1/entitlements?kind=role&limit=100")
        .await
        .expect(200);
    let roles = page["items"].as_array().expect("items");
    let role = roles.iter().find(|role| role["name"] == name);
    role.expect("such a role")["id"].clone()
}

fn asked(account: &Value, role: &Value) -> Value {
    json!({"account_id": account["id"], "entitlement_id": role, "reason": "Is on call."})
}

#[tokio::test]
async fn a_sync_brings_the_tenant_its_roles_and_who_holds_them() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let tenants = app.all("/v1/resources").await;
    assert_eq!((tenants.len(), &tenants[0]["kind"]), (1, &json!("tenant")));
    let state = app.simulator(LIGHTELLIGENCE).state();
    let roles = app.all("/v1/entitlements?kind=role").await;
    assert_eq!(roles.len(), state.entitlements.len());
    assert!(
        roles
            .iter()
            .all(|role| role["resource_id"] == tenants[0]["id"])
    );
    let permissions = app.all("/v1/entitlements?kind=permission").await;
    assert!(permissions.iter().all(|one| one["assignable"] == false));
    assert_eq!(permissions.len(), 12);
    assert_eq!(app.all("/v1/grants").await.len(), state.grants.len());
    let ada = user(&app, ADA).await;
    assert_eq!(ada["resource_id"], tenants[0]["id"]);

    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "remove", "kind": "grant", "id": ada["external_id"], "value": {"roleName": "reader"}}]),
    );
    app.synced(LIGHTELLIGENCE).await;
    let path = format!("/v1/accounts/{}/grants", text(&ada["id"]));
    assert!(app.all(&path).await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_role_is_granted_and_revoked_beside_the_others() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let ada = user(&app, ADA).await;
    let writer = role(app.admin(), "writer").await;
    let made = app
        .admin()
        .post("/v1/grants", asked(&ada, &writer))
        .await
        .expect(201);
    assert_eq!(
        (&made["status"], &made["managed"]),
        (&json!("active"), &json!(true))
    );
    let state = || app.simulator(LIGHTELLIGENCE).state();
    assert_eq!(roles_at(&state(), ADA), named(&["reader", "writer"]));
    let again = app
        .admin()
        .post("/v1/grants", asked(&ada, &writer))
        .await
        .expect(201);
    assert_eq!(again["id"], made["id"]);
    assert_eq!(app.effects(LIGHTELLIGENCE).len(), 1);
    app.synced(LIGHTELLIGENCE).await;
    let path = format!("/v1/grants/{}", text(&made["id"]));
    assert_eq!(app.get(&path).await["status"], "active");
    app.admin().delete(&path).await.expect(204);
    assert_eq!(roles_at(&state(), ADA), named(&["reader"]));
    assert_eq!(app.get(&path).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_to_a_change_of_roles_is_read_and_not_repeated() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let ada = user(&app, ADA).await;
    let writer = role(app.admin(), "writer").await;
    app.faults(LIGHTELLIGENCE, [on("PUT", "/roles", Fault::DropAfterApply)]);
    let answer = app.admin().post("/v1/grants", asked(&ada, &writer)).await;
    let made = done(app.admin(), answer).await;
    assert_eq!(made["status"], "active", "{made:#}");
    assert_eq!(
        app.the_effect(LIGHTELLIGENCE).subject,
        text(&ada["external_id"])
    );
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_role_and_who_is_no_user_is_refused_by_the_pointer() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let (ada, newcomer) = (
        user(&app, ADA).await,
        user(&app, "newcomer@example.org").await,
    );
    let writer = role(app.admin(), "writer").await;
    let permission = app.all("/v1/entitlements?kind=permission").await[0]["id"].clone();
    for (account, one, pointer) in [
        (&ada, &permission, "/entitlement_id"),
        (&newcomer, &writer, "/account_id"),
    ] {
        let refused = app.admin().post("/v1/grants", asked(account, one)).await;
        refused.problem(422, "capability_not_supported");
        assert_eq!(refused.pointers(), [pointer]);
    }
    assert!(app.effects(LIGHTELLIGENCE).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_new_account_is_invited_to_the_roles_that_it_shall_hold() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let mut body = LIGHTELLIGENCE.new_account("ann");
    body["entitlement_ids"] = json!([
        role(app.admin(), "writer").await,
        role(app.admin(), "auditor").await
    ]);
    let made = app.create_account(body).await;
    assert_eq!(made["attributes"]["roles"], json!(["auditor", "writer"]));
    let path = format!("/v1/accounts/{}/grants", text(&made["id"]));
    assert!(
        app.all(&path).await.is_empty(),
        "nobody holds what is offered"
    );
    answer(&app, &made["external_id"], "accepted");
    app.synced(LIGHTELLIGENCE).await;
    assert_eq!(app.all(&path).await.len(), 2);
    app.stop().await;
}

/// The grant that was made, also where the answer was that making it goes on.
async fn done(client: &Client, answer: Answer) -> Value {
    match ended(client, &answer).await {
        None => answer.expect(201),
        Some(operation) => {
            let path = format!("/v1/grants/{}", text(&operation["grant_id"]));
            client.get(&path).await.expect(200)
        }
    }
}

/// Waits for what goes on although it was answered.
async fn ended(client: &Client, answer: &Answer) -> Option<Value> {
    if answer.status != 202 {
        return None;
    }
    let path = format!("/v1/operations/{}", text(&answer.json()["id"]));
    let ended = eventually("the operation's end", async || {
        let row = client.get(&path).await.expect(200);
        (row["status"] != "pending" && row["status"] != "running").then_some(row)
    })
    .await;
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    Some(ended)
}

fn rounds() -> usize {
    match std::env::var("CHAOS").as_deref() {
        Ok("full") => 500,
        _ => 6,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_roles_for_one_user_at_the_same_moment_are_both_there() {
    let pair = Pair::start(Options::default(), &[]).await;
    let [one, other] = &pair.clients;
    let sync = "/v1/connections/lightelligence/sync";
    one.post(sync, Value::Null).await.expect(202);
    let ada = eventually("the users and what they hold", async || {
        let runs = one.get(&format!("{sync}s")).await.expect(200);
        if runs["items"][0]["status"] != "complete" {
            return None;
        }
        let page = one
            .get(&format!("/v1/accounts?email={ADA}"))
            .await
            .expect(200);
        Some(page["items"][0].clone())
    })
    .await;
    let roles = [role(one, "writer").await, role(other, "auditor").await];
    let (mut both, mut longest) = (0, std::time::Duration::ZERO);
    for round in 0..rounds() {
        let began = std::time::Instant::now();
        let (first, second) = tokio::join!(
            one.post("/v1/grants", asked(&ada, &roles[0])).send(),
            other.post("/v1/grants", asked(&ada, &roles[1])).send()
        );
        let first = done(one, first.expect("an answer")).await;
        let second = done(other, second.expect("an answer")).await;
        longest = longest.max(began.elapsed());
        let held = roles_at(&pair.simulator.state(), ADA);
        assert_eq!(
            held,
            named(&["reader", "writer", "auditor"]),
            "round {round}"
        );
        both += 1;
        let path = |grant: &Value| format!("/v1/grants/{}", text(&grant["id"]));
        let (first, second) = tokio::join!(
            other.delete(&path(&first)).send(),
            one.delete(&path(&second)).send()
        );
        for (client, answer) in [(other, first), (one, second)] {
            let answer = answer.expect("an answer");
            if ended(client, &answer).await.is_none() {
                answer.expect(204);
            }
        }
        let held = roles_at(&pair.simulator.state(), ADA);
        assert_eq!(held, named(&["reader"]), "round {round}");
    }
    let (acts, late): (i64, i64) =
        sqlx::query_as("select count(*), count(*) filter (where attempts > 1) from operations")
            .fetch_one(pair.database.sql())
            .await
            .expect("counts");
    eprintln!(
        "{both} rounds, {acts} acts, both roles there every time; the longest pair took {longest:?}, {late} acts were taken up again"
    );
    assert_eq!(pair.simulator.effects().len(), 4 * both);
    pair.stop().await;
}
