//! Creating accounts.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUMOS, LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn an_account_is_created_once_at_each_vendor() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let account = answer.expect(201);
        assert_eq!(account["vendor"], vendor.name);
        assert_eq!(account["email"], "newcomer@example.org");
        assert_eq!(account["connection_id"], app.connection_id(vendor));
        assert_eq!(account["source"], "write");
        assert!(account.get("raw").is_none(), "{account:#}");
        let id = text(&account["id"]);
        assert_eq!(answer.header("location"), format!("/v1/accounts/{id}"));

        let effect = app.the_effect(vendor);
        assert!(effect.before.is_null(), "{effect:?}");
        assert!(
            effect.after.to_string().contains("newcomer@example.org"),
            "{effect:?}"
        );
        assert_eq!(effect.subject, text(&account["external_id"]));

        let found = app.admin().get(&format!("/v1/accounts/{id}")).await;
        assert_eq!(found.header("etag"), answer.header("etag"));
        for field in [
            "id",
            "email",
            "login",
            "display_name",
            "status",
            "kind",
            "attributes",
        ] {
            assert_eq!(
                found.json()[field],
                account[field],
                "{field} at {}",
                vendor.name
            );
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn the_payload_of_the_vendor_is_shown_when_asked_for() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}?include=raw", text(&account["id"]));
        let raw = app.get(&path).await["raw"].clone();
        assert!(raw.to_string().contains("newcomer@example.org"), "{raw:#}");
        assert!(!raw.to_string().contains("first-secret"), "{raw:#}");
        let refused = app.admin().get(&path.replace("raw", "everything")).await;
        refused.problem(400, "invalid_request");
        assert_eq!(refused.pointers(), ["include"]);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_field_that_the_vendor_can_not_keep_is_refused_with_its_pointer() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let (field, value) = vendor.unkept();
        let mut body = vendor.new_account("newcomer");
        body[field] = value;
        let answer = app.admin().post("/v1/accounts", body).await;
        let problem = answer.problem(422, "capability_not_supported");
        assert_eq!(answer.pointers(), [format!("/{field}")]);
        let can = problem["capabilities"].as_array().expect("what it can do");
        assert!(can.contains(&json!("accounts.create")), "{problem:#}");
        assert!(app.effects(vendor).is_empty());
        app.stop().await;
    }
}

#[tokio::test]
async fn a_login_that_the_vendor_can_not_represent_is_refused_before_anything_is_sent() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    let cases = [
        (LUNA, "a@my-co.com", "/email"),
        (LUNA, "a@sub.b.co", "/email"),
        (LUNA, "no-at-sign", "/email"),
        (LUNA, "a b@c.org", "/email"),
        (DEVO, "no-at-sign", "/email"),
        (DEVO, "a b@c.org", "/email"),
    ];
    for (vendor, email, pointer) in cases {
        let mut body = vendor.new_account("x");
        body.as_object_mut().expect("an object").remove("login");
        body["email"] = json!(email);
        let answer = app.admin().post("/v1/accounts", body).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [pointer], "{email} at {}", vendor.name);
    }
    for vendor in [LUNA, DEVO] {
        assert!(app.requests(vendor).is_empty(), "nothing was sent");
    }
    assert!(app.operations().await.is_empty(), "and nothing recorded");
    app.stop().await;
}

#[tokio::test]
async fn upper_case_and_one_word_for_login_and_email_will_do() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let body = json!({"connection_id": "luna", "email": "New.Comer@Example.org", "password": "some-secret"});
    let account = app.create_account(body).await;
    assert_eq!(account["login"], "new.comer@example.org");
    let both = json!({
        "connection_id": "luna", "login": "one@example.org", "email": "other@example.org", "password": "some-secret",
    });
    let answer = app.admin().post("/v1/accounts", both).await;
    answer.problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/login"]);
    app.stop().await;
}

#[tokio::test]
async fn what_the_vendor_has_already_is_a_conflict() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("ada.lind"))
            .await;
        let problem = answer.problem(409, "conflict");
        assert_eq!(problem["retryable"], false);
        let operation = app.operation(&problem["operation_id"]).await;
        assert_eq!(operation["status"], "failed");
        assert_eq!(operation["error"]["code"], "conflict");
        assert!(app.effects(vendor).is_empty());
        app.stop().await;
    }
}

#[tokio::test]
async fn what_no_vendor_would_take_is_refused_with_every_pointer() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    let cases = [
        (
            json!({"connection_id": "luna", "password": "some-secret"}),
            400,
            vec!["/login"],
        ),
        (
            json!({"connection_id": "luna", "email": "a@b.org"}),
            400,
            vec!["/password"],
        ),
        (
            json!({"connection_id": "luna", "email": "a@b.org", "password": "x"}),
            400,
            vec!["/password"],
        ),
        (
            json!({"connection_id": "luna", "email": "a@b.org", "password": "some-secret", "attributes": {"colour": "red"}}),
            400,
            vec!["/attributes/colour"],
        ),
        (
            json!({"connection_id": "devo", "email": "a@b.org", "attributes": {"role": "OWNER"}}),
            400,
            vec!["/attributes/role"],
        ),
        (
            json!({"connection_id": "devo", "email": "a@b.org", "password": "some-secret"}),
            422,
            vec!["/password"],
        ),
        (
            json!({"connection_id": "luna", "attributes": {"colour": "red", "size": 1}, "password": "some-secret"}),
            400,
            vec!["/attributes/colour", "/attributes/size", "/login"],
        ),
        (
            json!({"connection_id": "luna", "email": "a@b.org", "password": "some-secret",
                "entitlement_ids": ["019fffff-ffff-7fff-bfff-ffffffffffff"]}),
            400,
            vec!["/entitlement_ids/0"],
        ),
        (
            json!({"connection_id": "nowhere", "email": "a@b.org"}),
            404,
            vec!["/connection_id"],
        ),
    ];
    for (body, status, pointers) in cases {
        let answer = app.admin().post("/v1/accounts", body.clone()).await;
        answer.expect(status);
        assert_eq!(answer.pointers(), pointers, "{body}: {answer}");
    }
    // What only the connector's own schema knows.
    let cases = [
        (json!({"department": "astrology"}), "/attributes/department"),
        (json!({}), "/attributes/department"),
        (
            json!({"department": "sales", "cost_center": "many"}),
            "/attributes/cost_center",
        ),
        (
            json!({"department": "sales", "shoe_size": 42}),
            "/attributes/shoe_size",
        ),
    ];
    for (attributes, pointer) in cases {
        let mut body = LUMOS.new_account("x");
        body["attributes"] = attributes.clone();
        let answer = app.admin().post("/v1/accounts", body).await;
        assert!(answer.status.is_client_error(), "{attributes}: {answer}");
        assert_eq!(answer.pointers(), [pointer], "{attributes}: {answer}");
    }
    for vendor in WRITABLE {
        assert!(app.effects(vendor).is_empty());
    }
    app.stop().await;
}

#[tokio::test]
async fn the_connectors_own_schema_is_known_after_a_check() {
    let app = TestApp::builder().vendor(LUMOS).start().await;
    let check = app
        .admin()
        .post("/v1/connections/lumos-connector/check", Value::Null)
        .await
        .expect(200);
    assert_eq!(check["healthy"], true, "{check:#}");
    let known = app
        .get("/v1/connections/lumos-connector/capabilities")
        .await;
    let schema = &known["create_attributes_schema"];
    assert!(schema["properties"]["department"].is_object(), "{known:#}");
    assert!(
        schema["properties"].get("email").is_none(),
        "our own fields are not in it: {known:#}"
    );
    let before = app.requests(LUMOS).len();
    let mut body = LUMOS.new_account("x");
    body["attributes"] = json!({"department": "astrology", "shoe_size": 42});
    let answer = app.admin().post("/v1/accounts", body).await;
    answer.problem(400, "invalid_request");
    assert_eq!(
        answer.pointers(),
        ["/attributes/department", "/attributes/shoe_size"]
    );
    assert_eq!(
        app.requests(LUMOS).len(),
        before,
        "now the gateway knows without asking"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_created_account_is_the_one_that_a_sync_meets() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let run = app.synced(vendor).await;
        assert_eq!(
            run["changed"], 0,
            "what the write kept is what the listing shows: {run:#}"
        );
        let found = app.accounts(vendor, "&email=newcomer@example.org").await;
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0]["id"], account["id"]);
        app.stop().await;
    }
}
