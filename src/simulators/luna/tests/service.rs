use reqwest::Client;
use serde_json::{Value, json};

use super::{ID, call, call_with, luna, ops, refused};
use crate::simulators::{self, Options};

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
    let credentials = luna.connection("luna/accounts").unwrap()["credentials"].clone();
    let known = format!(
        "{}:{}",
        credentials["login"].as_str().unwrap(),
        credentials["password"].as_str().unwrap()
    );
    assert_eq!(list(&basic(&known)).await, (200, None));
    assert_eq!(call(&luna, "GET", "/healthcheck", Value::Null).await.0, 200);
}
