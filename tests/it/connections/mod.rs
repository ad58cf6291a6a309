//! Connections: made, changed and removed.

mod address;
mod check;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::{connection_body, text};
use crate::support::{DEVO, LUMOS, LUNA, TestApp, WRITABLE};

/// A good connection that nobody answers at.
fn body(name: &str, base_url: &str) -> Value {
    json!({
        "name": name,
        "vendor": "luna",
        "settings": {"base_url": base_url},
        "credentials": {"kind": "basic", "login": "gateway@luna.example", "password": "canary-credential"},
        "sync_every_seconds": 0,
    })
}

#[tokio::test]
async fn a_connection_is_made_read_and_removed() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let new = connection_body(vendor, app.simulator(vendor), "second");
        let answer = app.admin().post("/v1/connections", new.clone()).await;
        let made = answer.expect(201);
        assert_eq!(
            answer.header("location"),
            format!("/v1/connections/{}", text(&made["id"]))
        );
        assert_eq!(made["variant"], vendor.variant);
        assert_eq!(made["credentials_kind"], new["credentials"]["kind"]);
        assert!(made.get("credentials").is_none());
        assert!(made["healthy"].is_null() && made["checked_at"].is_null());
        let by_id = app
            .get(&format!("/v1/connections/{}", text(&made["id"])))
            .await;
        let by_name = app.get("/v1/connections/second").await;
        assert_eq!(by_id, by_name);
        assert_eq!(by_id, made);
        assert!(
            app.requests(vendor).is_empty(),
            "nothing was sent to make it"
        );
        app.admin()
            .delete("/v1/connections/second")
            .await
            .expect(204);
        app.admin()
            .get("/v1/connections/second")
            .await
            .problem(404, "not_found");
        app.stop().await;
    }
}

#[tokio::test]
async fn connections_are_listed_and_narrowed() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    let names = async |query: &str| -> Vec<String> {
        let items = app.all(&format!("/v1/connections?limit=2&{query}")).await;
        items
            .iter()
            .map(|item| text(&item["name"]).to_owned())
            .collect()
    };
    assert_eq!(names("").await, ["luna", "devo", "lumos-connector"]);
    assert_eq!(names("vendor=lumos").await, ["lumos-connector"]);
    assert_eq!(names("variant=devo/domain").await, ["devo"]);
    assert_eq!(names("name_contains=lu").await, ["luna", "lumos-connector"]);
    app.admin()
        .post("/v1/connections/luna/check", Value::Null)
        .await
        .expect(200);
    assert_eq!(names("healthy=true").await, ["luna"]);
    app.stop().await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let app = TestApp::builder().start().await;
    let cases = [
        (
            json!({
                "name": "Not Good", "vendor": "luna", "sync_every_seconds": 5,
                "settings": {"page_size": 1000, "colour": "red"},
                "credentials": {"kind": "basic", "login": "x", "token": "y"},
            }),
            vec![
                "/credentials/password",
                "/credentials/token",
                "/name",
                "/settings/base_url",
                "/settings/colour",
                "/settings/page_size",
                "/sync_every_seconds",
            ],
        ),
        (
            json!({"name": "x1", "vendor": "nobody", "settings": {}, "credentials": {}}),
            vec!["/vendor"],
        ),
        (
            json!({"name": "x1", "vendor": "luna", "variant": "luna/moon", "settings": {}, "credentials": {}}),
            vec!["/variant"],
        ),
        (
            json!({"name": "x1", "vendor": "luna", "settings": {"base_url": "https://luna.example"}, "credentials": {}}),
            vec!["/credentials/kind"],
        ),
        (
            json!({"name": "x1", "vendor": "luna", "settings": {"base_url": "https://luna.example"},
                "credentials": {"kind": "hmac"}}),
            vec!["/credentials/kind"],
        ),
        (json!({"vendor": "luna"}), vec!["/name"]),
        (
            json!({"name": "x1", "vendor": "luna", "settings": {"base_url": "no url"}, "credentials": {"kind": "none"}}),
            vec!["/settings/base_url"],
        ),
        (
            json!({"name": "x1", "vendor": "devo", "settings": {"base_url": "https://devo.example", "domain": "../x"},
                "credentials": {"kind": "bearer", "token": "x"}}),
            vec!["/settings"],
        ),
        (
            json!({"name": "x1", "vendor": "lumos", "variant": "lumos/connector", "settings": {"base_url": "https://lumos.example"},
                "credentials": {"kind": "token", "token": "x"}}),
            vec!["/settings/connector_id"],
        ),
        (
            json!({"name": "x1", "vendor": "lumos", "settings": {"connector_id": "x"}, "credentials": {"kind": "token", "token": "x"}}),
            vec!["/credentials/kind", "/settings/connector_id"],
        ),
    ];
    for (body, pointers) in cases {
        let answer = app.admin().post("/v1/connections", body.clone()).await;
        answer.problem(400, "invalid_request");
        let mut found = answer.pointers();
        found.dedup();
        assert_eq!(found, pointers, "{body}: {answer}");
    }
    assert_eq!(app.get("/v1/connections").await["items"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn names_are_unique() {
    let app = TestApp::builder().start().await;
    let good = body("twin", "https://luna.example");
    app.admin()
        .post("/v1/connections", good.clone())
        .await
        .expect(201);
    let answer = app.admin().post("/v1/connections", good).await;
    answer.problem(409, "conflict");
    assert_eq!(answer.pointers(), ["/name"]);
    app.stop().await;
}

#[tokio::test]
async fn no_answer_shows_a_credential() {
    let app = TestApp::builder().start().await;
    let made = app
        .admin()
        .post("/v1/connections", body("one", "https://luna.example"))
        .await;
    made.expect(201);
    let mut bad = body("two", "https://luna.example");
    bad["credentials"]["password"] = json!(["canary-credential"]);
    bad["credentials"]["canary-credential"] = json!("canary-credential");
    let refused = app.admin().post("/v1/connections", bad).await;
    refused.problem(400, "invalid_request");
    let broken = app
        .admin()
        .ask("POST", "/v1/connections")
        .header("content-type", "application/json")
        .body("{\"credentials\": {\"password\": \"canary-credential")
        .await;
    for answer in [
        made,
        broken,
        app.admin().get("/v1/connections/one").await,
        app.admin().get("/v1/connections").await,
        app.admin().get("/v1/audit-events").await,
    ] {
        assert!(!answer.text.contains("canary-credential"), "{answer}");
    }
    assert!(!refused.text.contains("[\"canary-credential"), "{refused}");
    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("select ciphertext from connection_secrets")
        .fetch_all(app.sql())
        .await
        .expect("secrets");
    assert_eq!(sealed.len(), 2, "login and password");
    assert!(
        sealed
            .iter()
            .all(|bytes| !bytes.windows(6).any(|window| window == b"canary"))
    );
    app.stop().await;
}

#[tokio::test]
async fn who_saw_an_older_version_changes_nothing() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let path = "/v1/connections/luna";
    let seen = app.admin().get(path).await;
    let change = |every: u32| json!({"sync_every_seconds": every});
    let changed = app
        .admin()
        .patch(path, change(600))
        .if_match(seen.header("etag"))
        .await;
    changed.expect(200);
    assert_ne!(changed.header("etag"), seen.header("etag"));
    app.admin()
        .patch(path, change(700))
        .if_match(seen.header("etag"))
        .await
        .problem(412, "precondition_failed");
    app.admin()
        .delete(path)
        .if_match(seen.header("etag"))
        .await
        .problem(412, "precondition_failed");
    assert_eq!(app.get(path).await["sync_every_seconds"], 600);
    app.admin()
        .delete(path)
        .if_match(changed.header("etag"))
        .await
        .expect(204);
    app.stop().await;
}

#[tokio::test]
async fn a_connection_with_open_operations_stays() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.faults(LUNA, [LUNA.on_create(Fault::DelayMs { value: 400 })]);
    let running = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .respond_async()
        .await
        .expect(202);
    let refused = app.admin().delete("/v1/connections/luna").await;
    refused.problem(409, "conflict");
    app.wait_operation(&running["id"]).await;
    app.admin().delete("/v1/connections/luna").await.expect(204);
    assert_eq!(
        app.get("/v1/accounts").await["items"],
        json!([]),
        "our copies go with it"
    );
    assert_eq!(app.effects(LUNA).len(), 1, "the vendor's accounts do not");
    let operation = app.operation(&running["id"]).await;
    assert_eq!(operation["status"], "succeeded", "what was done stays told");
    app.stop().await;
}
