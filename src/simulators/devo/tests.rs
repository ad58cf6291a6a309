mod domains;
mod roles;
mod tokens;

use chrono::Utc;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::auth;
use crate::simulators::{self, Drift, DriftOp, Fault, Options, Rule, Running};

const USERS: &str = "/probio/user/domain/acme%40parent";
const ZOE: &str = "/probio/user/email/zoe%40example.org/domain/acme%40parent";

async fn devo() -> Running {
    with(&[]).await
}

async fn with(quirks: &[(&str, &str)]) -> Running {
    let options = quirks
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.with_quirk(name, value)
        });
    simulators::start("devo", options).await.unwrap()
}

/// A call with these headers.
async fn send(
    devo: &Running,
    method: &str,
    path: &str,
    body: &str,
    headers: &[(&str, String)],
) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = Client::new()
        .request(method, format!("{}{path}", devo.url))
        .body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.send().await.unwrap()
}

/// Status and body (null when empty) of a signed call.
async fn call(devo: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = auth::signed_headers(&body, Utc::now().timestamp_millis());
    let response = send(devo, method, path, &body, &headers).await;
    assert!(response.headers().contains_key("x-devo-cid"));
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap()
    };
    (status, body)
}

/// Status, code and message of a call that must be refused.
async fn refused(devo: &Running, method: &str, path: &str, body: Value) -> (u16, u64, String) {
    let (status, body) = call(devo, method, path, body).await;
    let error = &body["error"];
    let code = error["code"].as_u64().unwrap_or_else(|| panic!("{body}"));
    (status, code, error["message"].as_str().unwrap().to_owned())
}

fn zoe() -> Value {
    json!({"domain": "acme@parent", "userName": "Zoë Falk", "email": "zoe@example.org", "role": "reviewer"})
}

#[tokio::test]
async fn a_user_lives_from_invitation_to_removal() {
    let devo = devo().await;
    let (status, user) = call(&devo, "POST", "/probio/user/internal", zoe()).await;
    assert_eq!(status, 200);
    assert_eq!(
        user,
        json!({
            "email": "zoe@example.org", "userName": "Zoë Falk", "role": "reviewer", "domain": "acme@parent",
            "owner": false, "status": "pending", "roleList": ["reviewer"], "id": user["id"]
        })
    );
    let id = user["id"].as_str().unwrap();
    let (_, anywhere) = call(
        &devo,
        "GET",
        "/probio/user/email/zoe%40example.org",
        Value::Null,
    )
    .await;
    assert_eq!(
        anywhere,
        json!({"email": "zoe@example.org", "userName": "Zoë Falk", "phone": null, "id": id})
    );

    let path = format!("/probio/user/internal/{id}");
    let change = json!({"userName": "Zoe Falk", "phone": "+49 30 1234567"});
    let (_, changed) = call(&devo, "PUT", &path, change).await;
    assert_eq!(changed["phone"], "+49 30 1234567");
    let (_, user) = call(
        &devo,
        "GET",
        &format!("{path}/domain/acme%40parent"),
        Value::Null,
    )
    .await;
    assert_eq!(user["userName"], "Zoe Falk");

    let (_, off) = call(&devo, "POST", &format!("{ZOE}/disable"), Value::Null).await;
    assert_eq!(off["status"], "inactive");
    let again = refused(&devo, "POST", &format!("{ZOE}/disable"), Value::Null).await;
    assert_eq!((again.0, again.1), (400, 116));
    let (_, on) = call(&devo, "POST", &format!("{ZOE}/enable"), Value::Null).await;
    assert_eq!(on["status"], "active");
    let again = refused(&devo, "POST", &format!("{ZOE}/enable"), Value::Null).await;
    assert_eq!((again.0, again.1), (400, 116));

    assert_eq!(
        call(&devo, "DELETE", ZOE, Value::Null).await,
        (200, Value::Null)
    );
    for path in [ZOE, "/probio/user/email/zoe%40example.org", &path] {
        let gone = refused(&devo, "GET", path, Value::Null).await;
        assert_eq!((gone.0, gone.1), (400, 100));
        assert!(gone.2.ends_with("not found"), "{}", gone.2);
    }
    let operations: Vec<String> = devo
        .effects()
        .iter()
        .map(|effect| effect.operation.clone())
        .collect();
    assert_eq!(
        operations,
        [
            "POST /probio/user/internal",
            "PUT /probio/user/internal/{id}",
            "POST /probio/user/email/{email}/domain/{domain}/disable",
            "POST /probio/user/email/{email}/domain/{domain}/enable",
            "DELETE /probio/user/email/{email}/domain/{domain}"
        ]
    );
}

#[tokio::test]
async fn the_seed_has_an_owner_and_every_state() {
    let devo = devo().await;
    let (_, users) = call(&devo, "GET", USERS, Value::Null).await;
    let users = users.as_array().unwrap();
    assert_eq!(users.len(), 60);
    assert_eq!(users, &devo.state().accounts);
    let has = |field: &str, value: Value| users.iter().filter(|user| user[field] == value).count();
    assert_eq!(has("owner", json!(true)), 1);
    for status in ["active", "pending", "inactive"] {
        assert!(has("status", json!(status)) > 0, "{status}");
    }
    let (_, ada) = call(
        &devo,
        "GET",
        "/probio/user/email/Ada.Lind%40example.org/domain/acme%40parent",
        Value::Null,
    )
    .await;
    assert_eq!(ada["status"], "active");
}

#[tokio::test]
async fn only_exact_bytes_and_a_fresh_time_are_let_in() {
    let devo = devo().await;
    let now = Utc::now().timestamp_millis();
    let body = zoe().to_string();
    let status = async |sent: &str, headers: &[(&str, String)]| {
        send(&devo, "POST", "/probio/user/internal", sent, headers)
            .await
            .status()
            .as_u16()
    };
    let good = auth::signed_headers(&body, now);
    let spaced = format!("{body} ");
    assert_eq!(status(&spaced, &good).await, 401);
    assert_eq!(status(&body, &[]).await, 401);
    for skewed in [now - 301_000, now + 360_000] {
        assert_eq!(
            status(&body, &auth::signed_headers(&body, skewed)).await,
            401
        );
    }
    let mut upper = good.clone();
    upper[2].1 = upper[2].1.to_uppercase();
    assert_eq!(status(&body, &upper).await, 401);
    // A multitenant domain takes no tokens.
    let token = [(
        "standAloneToken",
        "51300000000000000000000000c0ffee".to_owned(),
    )];
    assert_eq!(status(&body, &token).await, 401);
    assert!(devo.effects().is_empty());
    assert_eq!(status(&body, &good).await, 200);
}

#[tokio::test]
async fn a_bad_signature_may_hide_behind_a_404() {
    let devo = with(&[("bad_signature_status", "404")]).await;
    let response = send(&devo, "GET", USERS, "", &[]).await;
    assert_eq!(response.status(), 404);
    assert!(response.headers().contains_key("x-devo-cid"));
    assert_eq!(response.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_common_domain_takes_tokens() {
    let devo = with(&[("domain", "acme"), ("auth", "standalone_token")]).await;
    let connection = devo.connection("devo/domain").unwrap();
    assert_eq!(connection["settings"]["domain"], "acme");
    let token = connection["credentials"]["token"].as_str().unwrap();
    for header in [
        ("STANDALONETOKEN", token.to_owned()),
        ("authorization", format!("Bearer {token}")),
    ] {
        let path = "/probio/user/domain/acme";
        let response = send(&devo, "GET", path, "", std::slice::from_ref(&header)).await;
        assert_eq!(response.status(), 200);
        let response = send(&devo, "GET", "/probio/user/domain/other", "", &[header]).await;
        assert_eq!(response.status(), 403);
    }
}

#[tokio::test]
async fn what_the_domain_cannot_take_is_a_400() {
    let devo = devo().await;
    let add = async |field: &str, value: Value| {
        let mut new = zoe();
        new[field] = value;
        refused(&devo, "POST", "/probio/user/internal", new).await
    };
    for (field, value) in [
        ("domain", json!("1acme")),
        ("email", json!("zoe")),
        ("userName", json!("Zoe!")),
        ("role", json!("a/b")),
        ("phone", json!("030 123")),
        ("email", json!(7)),
    ] {
        let (status, code, _) = add(field, value).await;
        assert_eq!((status, code), (400, 100), "{field}");
    }
    assert_eq!(
        add("role", json!("astronaut")).await.2,
        "Role 'astronaut' not found"
    );
    assert_eq!(
        add("domain", json!("nowhere")).await.2,
        "Domain 'nowhere' not found"
    );
    assert!(
        add("email", json!("ADA.LIND@example.org"))
            .await
            .2
            .contains("already exists")
    );
    assert!(
        add("role", json!("OWNER"))
            .await
            .2
            .contains("already has an owner")
    );
    let owner = "/probio/user/email/owner%40example.org/domain/acme%40parent";
    let stays = refused(&devo, "DELETE", owner, Value::Null).await;
    assert_eq!(
        stays,
        (400, 112, "Domain owner can not be deleted".to_owned())
    );
    assert!(devo.effects().is_empty());
}

#[tokio::test]
async fn a_domain_begins_with_its_owner_and_shares_people() {
    let devo = devo().await;
    let add = async |path: &str, email: &str, role: &str| {
        let new = json!({"domain": "beta@parent", "email": email, "role": role, "userName": "Somebody", "externalId": "x-1"});
        call(&devo, "POST", path, new).await
    };
    let (status, _) = add("/probio/user/internal", "ada.lind@example.org", "ADMIN").await;
    assert_eq!(status, 400);
    let (status, _) = add("/probio/user/external", "ada.lind@example.org", "OWNER").await;
    assert_eq!(status, 400);
    let (_, owner) = add("/probio/user/internal", "ada.lind@example.org", "OWNER").await;
    assert_eq!(owner["owner"], true);
    assert_eq!(owner["role"], "ADMIN");
    assert_eq!(owner["userName"], "Ada Lind");
    let (_, external) = add("/probio/user/external", "new@example.org", "no privileges").await;
    assert_eq!(external["status"], "active");
    assert_eq!(external["roleList"], json!(["NO_PRIVILEGES"]));
    let path = "/probio/user/external/x-1/domain/beta%40parent";
    assert_eq!(call(&devo, "GET", path, Value::Null).await.1, external);
}

#[tokio::test]
async fn validation_can_be_skipped_by_either_name() {
    for name in ["skipValidation", "skipMailValidation"] {
        let devo = devo().await;
        let path = format!("/probio/user/internal?{name}=true");
        assert_eq!(
            call(&devo, "POST", &path, zoe()).await.1["status"],
            "active"
        );
    }
}

#[tokio::test]
async fn what_is_missing_may_be_a_404_that_says_so() {
    let devo = with(&[("missing_status", "404")]).await;
    let gone = refused(&devo, "GET", ZOE, Value::Null).await;
    assert_eq!((gone.0, gone.1), (404, 100));
}

#[tokio::test]
async fn the_front_layer_has_errors_of_its_own() {
    let devo = devo().await;
    let (status, body) = call(&devo, "GET", "/probio/nothing", Value::Null).await;
    assert_eq!((status, body["status"].clone()), (404, json!(404)));
    assert!(
        body["cid"].is_string() && body["object"].is_array(),
        "{body}"
    );
    let (status, _) = call(&devo, "PATCH", USERS, Value::Null).await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn domains_and_their_roles_can_be_read() {
    let devo = devo().await;
    let (_, domains) = call(&devo, "GET", "/probio/domain", Value::Null).await;
    assert_eq!(domains.as_array().unwrap().len(), 5);
    let path = "/probio/domain/acme%40parent";
    let (_, domain) = call(&devo, "GET", path, Value::Null).await;
    assert_eq!(domain["name"], "acme@parent");
    let (_, roles) = call(&devo, "GET", &format!("{path}/roles"), Value::Null).await;
    assert_eq!(roles[0]["type"], "ADMIN");
    let held = devo.state();
    let of_all = held.of("devo/multitenant").entitlements.len();
    assert_eq!(
        (held.entitlements.len(), of_all),
        (5, 25),
        "with each domain's owner"
    );
}

#[tokio::test]
async fn faults_damage_the_listing_and_drift_leaves_no_effect() {
    let devo = devo().await;
    let length = async || {
        let (_, users) = call(&devo, "GET", USERS, Value::Null).await;
        users.as_array().unwrap().len()
    };
    devo.faults([Rule::new(Fault::PageMissing), Rule::new(Fault::PageRepeat)]);
    assert_eq!(
        [length().await, length().await, length().await],
        [30, 70, 60]
    );

    let drift = |op, id: &str, value| Drift {
        op,
        kind: "account".into(),
        id: Some(id.to_owned()),
        value,
    };
    devo.drift(&[
        drift(
            DriftOp::Add,
            "new@example.org",
            json!({"userName": "New One"}),
        ),
        drift(
            DriftOp::Change,
            "new@example.org",
            json!({"status": "inactive"}),
        ),
        drift(DriftOp::Remove, "ada.lind@example.org", Value::Null),
    ])
    .unwrap();
    assert_eq!(length().await, 60);
    assert!(devo.effects().is_empty());
}
