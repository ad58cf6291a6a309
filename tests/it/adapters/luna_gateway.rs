//! Luna's account types through the whole gateway: one at a time, and given back.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp};

const ADA: &str = "ada.lind@example.org";
const ROOT: &str = "root@luna.example";

async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.synced(LUNA).await;
    app
}

async fn account(app: &TestApp, login: &str) -> Value {
    let all = app.accounts(LUNA, "").await;
    let found = all.iter().find(|one| one["login"] == login);
    found.unwrap()["id"].clone()
}

async fn entitlement(app: &TestApp, word: &str) -> Value {
    let all = app.all("/v1/entitlements?connection_id=luna").await;
    let found = all.iter().find(|one| one["external_id"] == word);
    found.unwrap()["id"].clone()
}

async fn pair(app: &TestApp, login: &str, word: &str) -> Value {
    json!({
        "account_id": account(app, login).await,
        "entitlement_id": entitlement(app, word).await,
    })
}

/// What the gateway says that an account holds.
async fn holds(app: &TestApp, login: &str) -> Vec<Value> {
    let id = account(app, login).await;
    app.all(&format!("/v1/grants?account_id={}", text(&id)))
        .await
}

fn type_of(app: &TestApp, login: &str) -> Value {
    let accounts = app.simulator(LUNA).state().accounts;
    let account = accounts.iter().find(|one| one["login"] == login);
    account.unwrap()["account_type"].clone()
}

#[tokio::test]
async fn a_sync_shows_types_permissions_and_who_is_of_which_type() {
    let app = synced().await;
    let all = app.all("/v1/entitlements?connection_id=luna").await;
    let count = |kind: &str| all.iter().filter(|one| one["kind"] == kind).count();
    assert_eq!((count("account_type"), count("permission")), (3, 20));
    assert!(
        all.iter()
            .all(|one| one["assignable"] == json!(one["kind"] == "account_type"))
    );
    let grants = app.all("/v1/grants?connection_id=luna&limit=1000").await;
    assert_eq!(grants.len(), app.held(LUNA));
    app.stop().await;
}

#[tokio::test]
async fn a_type_takes_the_place_of_the_usual_one_and_gives_it_back() {
    let app = synced().await;
    let body = pair(&app, ADA, "admin").await;
    let made = app.admin().post("/v1/grants", body).await.expect(201);
    assert_eq!(type_of(&app, ADA), "admin");
    assert_eq!(made["displaced_id"], entitlement(&app, "user").await);
    let held = holds(&app, ADA).await;
    let held: Vec<_> = held.iter().map(|one| &one["id"]).collect();
    assert_eq!(held, [&made["id"]], "one type at a time");
    let path = format!("/v1/grants/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    assert_eq!(type_of(&app, ADA), "user");
    app.synced(LUNA).await;
    let held = holds(&app, ADA).await;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["entitlement_id"], entitlement(&app, "user").await);
    let path = format!("/v1/grants/{}", text(&held[0]["id"]));
    let refusal = app.admin().delete(&path).await;
    refusal.problem(422, "capability_not_supported");
    assert_eq!(app.effects(LUNA).len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_type_that_somebody_gave_is_not_pushed_away() {
    let app = synced().await;
    let body = pair(&app, ROOT, "advanced_user").await;
    let refusal = app.admin().post("/v1/grants", body).await;
    let problem = refusal.problem(409, "conflict");
    assert!(text(&problem["detail"]).contains("`admin`"), "{problem}");
    let body = pair(&app, ADA, "face:view").await;
    let refusal = app.admin().post("/v1/grants", body).await;
    assert_eq!(refusal.pointers(), ["/entitlement_id"]);
    refusal.problem(422, "capability_not_supported");
    assert!(app.effects(LUNA).is_empty());

    // What we have not seen yet is seen before anything is sent.
    let id = app.account(&account(&app, ADA).await).await["external_id"].clone();
    let change = json!({"op": "change", "kind": "account", "id": id, "value": {"account_type": "advanced_user"}});
    app.drift(LUNA, json!([change]));
    let body = pair(&app, ADA, "admin").await;
    let refusal = app.admin().post("/v1/grants", body).await;
    let problem = refusal.problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("advanced_user"),
        "{problem}"
    );
    assert!(app.effects(LUNA).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_new_account_is_of_the_type_that_is_asked_for() {
    let app = synced().await;
    let new = json!({
        "connection_id": "luna", "login": "new@example.org", "password": "s3cret-pass",
        "entitlement_ids": [entitlement(&app, "advanced_user").await]
    });
    app.create_account(new).await;
    assert_eq!(type_of(&app, "new@example.org"), "advanced_user");
    app.stop().await;
}
