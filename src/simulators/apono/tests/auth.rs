use serde_json::{Value, json};

use super::{ACCOUNT, ADMIN, PERSONAL, VIEWER, apono, call, code, refused, with};
use crate::simulators::{Drift, DriftOp};

const USERS: &str = "/api/admin/v3/users";

#[tokio::test]
async fn no_token_and_a_wrong_one_are_the_documented_401() {
    let apono = apono().await;
    let unauthorized = (401, json!({"status": "401", "code": "Unauthorized"}));
    for path in [USERS, "/api/v2/users", "/api/user/v4/access-requests", "/"] {
        assert_eq!(call(&apono, "aup_other", "GET", path).await, unauthorized);
        let response = reqwest::get(format!("{}{path}", apono.url)).await.unwrap();
        assert_eq!(response.status(), 401);
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body, unauthorized.1);
    }
}

#[tokio::test]
async fn each_kind_of_token_is_let_in_where_it_belongs() {
    let apono = apono().await;
    let forbidden = code(403, "Forbidden");
    let nothing_there = code(404, "NotFound");
    for path in [USERS, "/api/v2/users", "/api/admin/v1/groups"] {
        for token in [ACCOUNT, VIEWER, ADMIN] {
            assert_eq!(call(&apono, token, "GET", path).await.0, 200, "{path}");
        }
        assert_eq!(refused(&apono, PERSONAL, "GET", path).await, forbidden);
    }
    for token in [PERSONAL, ADMIN] {
        let refusal = refused(&apono, token, "GET", "/api/user/v9/none").await;
        assert_eq!(refusal, nothing_there);
    }
    for token in [ACCOUNT, VIEWER] {
        let refusal = refused(&apono, token, "GET", "/api/user/v9/none").await;
        assert_eq!(refusal, forbidden);
    }
    assert_eq!(refused(&apono, VIEWER, "POST", USERS).await, forbidden);
    let refusal = refused(&apono, "simulated-roleless-token", "GET", USERS).await;
    assert_eq!(refusal, forbidden);
    assert_eq!(
        refused(&apono, ACCOUNT, "POST", USERS).await,
        code(405, "MethodNotAllowed")
    );
}

#[tokio::test]
async fn the_legacy_api_may_take_personal_tokens_only() {
    let apono = with(&[("legacy_tokens", "personal")]).await;
    let legacy = "/api/v2/users";
    assert_eq!(
        refused(&apono, ACCOUNT, "GET", legacy).await,
        code(403, "Forbidden")
    );
    assert_eq!(call(&apono, ADMIN, "GET", legacy).await.0, 200);
    assert_eq!(call(&apono, ACCOUNT, "GET", USERS).await.0, 200);
}

#[tokio::test]
async fn a_connection_has_the_tokens_that_the_switches_choose() {
    let given = with(&[("account_token", "expired"), ("personal_token", "admin")]).await;
    let connection = given.connection("apono/tenant").unwrap();
    assert_eq!(connection["settings"], json!({"base_url": given.url}));
    assert_eq!(
        connection["credentials"],
        json!({"kind": "tokens", "account_token": "simulated-expired-token", "personal_token": ADMIN})
    );
    assert_eq!(
        refused(&given, "simulated-expired-token", "GET", USERS).await,
        code(401, "Unauthorized")
    );
    assert_eq!(given.connection("apono/other"), None);
}

#[tokio::test]
async fn a_personal_token_dies_with_its_owner() {
    let apono = apono().await;
    let id_of = |email: &str| {
        let accounts = apono.state().accounts;
        let user = accounts.iter().find(|user| user["email"] == email).unwrap();
        user["id"].as_str().map(str::to_owned)
    };
    let drift = |op, email, value| Drift {
        op,
        kind: "account".into(),
        id: id_of(email),
        value,
    };
    assert_eq!(apono.state().tokens.len(), 5);
    apono
        .drift(&[
            drift(DriftOp::Remove, "bruno.keller@example.org", Value::Null),
            drift(
                DriftOp::Change,
                "ada.lind@example.org",
                json!({"active": false}),
            ),
        ])
        .unwrap();
    for token in [PERSONAL, ADMIN] {
        let refusal = refused(&apono, token, "GET", "/api/user/v9/none").await;
        assert_eq!(refusal, code(401, "Unauthorized"));
    }
    assert_eq!(apono.state().tokens.len(), 3);
    apono.reset();
    assert_eq!(call(&apono, ADMIN, "GET", USERS).await.0, 200);
}

#[tokio::test]
async fn errors_may_be_no_json() {
    let apono = with(&[("error_bodies", "text")]).await;
    let get = async |path: &str, token: &str| {
        let url = format!("{}{path}", apono.url);
        let request = reqwest::Client::new().get(url).bearer_auth(token);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(
        get("/api/admin/v3/users/none", ACCOUNT).await,
        (404, "Not Found\n".to_owned())
    );
    let (status, body) = get(USERS, "none").await;
    assert_eq!(status, 401);
    assert!(body.contains(r#""code":"Unauthorized""#), "{body}");
}
