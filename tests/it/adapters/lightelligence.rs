//! The users of a Lightelligence tenant, and the invites that become users.

use iam_gateway::simulators::{Fault, Received, Rule};
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LIGHTELLIGENCE, TestApp, eventually};

async fn app() -> TestApp {
    TestApp::builder().vendor(LIGHTELLIGENCE).start().await
}

/// The person with an invite answers it.
fn answer(app: &TestApp, invite: &Value, status: &str) {
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "change", "kind": "invite", "id": text(invite), "value": {"status": status}}]),
    );
}

async fn invite(app: &TestApp, who: &str) -> Value {
    app.create_account(LIGHTELLIGENCE.new_account(who)).await
}

/// The rows with this address, deleted ones and all.
async fn rows(app: &TestApp, email: &str) -> Vec<Value> {
    let mut rows = app
        .accounts(LIGHTELLIGENCE, &format!("&email={email}"))
        .await;
    rows.extend(
        app.accounts(LIGHTELLIGENCE, &format!("&email={email}&status=deleted"))
            .await,
    );
    rows
}

async fn user(app: &TestApp, email: &str) -> Value {
    rows(app, email)
        .await
        .pop()
        .expect("a user with this address")
}

fn on(method: &str, path: &str, fault: Fault) -> Rule {
    Rule::new(fault).method(method).path_contains(path)
}

fn sent(app: &TestApp, method: &str, path: &str) -> Vec<Received> {
    let mut all = app.requests(LIGHTELLIGENCE);
    all.retain(|request| request.method == method && request.path.ends_with(path));
    all
}

#[tokio::test]
async fn a_new_account_is_an_invite_to_the_role_of_the_setting() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    assert_eq!(made["status"], "pending");
    assert_eq!(made["vendor_status"], "open");
    assert_eq!(made["attributes"]["roles"], json!(["reader"]));
    assert_eq!(made["login"], made["email"]);
    let effect = app.the_effect(LIGHTELLIGENCE);
    assert_eq!(effect.subject, text(&made["external_id"]));
    let body: Value = serde_json::from_str(&sent(&app, "POST", "/invites")[0].body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    assert!(body["roles"][0]["id"].is_string(), "{body}");

    let again = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    again.problem(409, "conflict");
    assert_eq!(
        sent(&app, "POST", "/invites").len(),
        1,
        "it was seen before anything was sent"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_deprecated_way_names_the_role() {
    let app = app().await;
    let settings = json!({"settings": {"legacy_roles": true, "invite_role": "writer"}});
    app.admin()
        .patch("/v1/connections/lightelligence", settings)
        .await
        .expect(200);
    let made = invite(&app, "ann").await;
    assert_eq!(made["attributes"]["roles"], json!(["writer"]));
    let body: Value = serde_json::from_str(&sent(&app, "POST", "/invites")[0].body).unwrap();
    assert_eq!(body["roleNames"], json!(["writer"]));
    assert!(body.get("roles").is_none(), "{body}");
    let tenant = app.get("/v1/connections/lightelligence").await["settings"]["tenant_id"].clone();
    let path = format!("/tenants/{}/roles", text(&tenant));
    assert_eq!(sent(&app, "GET", &path).len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_role_that_the_tenant_lacks_is_told_before_anything_is_sent() {
    let app = app().await;
    let settings = json!({"settings": {"invite_role": "wizard"}});
    app.admin()
        .patch("/v1/connections/lightelligence", settings)
        .await
        .expect(200);
    let refused = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    let problem = refused.problem(422, "upstream_rejected");
    let detail = text(&problem["detail"]);
    assert!(
        detail.contains("wizard") && detail.contains("owner, reader, writer"),
        "{detail}"
    );
    assert!(app.effects(LIGHTELLIGENCE).is_empty());
    let check = app
        .admin()
        .post("/v1/connections/lightelligence/check", Value::Null)
        .await
        .expect(200);
    assert_eq!(check["healthy"], true, "{check:#}");
    assert_eq!(check["findings"][0]["code"], "capability_missing");
    let can = app.get("/v1/connections/lightelligence/capabilities").await;
    assert_eq!(
        can["capabilities"],
        json!(["accounts.list", "accounts.read", "accounts.delete"])
    );
    app.stop().await;
}

#[tokio::test]
async fn what_an_invite_can_not_keep_is_refused() {
    let app = app().await;
    for (field, value) in [
        ("display_name", json!("Ann")),
        ("given_name", json!("Ann")),
        ("password", json!("correct-horse-1")),
        ("kind", json!("human")),
    ] {
        let mut body = LIGHTELLIGENCE.new_account("ann");
        body[field] = value;
        let refused = app.admin().post("/v1/accounts", body).await;
        refused.problem(422, "capability_not_supported");
        assert_eq!(refused.pointers(), [format!("/{field}")]);
    }
    let made = invite(&app, "ann").await;
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    let change = app
        .admin()
        .patch(&path, json!({"display_name": "Ann"}))
        .await;
    change.problem(422, "capability_not_supported");
    app.stop().await;
}

#[tokio::test]
async fn an_accepted_invite_keeps_its_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    let email = text(&made["email"]);
    answer(&app, &made["external_id"], "accepted");
    app.synced(LIGHTELLIGENCE).await;
    let now = app.account(&made["id"]).await;
    assert_eq!(now["status"], "active", "{now:#}");
    assert_ne!(now["external_id"], made["external_id"]);
    let rows = rows(&app, email).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    // And it is the user's row from then on.
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    let effects = app.effects(LIGHTELLIGENCE);
    assert_eq!(
        effects.last().map(|effect| effect.subject.as_str()),
        now["external_id"].as_str()
    );
    app.stop().await;
}

#[tokio::test]
async fn an_invite_that_is_accepted_between_two_pages_keeps_its_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    app.synced(LIGHTELLIGENCE).await;
    // The users are read by then, the invites are not: on the pages of this run the person is neither.
    let before = sent(&app, "GET", "/invites").len();
    app.faults(
        LIGHTELLIGENCE,
        [on("GET", "/invites", Fault::DelayMs { value: 400 }).after(1)],
    );
    let run = app.start_sync(LIGHTELLIGENCE).await;
    eventually("the page of the invites", async || {
        (sent(&app, "GET", "/invites").len() >= before + 2).then_some(())
    })
    .await;
    answer(&app, &made["external_id"], "accepted");
    let run = app.sync_ended(LIGHTELLIGENCE, &run["id"]).await;
    assert_eq!(run["removed"], 0, "{run:#}");
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 0, "{run:#}");
    let now = app.account(&made["id"]).await;
    assert_eq!(now["status"], "active", "{now:#}");
    let rows = rows(&app, text(&made["email"])).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    app.stop().await;
}

#[tokio::test]
async fn a_declined_invite_is_gone() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    app.synced(LIGHTELLIGENCE).await;
    answer(&app, &made["external_id"], "declined");
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 1, "{run:#}");
    assert_eq!(app.account(&made["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn an_operation_and_an_acceptance_at_once_end_with_one_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    // The invite is open when it is looked at, and accepted when its deletion arrives.
    app.faults(
        LIGHTELLIGENCE,
        [on("DELETE", "/invites/", Fault::DelayMs { value: 300 })],
    );
    let admin = app.admin().clone();
    let deletion = {
        let path = path.clone();
        tokio::spawn(async move { admin.delete(&path).await })
    };
    eventually("the deletion on its way", async || {
        let all = app.requests(LIGHTELLIGENCE);
        all.iter()
            .any(|request| request.method == "DELETE")
            .then_some(())
    })
    .await;
    answer(&app, &made["external_id"], "accepted");
    app.synced(LIGHTELLIGENCE).await;
    let refused = deletion.await.expect("an answer");
    refused.problem(409, "conflict");
    assert_eq!(app.account(&made["id"]).await["status"], "active");
    assert_eq!(rows(&app, text(&made["email"])).await.len(), 1);
    // Asked again, it is the user that goes.
    app.admin().delete(&path).await.expect(204);
    assert_eq!(app.account(&made["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn deleting_what_was_an_invite_when_we_last_looked_removes_the_user() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    answer(&app, &made["external_id"], "accepted");
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    let effects = app.effects(LIGHTELLIGENCE);
    assert_eq!(effects.len(), 2, "{effects:#?}");
    assert!(effects[1].operation.contains("/users/"), "{effects:#?}");
    let open = &app.operations().await[1];
    assert_eq!(open["effect"], "deleted");
    app.synced(LIGHTELLIGENCE).await;
    let rows = rows(&app, text(&made["email"])).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    app.stop().await;
}

#[tokio::test]
async fn an_open_invite_can_be_withdrawn() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    let effects = app.effects(LIGHTELLIGENCE);
    assert_eq!(effects[1].subject, text(&made["external_id"]));
    assert_eq!(app.account(&made["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn the_last_owner_is_never_removed() {
    let app = app().await;
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
    let [owner] = owners.as_slice() else {
        panic!("the seed has one owner: {owners:#?}")
    };
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

#[tokio::test]
async fn a_404_alone_proves_no_absence() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let before = app.accounts(LIGHTELLIGENCE, "").await;
    let ada = user(&app, "ada.lind@example.org").await;
    let path = format!("/v1/accounts/{}", text(&ada["id"]));
    let hidden = || Fault::Status {
        code: 404,
        headers: Default::default(),
        body: Some(
            json!({"errorMessage": "The resource does not exist", "errorCode": "RESOURCE_NOT_FOUND"}),
        ),
        apply: false,
    };
    app.faults(LIGHTELLIGENCE, [on("GET", "/users", hidden()).times(0)]);
    let run = app.sync(LIGHTELLIGENCE).await;
    assert_eq!(
        (&run["status"], &run["removed"]),
        (&json!("failed"), &json!(0)),
        "{run:#}"
    );
    let refused = app.admin().delete(&path).await;
    refused.problem(502, "upstream_auth_failed");
    app.simulator(LIGHTELLIGENCE).clear_faults();
    // The write itself is answered so, and the user is there: no success.
    app.faults(LIGHTELLIGENCE, [on("DELETE", "/users/", hidden())]);
    let refused = app.admin().delete(&path).await;
    assert!(!refused.status.is_success(), "{refused}");
    assert_eq!(app.accounts(LIGHTELLIGENCE, "").await, before);
    assert!(app.effects(LIGHTELLIGENCE).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_user_who_left_is_marked_gone_and_comes_back_as_the_same() {
    let app = app().await;
    app.synced(LIGHTELLIGENCE).await;
    let ada = user(&app, "ada.lind@example.org").await;
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "remove", "kind": "account", "id": ada["external_id"]}]),
    );
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 1, "{run:#}");
    assert_eq!(app.account(&ada["id"]).await["status"], "deleted");
    app.drift(
        LIGHTELLIGENCE,
        json!([{"op": "add", "kind": "account", "value": {"email": "ada.lind@example.org"}}]),
    );
    app.synced(LIGHTELLIGENCE).await;
    assert_eq!(app.account(&ada["id"]).await["status"], "active");
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_to_an_invite_is_found_again() {
    let app = app().await;
    app.faults(
        LIGHTELLIGENCE,
        [on("POST", "/invites", Fault::DropAfterApply)],
    );
    let made = invite(&app, "ann").await;
    assert_eq!(
        app.the_effect(LIGHTELLIGENCE).subject,
        text(&made["external_id"])
    );
    app.stop().await;
}
