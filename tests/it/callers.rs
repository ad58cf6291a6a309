//! Callers: keys, scopes, connections, people.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::keys::KeySpec;
use crate::support::{DEVO, LUNA, TestApp};

#[tokio::test]
async fn a_key_is_shown_once_and_works() {
    let app = TestApp::builder().start().await;
    let body = json!({"name": "nightly", "scopes": ["accounts:read"], "expires_in_seconds": 3600});
    let answer = app.admin().post("/v1/api-keys", body).await;
    let made = answer.expect(201);
    let (secret, key) = (text(&made["secret"]), &made);
    assert!(
        secret.starts_with("igw_") && secret.starts_with(text(&key["prefix"])),
        "{made:#}"
    );
    assert_eq!(
        answer.header("location"),
        format!("/v1/api-keys/{}", text(&key["id"]))
    );
    let client = app.stranger().with_key(secret);
    client.get("/v1/accounts").await.expect(200);
    client
        .get("/v1/connections")
        .await
        .problem(403, "forbidden");
    let who = client.get("/v1/whoami").await.expect(200);
    assert_eq!(who["scopes"], json!(["accounts:read"]));
    assert_eq!(who["person"], Value::Null);
    let list = app.admin().get("/v1/api-keys").await;
    assert!(!list.text.contains(secret) && list.text.contains(text(&key["prefix"])));
    let stored: Vec<u8> = sqlx::query_scalar("select hash from api_keys where prefix = $1")
        .bind(text(&key["prefix"]))
        .fetch_one(app.sql())
        .await
        .expect("a hash");
    assert_eq!(stored.len(), 32, "a keyed hash and nothing else");
    app.stop().await;
}

#[tokio::test]
async fn an_expired_or_revoked_key_is_a_strangers() {
    let app = TestApp::builder().start().await;
    let mut clients = Vec::new();
    for name in ["expires", "goes"] {
        let body = json!({"name": name, "scopes": ["accounts:read"]});
        let made = app.admin().post("/v1/api-keys", body).await.expect(201);
        let client = app.stranger().with_key(text(&made["secret"]));
        client.get("/v1/accounts").await.expect(200);
        clients.push((client, made["id"].clone()));
    }
    sqlx::query("update api_keys set expires_at = clock_timestamp() where name = 'expires'")
        .execute(app.sql())
        .await
        .expect("expired");
    let path = format!("/v1/api-keys/{}", text(&clients[1].1));
    app.admin().delete(&path).await.expect(204);
    app.admin().delete(&path).await.expect(204);
    let never = app.stranger().with_key(&format!("igw_{}", "A".repeat(48)));
    let mut words = Vec::new();
    for client in clients.iter().map(|(client, _)| client).chain([&never]) {
        words.push(
            client
                .get("/v1/accounts")
                .await
                .problem(401, "unauthenticated")["detail"]
                .clone(),
        );
    }
    assert!(
        words.iter().all(|word| *word == words[0]),
        "one word for all: {words:?}"
    );
    let trail = app.all("/v1/audit-events?action=api_key.revoke").await;
    assert_eq!(trail.len(), 1, "revoked once");
    app.stop().await;
}

#[tokio::test]
async fn whatever_is_no_key_is_refused() {
    let app = TestApp::builder().start().await;
    for value in [
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "igw_x",
        "Bearer igw_x",
        "Bearer ünsinn",
        "bearer null",
    ] {
        let answer = app
            .stranger()
            .get("/v1/accounts")
            .header("authorization", value)
            .await;
        answer.problem(401, "unauthenticated");
        assert!(
            answer.header("www-authenticate").starts_with("Bearer"),
            "{value}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_key_can_not_be_made_with_more_than_its_maker_has() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    let maker = app
        .key(KeySpec {
            scopes: ["keys:admin", "accounts:read"].map(String::from).into(),
            connections: Some(vec!["luna".into()]),
            person: None,
        })
        .await;
    let make = async |body: Value| maker.post("/v1/api-keys", body).await;
    let more = make(json!({"name": "x", "scopes": ["accounts:read", "accounts:write"]})).await;
    assert!(text(&more.problem(403, "forbidden")["detail"]).contains("accounts:write"));
    let elsewhere =
        make(json!({"name": "x", "scopes": ["accounts:read"], "connection_ids": ["luna", "devo"]}))
            .await;
    elsewhere.problem(400, "invalid_request");
    assert_eq!(elsewhere.pointers(), ["/connection_ids/1"]);
    let nowhere = make(
        json!({"name": "x", "scopes": ["accounts:read"], "connection_ids": ["luna", "nowhere"]}),
    )
    .await;
    assert_eq!(
        nowhere.json()["errors"],
        elsewhere.json()["errors"],
        "foreign or missing reads the same"
    );
    let person =
        make(json!({"name": "x", "scopes": ["accounts:read"], "person": "ada.lind@example.org"}))
            .await;
    assert!(text(&person.problem(403, "forbidden")["detail"]).contains("keys:people"));
    let good = make(json!({"name": "x", "scopes": ["accounts:read"]}))
        .await
        .expect(201);
    assert_eq!(
        good["connection_ids"],
        json!([app.connection_id(LUNA)]),
        "no wider than its maker's"
    );
    app.stop().await;
}

#[tokio::test]
async fn every_bad_field_of_a_key_is_named_at_once() {
    let app = TestApp::builder().start().await;
    let cases = [
        (
            json!({"name": " ", "scopes": ["accounts:read", "accounts:fly", "access_requests:decide"],
                "expires_in_seconds": 59, "person": null}),
            vec!["/expires_in_seconds", "/name", "/scopes/1", "/scopes/2"],
        ),
        (json!({"name": "x", "scopes": []}), vec!["/scopes"]),
        (
            json!({"name": "x", "scopes": ["accounts:read"], "expires_in_seconds": 40_000_000}),
            vec!["/expires_in_seconds"],
        ),
        (
            json!({"name": "x", "scopes": ["accounts:read"], "person": "nobody"}),
            vec!["/person"],
        ),
        (
            json!({"name": "x", "scopes": ["accounts:read"], "for_ever": true}),
            vec!["/for_ever"],
        ),
        (json!({"scopes": ["accounts:read"]}), vec!["/name"]),
    ];
    for (body, pointers) in cases {
        let answer = app.admin().post("/v1/api-keys", body.clone()).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), pointers, "{body}");
    }
    app.stop().await;
}

#[tokio::test]
async fn every_key_expires() {
    let app = TestApp::builder().start().await;
    let made = app
        .admin()
        .post(
            "/v1/api-keys",
            json!({"name": "x", "scopes": ["accounts:read"]}),
        )
        .await
        .expect(201);
    let days: f64 = sqlx::query_scalar("select extract(epoch from expires_at - now())::float8 / 86400 from api_keys where name = 'x'")
        .fetch_one(app.sql())
        .await
        .expect("a time");
    assert!((89.9..90.1).contains(&days), "{days}");
    assert!(made["expires_at"].is_string());
    app.stop().await;
}

#[tokio::test]
async fn a_persons_key_names_the_person() {
    let app = TestApp::builder().start().await;
    let body = json!({"name": "Ada", "scopes": ["accounts:read", "access_requests:decide"], "person": "Ada.Lind@Example.org"});
    let maker = app
        .client(&["keys:admin", "keys:people", "accounts:read"])
        .await;
    let made = maker.post("/v1/api-keys", body).await.expect(201);
    assert_eq!(made["person"], "ada.lind@example.org");
    let ada = app.stranger().with_key(text(&made["secret"]));
    let who = ada.get("/v1/whoami").await.expect(200);
    assert_eq!(who["person"], "ada.lind@example.org");
    let found = app.all("/v1/api-keys?person=ada.lind@example.org").await;
    assert_eq!(found.len(), 1);
    let person = app
        .person("bruno.keller@example.org", &["accounts:read"])
        .await;
    person.get("/v1/accounts").await.expect(200);
    app.stop().await;
}

#[tokio::test]
async fn a_key_for_one_connection_sees_nothing_of_another() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    let foreign = app.create_account(DEVO.new_account("newcomer")).await;
    app.create_account(LUNA.new_account("newcomer")).await;
    let client = app.only_for(&["luna"]).await;
    for (path, field) in [
        ("/v1/accounts?limit=1000", "connection_id"),
        ("/v1/operations", "connection_id"),
        ("/v1/audit-events", "connection_id"),
        ("/v1/connections", "id"),
    ] {
        let page = client.get(path).await.expect(200);
        let items = page["items"].as_array().expect("items");
        assert!(!items.is_empty(), "{path}");
        assert!(
            items
                .iter()
                .all(|item| item[field] == app.connection_id(LUNA)),
            "{path}: {page:#}"
        );
    }
    let path = format!("/v1/accounts/{}", text(&foreign["id"]));
    client.get(&path).await.problem(404, "not_found");
    client.delete(&path).await.problem(404, "not_found");
    client
        .get("/v1/connections/devo")
        .await
        .problem(404, "not_found");
    client
        .post("/v1/accounts", DEVO.new_account("other"))
        .await
        .problem(404, "not_found");
    let missing = client
        .get("/v1/accounts?connection_id=nowhere")
        .await
        .problem(404, "not_found");
    let hidden = client
        .get("/v1/accounts?connection_id=devo")
        .await
        .problem(404, "not_found");
    assert_eq!(
        missing["detail"], hidden["detail"],
        "foreign or missing reads the same"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_last_use_of_a_key_is_kept() {
    let app = TestApp::builder().start().await;
    let made = app
        .admin()
        .post(
            "/v1/api-keys",
            json!({"name": "x", "scopes": ["accounts:read"]}),
        )
        .await
        .expect(201);
    assert_eq!(made["last_used_at"], Value::Null);
    app.stranger()
        .with_key(text(&made["secret"]))
        .get("/v1/accounts")
        .await
        .expect(200);
    let keys = app.all("/v1/api-keys?limit=10").await;
    let used = keys.iter().find(|key| key["name"] == "x").expect("listed");
    assert!(used["last_used_at"].is_string(), "{used:#}");
    app.stop().await;
}
