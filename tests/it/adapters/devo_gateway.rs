//! Devo's roles through the whole gateway: synced, granted, revoked, and refused in words.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, TestApp};

const ADA: &str = "ada.lind@example.org";
const ELIF: &str = "elif.demir@example.org";
const OWNER: &str = "owner@example.org";

async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.synced(DEVO).await;
    app
}

async fn id_of(app: &TestApp, noun: &str, external_id: &str) -> Value {
    let all = app
        .all(&format!("/v1/{noun}?connection_id=devo&limit=1000"))
        .await;
    let found = all.iter().find(|one| one["external_id"] == external_id);
    found.unwrap_or_else(|| panic!("no {external_id}"))["id"].clone()
}

async fn pair(app: &TestApp, email: &str, role: &str) -> Value {
    json!({
        "account_id": id_of(app, "accounts", email).await,
        "entitlement_id": id_of(app, "entitlements", role).await,
    })
}

fn held(app: &TestApp, email: &str) -> Value {
    let users = app.simulator(DEVO).state().accounts;
    let user = users.iter().find(|user| user["email"] == email);
    user.unwrap()["roleList"].clone()
}

#[tokio::test]
async fn a_sync_shows_the_domain_its_roles_and_who_holds_them() {
    let app = synced().await;
    let resources = app.all("/v1/resources?connection_id=devo").await;
    assert_eq!(resources.len(), 1);
    let domain = &resources[0];
    assert_eq!(
        (&domain["kind"], &domain["name"]),
        (&json!("domain"), &json!("acme@parent"))
    );
    let roles = app.all("/v1/entitlements?connection_id=devo").await;
    assert_eq!(roles.len(), 5);
    assert!(roles.iter().all(|role| role["resource_id"] == domain["id"]));
    let users = app.accounts(DEVO, "").await;
    assert!(users.iter().all(|user| user["resource_id"] == domain["id"]));
    let grants = app.all("/v1/grants?connection_id=devo&limit=1000").await;
    let all = app.simulator(DEVO).state().grants;
    let real = all.iter().filter(|one| one["role"] != "NO_PRIVILEGES");
    assert_eq!(grants.len(), real.count());
    assert!(grants.iter().all(|grant| grant["managed"] == json!(false)));
    app.stop().await;
}

#[tokio::test]
async fn a_role_is_given_and_taken_away_beside_the_others() {
    let app = synced().await;
    let body = pair(&app, ADA, "Security Analyst").await;
    let made = app
        .admin()
        .post("/v1/grants", body.clone())
        .await
        .expect(201);
    assert_eq!(held(&app, ADA), json!(["reviewer", "Security Analyst"]));
    assert_eq!(
        (&made["status"], &made["managed"]),
        (&json!("active"), &json!(true))
    );
    let again = app.admin().post("/v1/grants", body).await.expect(201);
    assert_eq!(again["id"], made["id"]);
    assert_eq!(app.effects(DEVO).len(), 1);
    let path = format!("/v1/grants/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    assert_eq!(held(&app, ADA), json!(["reviewer"]));
    assert_eq!(app.get(&path).await["status"], "deleted");
    app.synced(DEVO).await;
    assert_eq!(app.get(&path).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn what_devo_does_not_allow_is_refused_in_words() {
    let app = synced().await;
    let admin = pair(&app, ELIF, "ADMIN").await;
    let problem = app.admin().post("/v1/grants", admin).await;
    let problem = problem.problem(409, "conflict");
    let detail = text(&problem["detail"]);
    assert!(detail.contains("reviewer, Security Analyst"), "{detail}");
    for word in ["OWNER", "NO_PRIVILEGES"] {
        let body = pair(&app, ELIF, word).await;
        let problem = app.admin().post("/v1/grants", body).await;
        assert_eq!(problem.pointers(), ["/entitlement_id"], "{word}");
        problem.problem(422, "capability_not_supported");
    }
    let owner = id_of(&app, "accounts", OWNER).await;
    let role = id_of(&app, "entitlements", "ADMIN").await;
    let path = format!(
        "/v1/grants?account_id={}&entitlement_id={}",
        text(&owner),
        text(&role)
    );
    let grants = app.all(&path).await;
    let path = format!("/v1/grants/{}", text(&grants[0]["id"]));
    app.admin().delete(&path).await.problem(409, "conflict");
    assert!(app.effects(DEVO).is_empty());
    assert_eq!(app.get(&path).await["status"], "active");
    app.stop().await;
}

#[tokio::test]
async fn a_new_user_begins_with_the_role_that_is_asked_for() {
    let app = synced().await;
    let role = |word| id_of(&app, "entitlements", word);
    let (reviewer, analyst) = (role("reviewer").await, role("Security Analyst").await);
    let body = |ids: Value| json!({ "connection_id": "devo", "email": "new@example.org", "entitlement_ids": ids });
    let both = app
        .admin()
        .post("/v1/accounts", body(json!([reviewer, analyst])));
    let refusal = both.await;
    assert_eq!(refusal.pointers(), ["/entitlement_ids"]);
    refusal.problem(422, "capability_not_supported");
    app.create_account(body(json!([analyst]))).await;
    assert_eq!(held(&app, "new@example.org"), json!(["Security Analyst"]));
    app.stop().await;
}
