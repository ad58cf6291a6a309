//! The face: what every request and every answer have in common.

mod health;

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp};

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let app = TestApp::builder().start().await;
    for path in [
        "/nowhere",
        "/v1",
        "/v1/nowhere",
        "/v2/accounts",
        "/v1/accounts/",
        "/v1/accounts/x/y",
    ] {
        app.admin().get(path).await.problem(404, "not_found");
    }
    for path in [
        "/v1/accounts/not-a-uuid",
        "/v1/accounts/019fffff-ffff-7fff-bfff-ffffffffffff",
        "/v1/operations/0",
        "/v1/connections/nowhere",
        "/v1/vendors/nowhere",
    ] {
        app.admin().get(path).await.problem(404, "not_found");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_method_that_a_path_lacks_is_refused_with_those_it_has() {
    let app = TestApp::builder().start().await;
    for (method, path, allowed) in [
        ("PUT", "/v1/accounts", "GET,HEAD,PATCH,POST"),
        ("POST", "/v1/vendors", "GET,HEAD"),
        ("GET", "/v1/connections/x/check", "POST"),
        ("POST", "/livez", "GET,HEAD"),
        ("PUT", "/v1/connections/x", "DELETE,GET,HEAD,PATCH"),
    ] {
        let answer = app.admin().ask(method, path).await;
        answer.problem(405, "method_not_allowed");
        let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let ask = |body: &'static str| {
        app.admin()
            .ask("POST", "/v1/accounts")
            .header("content-type", "application/json")
            .body(body)
    };
    let broken = ask("{\n  \"connection_id\": ,\n}")
        .await
        .problem(400, "invalid_request");
    assert!(text(&broken["detail"]).contains("line 2"), "{broken:#}");
    for body in [
        "[]",
        "null",
        "7",
        "\"x\"",
        "{\"connection_id\": \"a\"} {}",
        "\u{feff}{}",
    ] {
        ask(body).await.problem(400, "invalid_request");
    }
    for (body, pointer) in [
        (
            "{\"connection_id\": \"luna\", \"colour\": \"red\"}",
            "/colour",
        ),
        ("{\"connection_id\": 7}", "/connection_id"),
        (
            "{\"connection_id\": \"luna\", \"attributes\": []}",
            "/attributes",
        ),
        (
            "{\"connection_id\": \"luna\", \"kind\": \"robot\"}",
            "/kind",
        ),
        (
            "{\"connection_id\": \"luna\", \"entitlement_ids\": [\"x\"]}",
            "/entitlement_ids/0",
        ),
        (
            "{\"connection_id\": \"luna\", \"login\": \"a\", \"login\": \"b\"}",
            "/login",
        ),
        ("{}", "/connection_id"),
    ] {
        let answer = ask(body).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    assert!(app.requests(LUNA).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn an_empty_body_is_an_empty_object() {
    let app = TestApp::builder().start().await;
    let empty = app
        .admin()
        .ask("POST", "/v1/accounts")
        .header("content-type", "application/json")
        .await;
    empty.problem(400, "invalid_request");
    assert_eq!(empty.pointers(), ["/connection_id"]);
    let none = app.admin().ask("POST", "/v1/accounts").await;
    none.problem(400, "invalid_request");
    assert_eq!(none.pointers(), ["/connection_id"]);
    app.stop().await;
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_not_read() {
    let app = TestApp::builder()
        .settings(|settings| settings.http.max_body_bytes = 4096)
        .start()
        .await;
    for kind in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
    ] {
        let answer = app
            .admin()
            .ask("POST", "/v1/accounts")
            .header("content-type", kind)
            .body("{}")
            .await;
        answer.problem(415, "unsupported_media_type");
    }
    let charset = app
        .admin()
        .ask("POST", "/v1/accounts")
        .header("content-type", "application/json; charset=utf-8");
    charset.body("{}").await.problem(400, "invalid_request");
    let large = json!({"connection_id": "x".repeat(5000)});
    app.admin()
        .post("/v1/accounts", large.clone())
        .await
        .problem(413, "payload_too_large");
    // A stranger's size is nobody's business.
    app.stranger()
        .post("/v1/accounts", large)
        .await
        .problem(401, "unauthenticated");
    app.stop().await;
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let app = TestApp::builder().start().await;
    let good = "Abc.123_-xyz";
    for path in [
        "/v1/accounts",
        "/livez",
        "/nowhere",
        "/v1/connections/nowhere",
        "/docs/",
    ] {
        let answer = app.admin().get(path).header("x-request-id", good).await;
        assert_eq!(answer.header("x-request-id"), good, "{path}");
    }
    for bad in ["short", "with blank in it", "a/b/c/d/e/f", &"x".repeat(129)] {
        let answer = app
            .admin()
            .get("/v1/nowhere")
            .header("x-request-id", bad)
            .await;
        answer.problem(404, "not_found");
        assert_ne!(answer.header("x-request-id"), bad);
    }
    let one = app.admin().get("/livez").await;
    let other = app.admin().get("/livez").await;
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    app.stop().await;
}

#[tokio::test]
async fn a_request_id_reaches_the_vendor_and_the_trail() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let id = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";
    app.admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .header("x-request-id", id)
        .await
        .expect(201);
    let sent = app
        .requests(LUNA)
        .into_iter()
        .find(|request| request.method == "POST")
        .expect("sent");
    assert!(format!("{:?}", sent.headers).contains(id), "{sent:?}");
    assert_eq!(app.operations().await[0]["request_id"], id);
    app.stop().await;
}

#[tokio::test]
async fn nothing_under_v1_is_cached_or_sniffed() {
    let app = TestApp::builder().start().await;
    for answer in [
        app.admin().get("/v1/accounts").await,
        app.stranger().get("/v1/accounts").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_documentation_is_served_without_a_network() {
    let app = TestApp::builder().start().await;
    let stranger = app.stranger();
    let root = stranger.get("/").await;
    assert!(root.status.is_redirection(), "{root}");
    assert_eq!(root.header("location").trim_end_matches('/'), "/docs");
    let page = stranger.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert!(
        !page.text.contains("https://") && !page.text.contains("http://"),
        "everything comes from here"
    );
    for file in [
        "swagger-ui.css",
        "swagger-ui-bundle.js",
        "swagger-initializer.js",
    ] {
        assert_eq!(
            stranger.get(&format!("/docs/{file}")).await.status,
            200,
            "{file}"
        );
    }
    let document = stranger.get("/openapi.json").await.expect(200);
    assert_eq!(
        document["openapi"].as_str().map(|version| &version[..4]),
        Some("3.1.")
    );
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    let version = stranger.get("/version").await.expect(200);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    app.stop().await;
}

#[tokio::test]
async fn under_a_prefix_every_place_carries_it() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .settings(|settings| settings.http.base_path = "/iam".into())
        .start()
        .await;
    let made = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .await;
    let id = made.expect(201)["id"].clone();
    assert_eq!(
        made.header("location"),
        format!("/iam/v1/accounts/{}", text(&id))
    );
    let document = app.stranger().get("/openapi.json").await.expect(200);
    assert_eq!(document["servers"][0]["url"], "/iam");
    assert_eq!(
        app.stranger()
            .get("/")
            .await
            .header("location")
            .trim_end_matches('/'),
        "/iam/docs"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_catalogue_describes_what_can_be_connected() {
    let app = TestApp::builder().start().await;
    let anybody = app.client(&["accounts:read"]).await;
    let vendors = anybody.get("/v1/vendors").await.expect(200);
    let items = vendors["items"].as_array().expect("items").clone();
    let names: Vec<&str> = items.iter().map(|vendor| text(&vendor["vendor"])).collect();
    assert_eq!(names, ["apono", "devo", "lightelligence", "lumos", "luna"]);
    for vendor in &items {
        let one = anybody
            .get(&format!("/v1/vendors/{}", text(&vendor["vendor"])))
            .await
            .expect(200);
        // The list leaves the documented operations to the single answers.
        let mut short = one.clone();
        let operations = short
            .as_object_mut()
            .expect("an object")
            .remove("operations");
        let operations = operations.and_then(|all| all.as_array().map(Vec::len));
        assert!(operations > Some(0), "{}", vendor["vendor"]);
        assert_eq!(short, *vendor);
        for variant in vendor["variants"].as_array().expect("variants") {
            for schema in [
                "settings_schema",
                "credentials_schema",
                "create_attributes_schema",
            ] {
                assert!(
                    jsonschema::meta::is_valid(&variant[schema]),
                    "{schema} of {}",
                    variant["variant"]
                );
            }
            assert!(
                variant["capabilities"]
                    .as_array()
                    .is_some_and(|can| can.contains(&json!("accounts.list")))
            );
            assert!(variant["settings_schema"]["properties"]["base_url"].is_object());
        }
    }
    assert_ne!(vendors, Value::Null);
    app.stop().await;
}
