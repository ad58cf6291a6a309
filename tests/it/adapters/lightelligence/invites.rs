//! Inviting, and taking an invite back.

use super::*;

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
        json!([
            "accounts.list",
            "accounts.read",
            "accounts.delete",
            "resources.list",
            "resources.read",
            "entitlements.list",
            "entitlements.read",
            "grants.list",
            "grants.read",
            "grants.create",
            "grants.delete"
        ])
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
