use serde_json::{Value, json};

use super::{ADMIN, MEMBER, call, get, lumos, send, with};
use crate::simulators::{Drift, DriftOp};

const GUARDED: [&str; 9] = [
    "/users/current",
    "/users",
    "/users/x",
    "/users/x/accounts",
    "/accounts",
    "/apps",
    "/groups",
    "/activity_logs",
    "/identity_events",
];

async fn without_token(url: String) -> (u16, Value) {
    let response = reqwest::get(url).await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn everything_but_the_signs_of_life_asks_for_a_token() {
    let lumos = lumos().await;
    let strict = with(&[("main_missing_token", "401")]).await;
    let none = json!({"detail": "Not authenticated"});
    let bad = json!({"detail": "Invalid authentication credentials"});
    for path in GUARDED {
        let answer = without_token(format!("{}{path}", lumos.url)).await;
        assert_eq!(answer, (403, none.clone()), "{path}");
        let answer = without_token(format!("{}{path}", strict.url)).await;
        assert_eq!(answer, (401, none.clone()), "{path}");
        for token in ["lsk_other", "lsk_simulated-revoked-token"] {
            assert_eq!(
                call(&lumos, token, path).await,
                (401, bad.clone()),
                "{path}"
            );
        }
    }
    let art = reqwest::get(format!("{}/art", lumos.url)).await.unwrap();
    assert_eq!(art.headers()["content-type"], "text/plain; charset=utf-8");
    assert!(art.text().await.unwrap().lines().count() > 3);
    let (status, info) = without_token(format!("{}/info", lumos.url)).await;
    assert_eq!((status, info.is_object()), (200, true));
}

#[tokio::test]
async fn a_token_has_the_rights_of_who_made_it() {
    let lumos = lumos().await;
    let forbidden = json!({"detail": "You do not have permission to perform this action"});
    for path in &GUARDED[1..] {
        assert_eq!(call(&lumos, MEMBER, path).await, (403, forbidden.clone()));
    }
    let (_, member) = call(&lumos, MEMBER, "/users/current").await;
    assert_eq!(member["email"], "bruno.keller@example.org");
    let admin = get(&lumos, "/users/current").await;
    assert_eq!(admin["email"], "ada.lind@example.org");

    let gone = Drift {
        op: DriftOp::Remove,
        kind: "main/user".into(),
        id: admin["id"].as_str().map(str::to_owned),
        value: Value::Null,
    };
    lumos.drift(&[gone]).unwrap();
    assert_eq!(call(&lumos, ADMIN, "/users").await.0, 401);
}

#[tokio::test]
async fn a_connection_has_the_token_that_the_switch_chooses() {
    let lumos = with(&[("main_token", "member")]).await;
    assert_eq!(
        lumos.connection("lumos/main"),
        Some(json!({
            "settings": {"base_url": lumos.url},
            "credentials": {"kind": "api_token", "token": MEMBER}
        }))
    );
    let connector = lumos.connection("lumos/connector").unwrap();
    assert_eq!(connector["settings"]["connector_id"], "acme_directory");
    assert_eq!(lumos.connection("lumos/other"), None);
}

#[tokio::test]
async fn what_is_not_there_is_said_in_a_text() {
    let lumos = lumos().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (area, noun) in [("users", "User"), ("apps", "App"), ("groups", "Group")] {
        let detail = json!({"detail": format!("{noun} not found")});
        for id in [nobody, "none"] {
            let answer = call(&lumos, ADMIN, &format!("/{area}/{id}")).await;
            assert_eq!(answer, (404, detail.clone()));
        }
    }
    for path in ["/users/none/accounts", "/groups/none/users"] {
        assert_eq!(call(&lumos, ADMIN, path).await.0, 404);
    }
    let (status, body) = call(&lumos, ADMIN, "/apps/none/nothing").await;
    assert_eq!((status, body), (404, json!({"detail": "Not Found"})));
    let request = reqwest::Client::new().post(format!("{}/users", lumos.url));
    let response = request.bearer_auth(ADMIN).send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"detail":"Method Not Allowed"}"#
    );
}

#[tokio::test]
async fn the_two_apis_do_not_get_in_each_others_way() {
    let lumos = with(&[("lacks", "none"), ("outer_token", "simulated-outer-token")]).await;
    let info = send(&lumos, "simulated-outer-token", "/info").await;
    assert!(info.text().await.unwrap().contains("git_revision"));
    let body = json!({"request": {}});
    let request = reqwest::Client::new().post(format!("{}/info", lumos.url));
    let request = request.header("content-type", "application/json");
    let response = request
        .bearer_auth("simulated-outer-token")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(answer["response"]["app_id"], "acme-directory");

    let state = lumos.state();
    assert!(state.accounts[0].get("integration_specific_id").is_some());
    assert!(state.users.is_empty());
    let main = state.of("lumos/main");
    assert!(main.accounts[0].get("unique_identifier").is_some());
    assert_eq!(
        (main.users.len(), main.apps.len(), main.groups.len()),
        (30, 7, 7)
    );
}
