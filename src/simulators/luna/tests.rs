use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::simulators::{self, Drift, DriftOp, Fault, Options, Rule, Running, kit::people};

const ID: &str = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";

async fn luna() -> Running {
    simulators::start("luna", Options::default()).await.unwrap()
}

/// Status and body (null when empty) of one call.
async fn call(luna: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    call_with(luna, method, path, body, &[]).await
}

async fn call_with(
    luna: &Running,
    method: &str,
    path: &str,
    body: Value,
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = Client::new().request(method, format!("{}{path}", luna.url));
    if !body.is_null() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        },
    )
}

/// Status and error code of a call that must be refused.
async fn refused(luna: &Running, method: &str, path: &str, body: Value) -> (u16, u64) {
    let (status, body) = call(luna, method, path, body).await;
    assert!(
        body["desc"].is_string() && body["detail"].is_string(),
        "{body}"
    );
    (status, body["error_code"].as_u64().unwrap())
}

fn ops() -> Value {
    json!({"login": "ops@example.org", "password": "s3cret-pass", "account_type": "advanced_user", "description": "ops team"})
}

#[tokio::test]
async fn an_account_lives_from_create_to_delete() {
    let luna = luna().await;
    let (status, created) = call_with(
        &luna,
        "POST",
        "/1/accounts",
        ops(),
        &[("Luna-Account-Id", ID)],
    )
    .await;
    assert_eq!(
        (status, created),
        (
            201,
            json!({"account_id": ID, "url": format!("/1/accounts/{ID}")})
        )
    );

    let path = format!("/1/accounts/{ID}");
    let (_, account) = call(&luna, "GET", &path, Value::Null).await;
    assert_eq!(account["login"], "ops@example.org");
    assert_eq!(account.as_object().unwrap().len(), 6, "{account}");

    assert_eq!(
        call(&luna, "PATCH", &path, json!({"description": "night shift"})).await,
        (204, Value::Null)
    );
    let (_, account) = call(
        &luna,
        "GET",
        &format!("{path}?targets=description,login"),
        Value::Null,
    )
    .await;
    assert_eq!(
        account,
        json!({"description": "night shift", "login": "ops@example.org"})
    );

    assert_eq!(
        call(&luna, "DELETE", &path, Value::Null).await,
        (204, Value::Null)
    );
    assert_eq!(
        refused(&luna, "GET", &path, Value::Null).await,
        (404, 41004)
    );
    assert_eq!(
        refused(&luna, "DELETE", &path, Value::Null).await,
        (404, 41004)
    );

    let effects = luna.effects();
    let operations: Vec<_> = effects
        .iter()
        .map(|effect| effect.operation.as_str())
        .collect();
    assert_eq!(
        operations,
        [
            "POST /1/accounts",
            "PATCH /1/accounts/{account_id}",
            "DELETE /1/accounts/{account_id}"
        ]
    );
    assert_eq!(effects[1].before["description"], "ops team");
    assert_eq!(effects[2].after, Value::Null);
    let shown = serde_json::to_string(&(effects, luna.state())).unwrap();
    assert!(!shown.contains("s3cret-pass") && !shown.contains("password"));
    assert!(luna.requests()[0].body.contains("s3cret-pass"));
}

#[tokio::test]
async fn what_is_taken_stays_taken() {
    let luna = luna().await;
    let own = [("Luna-Account-Id", ID)];
    assert_eq!(
        call_with(&luna, "POST", "/1/accounts", ops(), &own).await.0,
        201
    );
    let (status, again) = call_with(&luna, "POST", "/1/accounts", ops(), &own).await;
    assert_eq!((status, again["error_code"].as_u64()), (409, Some(41002)));
    assert_eq!(
        refused(&luna, "POST", "/1/accounts", ops()).await,
        (409, 41001)
    );
    let taken = json!({"login": "ada.lind@example.org"});
    assert_eq!(
        refused(&luna, "PATCH", &format!("/1/accounts/{ID}"), taken).await,
        (409, 41001)
    );
    assert_eq!(luna.effects().len(), 1);
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let luna = luna().await;
    let with = |name: &str, value: Value| {
        let mut body = ops();
        body[name] = value;
        body
    };
    for body in [
        with("nickname", json!("x")),
        with("login", json!("Ops@example.org")),
        with("login", json!("ops@my-co.com")),
        with("login", json!("ops@sub.b.co")),
        with("password", json!("ab")),
        with("description", json!("x".repeat(129))),
        with("description", Value::Null),
        with("account_type", json!("root")),
        json!({"login": "ops@example.org"}),
    ] {
        assert_eq!(
            refused(&luna, "POST", "/1/accounts", body.clone()).await,
            (400, 12022),
            "{body}"
        );
    }
    assert_eq!(
        call(&luna, "POST", "/1/accounts", with("login", json!("a@b.co")))
            .await
            .0,
        201
    );
    let (_, extra) = call(&luna, "POST", "/1/accounts", with("nickname", json!("x"))).await;
    let detail =
        "Failed to validate input json. Path: 'nickname', message: 'extra fields not permitted'";
    assert_eq!(
        extra,
        json!({"error_code": 12022, "desc": "Bad/incomplete input data", "detail": detail})
    );
    assert_eq!(
        refused(&luna, "POST", "/1/accounts", Value::Null).await,
        (400, 12030)
    );
    assert_eq!(
        refused(&luna, "POST", "/1/accounts", json!([])).await,
        (400, 12027)
    );
    let ada = format!("/1/accounts/{}", people::uuid("luna/account", 1));
    assert_eq!(refused(&luna, "PATCH", &ada, json!({})).await, (400, 12005));
}

#[tokio::test]
async fn lists_page_filter_and_refuse_what_they_do_not_know() {
    let luna = luna().await;
    let (_, page) = call(
        &luna,
        "GET",
        "/1/accounts?page=1&page_size=100",
        Value::Null,
    )
    .await;
    assert_eq!(
        (
            page["accounts"].as_array().unwrap().len(),
            &page["total_count"]
        ),
        (60, &json!(60))
    );
    let (_, past) = call(&luna, "GET", "/1/accounts?page=8", Value::Null).await;
    assert_eq!(past, json!({"accounts": [], "total_count": 60}));
    let (_, admins) = call(
        &luna,
        "GET",
        "/1/accounts?account_type=admin&targets=login",
        Value::Null,
    )
    .await;
    assert_eq!(
        admins,
        json!({"accounts": [{"login": "root@luna.example"}], "total_count": 1})
    );
    let (_, ada) = call(
        &luna,
        "GET",
        "/1/accounts?login=ada.lind%40example.org",
        Value::Null,
    )
    .await;
    assert_eq!(ada["total_count"], 1);
    let since = ada["accounts"][0]["create_time"].as_str().unwrap();
    let (_, later) = call(
        &luna,
        "GET",
        &format!("/1/accounts?create_time__gte={since}"),
        Value::Null,
    )
    .await;
    let (_, earlier) = call(
        &luna,
        "GET",
        &format!("/1/accounts?create_time__lt={since}"),
        Value::Null,
    )
    .await;
    assert_eq!(
        (&later["total_count"], &earlier["total_count"]),
        (&json!(59), &json!(1))
    );
    assert_eq!(
        call(&luna, "GET", "/1/accounts/count", Value::Null).await.1,
        json!({"count": 60})
    );

    for query in [
        "page=0",
        "page=x",
        "page_size=101",
        "size=5",
        "login=ADA",
        "page=1&page=2",
        "create_time__lt=now",
    ] {
        assert_eq!(
            refused(&luna, "GET", &format!("/1/accounts?{query}"), Value::Null).await,
            (400, 12012),
            "{query}"
        );
    }
    assert_eq!(
        refused(
            &luna,
            "GET",
            "/1/accounts?targets=login,password",
            Value::Null
        )
        .await,
        (400, 41010)
    );
    let upper = ID.to_uppercase();
    assert_eq!(
        refused(&luna, "GET", &format!("/1/accounts/{upper}"), Value::Null).await,
        (400, 12001)
    );
    assert_eq!(
        refused(&luna, "GET", "/1/nothing", Value::Null).await,
        (404, 12013)
    );
    assert_eq!(
        refused(&luna, "PUT", "/1/accounts", Value::Null).await,
        (405, 12021)
    );
}

#[tokio::test]
async fn page_faults_show_in_the_listing() {
    let luna = luna().await;
    let first = async |page: u32| {
        let path = format!("/1/accounts?page={page}&page_size=20");
        let (_, body) = call(&luna, "GET", &path, Value::Null).await;
        (
            body["accounts"][0]["login"].clone(),
            body["total_count"].as_u64().unwrap(),
        )
    };
    let (one, two) = (first(1).await, first(2).await);
    luna.faults([
        Rule::new(Fault::PageRepeat),
        Rule::new(Fault::PageMissing),
        Rule::new(Fault::PageLoop),
    ]);
    assert_eq!(first(2).await, one);
    assert_eq!(first(2).await, (Value::Null, 60));
    assert_eq!(first(4).await, (one.0, 100));
    assert_eq!(first(2).await, two);
}

#[tokio::test]
async fn request_ids_come_back() {
    let luna = luna().await;
    let get = async |id: Option<&str>| {
        let mut request = Client::new().get(format!("{}/version", luna.url));
        if let Some(id) = id {
            request = request.header("Luna-Request-Id", id);
        }
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.headers()["luna-request-id"]
                .to_str()
                .unwrap()
                .to_owned(),
        )
    };
    let given = format!("1893456000,{ID}");
    assert_eq!(get(Some(&given)).await, (200, given));
    assert_eq!(get(None).await.0, 200);
    assert_eq!(get(Some("7")).await.0, 400);
}

#[tokio::test]
async fn the_verifier_knows_whose_credentials_these_are() {
    let luna = luna().await;
    call_with(
        &luna,
        "POST",
        "/1/accounts",
        ops(),
        &[("Luna-Account-Id", ID)],
    )
    .await;
    let good = json!({"login": "ops@example.org", "password": "s3cret-pass"});
    let answer = json!({"account_id": ID, "account_type": "advanced_user"});
    assert_eq!(
        call(&luna, "POST", "/1/verifier", good.clone()).await,
        (200, answer)
    );
    assert_eq!(
        call(&luna, "POST", "/1/verifier", json!({"account_id": ID}))
            .await
            .0,
        200
    );
    call(
        &luna,
        "PATCH",
        &format!("/1/accounts/{ID}"),
        json!({"password": "another-pass"}),
    )
    .await;
    assert_eq!(
        refused(&luna, "POST", "/1/verifier", good).await,
        (401, 41006)
    );
    assert_eq!(
        refused(&luna, "POST", "/1/verifier", json!({"token": "a.b.c"})).await,
        (400, 41008)
    );
    assert_eq!(
        refused(
            &luna,
            "POST",
            "/1/verifier",
            json!({"account_id": ID, "token": "a"})
        )
        .await,
        (400, 12027)
    );
}

#[tokio::test]
async fn the_strict_mode_asks_for_its_credentials() {
    let options = Options::default().with_quirk("auth", "basic");
    let luna = simulators::start("luna", options).await.unwrap();
    let basic = |text: &str| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        format!("Basic {}", STANDARD.encode(text))
    };
    let list = async |authorization: &str| {
        let (status, body) = call_with(
            &luna,
            "GET",
            "/1/accounts",
            Value::Null,
            &[("authorization", authorization)],
        )
        .await;
        (status, body["error_code"].as_u64())
    };
    assert_eq!(
        refused(&luna, "GET", "/1/accounts", Value::Null).await,
        (401, 12010)
    );
    assert_eq!(list("Bearer x").await, (401, Some(12019)));
    assert_eq!(
        list(&basic("root@luna.example:wrong")).await,
        (401, Some(41006))
    );
    let credentials = luna.connection()["credentials"].clone();
    let known = format!(
        "{}:{}",
        credentials["login"].as_str().unwrap(),
        credentials["password"].as_str().unwrap()
    );
    assert_eq!(list(&basic(&known)).await, (200, None));
    assert_eq!(call(&luna, "GET", "/healthcheck", Value::Null).await.0, 200);
}

#[tokio::test]
async fn drift_changes_accounts_unseen() {
    let luna = luna().await;
    let ada = people::uuid("luna/account", 1).to_string();
    let drift = |op, id: Option<&str>, value| Drift {
        op,
        kind: "account".to_owned(),
        id: id.map(str::to_owned),
        value,
    };
    luna.drift(&[
        drift(DriftOp::Add, Some(ID), json!({"login": "new@example.org"})),
        drift(DriftOp::Change, Some(&ada), json!({"description": "moved"})),
    ])
    .unwrap();
    assert_eq!(
        call(&luna, "GET", &format!("/1/accounts/{ada}"), Value::Null)
            .await
            .1["description"],
        "moved"
    );
    luna.drift(&[drift(DriftOp::Remove, Some(&ada), Value::Null)])
        .unwrap();
    assert_eq!(luna.state().accounts.len(), 60);
    assert!(luna.effects().is_empty());
    assert!(
        luna.drift(&[drift(DriftOp::Change, Some(ID), json!({"nickname": "x"}))])
            .is_err()
    );
}
