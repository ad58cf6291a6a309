//! Lists and single answers: filters, pages, coverage, what a key may see, and reading through.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUNA, TestApp};

async fn synced() -> TestApp {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    app
}

#[tokio::test]
async fn the_filters_narrow() {
    let app = synced().await;
    let grants = app.all("/v1/grants?limit=1000").await;
    let one = &grants[0];
    let (account, entitlement) = (text(&one["account_id"]), text(&one["entitlement_id"]));
    for (path, field) in [
        (format!("/v1/grants?account_id={account}"), "account_id"),
        (
            format!("/v1/grants?entitlement_id={entitlement}"),
            "entitlement_id",
        ),
        ("/v1/grants?vendor=devo".to_owned(), "vendor"),
        (
            format!("/v1/entitlements/{entitlement}/grants?limit=1000"),
            "entitlement_id",
        ),
        (
            format!("/v1/accounts/{account}/grants?limit=1000"),
            "account_id",
        ),
        ("/v1/grants?managed=false&limit=1000".to_owned(), "managed"),
        ("/v1/entitlements?kind=role&limit=1000".to_owned(), "kind"),
        (
            "/v1/entitlements?assignable=true&limit=1000".to_owned(),
            "assignable",
        ),
        ("/v1/resources?kind=domain&limit=1000".to_owned(), "kind"),
    ] {
        let narrowed = app.get(&path).await;
        let items = narrowed["items"].as_array().expect("items");
        assert!(!items.is_empty(), "{path}");
        let noun = path
            .trim_start_matches("/v1/")
            .split('?')
            .next()
            .expect("a noun");
        let noun = if noun.ends_with("grants") {
            "grants"
        } else {
            noun
        };
        let all = app.all(&format!("/v1/{noun}?limit=1000")).await;
        let alike = all.iter().filter(|item| item[field] == items[0][field]);
        assert_eq!(
            items.len(),
            alike.count().min(100.max(items.len())),
            "{path}"
        );
        assert!(
            items.iter().all(|item| item[field] == items[0][field]),
            "{path}"
        );
    }
    let name = text(&app.get("/v1/entitlements").await["items"][0]["name"]).to_uppercase();
    let found = app
        .get(&format!("/v1/entitlements?name_contains={name}"))
        .await;
    assert!(!found["items"].as_array().expect("items").is_empty());
    assert!(
        app.all("/v1/grants?status=deleted&limit=9")
            .await
            .is_empty()
    );
    app.admin()
        .get("/v1/grants?status=gone")
        .await
        .problem(400, "invalid_request");
    app.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_and_miss_nothing() {
    let app = synced().await;
    for noun in ["entitlements", "grants"] {
        let whole = app.all(&format!("/v1/{noun}?limit=1000")).await;
        let paged = app.all(&format!("/v1/{noun}?limit=3")).await;
        assert!(whole.len() > 3);
        assert_eq!(whole, paged);
        let first = app.get(&format!("/v1/{noun}?limit=3")).await;
        let cursor = text(&first["next_cursor"]);
        app.admin()
            .get(&format!("/v1/{noun}?vendor=luna&cursor={cursor}"))
            .await
            .problem(400, "invalid_request");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_connection_that_lists_no_such_thing_is_named_or_refused() {
    let app = synced().await;
    let luna = app.connection_id(LUNA);
    let resources = app.get("/v1/resources").await;
    assert_eq!(resources["not_covered"], json!([luna]));
    for path in ["/v1/resources", "/v1/activity"] {
        let refused = app.admin().get(&format!("{path}?connection_id=luna")).await;
        refused.problem(422, "capability_not_supported");
    }
    let activity = app.get("/v1/activity").await;
    assert_eq!(activity["items"], json!([]));
    assert_eq!(
        activity["not_covered"].as_array().map(Vec::len),
        Some(2),
        "neither reports anything"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_key_sees_what_belongs_to_its_connections() {
    let app = synced().await;
    let client = app.only_for(&["devo"]).await;
    for noun in ["resources", "entitlements", "grants"] {
        let path = format!("/v1/{noun}?limit=1000");
        let seen = client.get(&path).await.expect(200);
        let items = seen["items"].as_array().expect("items").clone();
        assert!(!items.is_empty());
        assert!(items.iter().all(|item| item["vendor"] == "devo"));
        let foreign = app.all(&path).await;
        let foreign = foreign.iter().find(|item| item["vendor"] == "luna");
        if let Some(foreign) = foreign {
            let path = format!("/v1/{noun}/{}", text(&foreign["id"]));
            client.get(&path).await.problem(404, "not_found");
            if noun != "resources" {
                let account = text(&app.accounts(LUNA, "").await[0]["id"]).to_owned();
                let path = format!("/v1/accounts/{account}/grants");
                client.get(&path).await.problem(404, "not_found");
            }
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn an_identity_shows_what_its_accounts_hold() {
    let app = synced().await;
    let grant = app.all("/v1/grants?vendor=luna&limit=1000").await[0].clone();
    let email = app.account(&grant["account_id"]).await["email"].clone();
    let found = app
        .get(&format!("/v1/identities?email={}", text(&email)))
        .await;
    let path = format!("/v1/identities/{}", text(&found["items"][0]["id"]));
    let whole = app.get(&path).await;
    let held = whole["grants"].as_array().expect("grants");
    assert!(held.contains(&grant), "{whole:#}");
    let without = app.client(&["identities:read"]).await;
    let shown = without.get(&path).await.expect(200);
    assert_eq!(shown["grants"], Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn a_grant_that_is_too_old_is_read_anew() {
    let app = synced().await;
    let types = app
        .all("/v1/entitlements?connection_id=luna&kind=account_type&limit=9")
        .await;
    let grant = app.all("/v1/grants?connection_id=luna&limit=1000").await[0].clone();
    let other = types
        .iter()
        .find(|one| one["id"] != grant["entitlement_id"] && one["assignable"] == true)
        .expect("another type");
    let account = app.account(&grant["account_id"]).await;
    app.drift(
        LUNA,
        json!([{"op": "change", "kind": "account", "id": account["external_id"],
            "value": {"account_type": other["external_id"]}}]),
    );
    let path = format!("/v1/grants/{}", text(&grant["id"]));
    let young = app.get(&format!("{path}?max_age_seconds=3600")).await;
    assert_eq!(young["status"], "active");
    let anew = app.get(&format!("{path}?max_age_seconds=0")).await;
    assert_eq!(
        (&anew["status"], &anew["source"]),
        (&json!("deleted"), &json!("read_through")),
        "{anew:#}"
    );
    app.stop().await;
}
