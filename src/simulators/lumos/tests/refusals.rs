//! What the connector does not take.

use serde_json::{Value, json};

use super::{call, code, envelope, lumos, post, with, zoe};

#[tokio::test]
async fn requests_are_read_strictly() {
    let lumos = lumos().await;
    let good = envelope(json!({}));
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    for body in [
        without("request"),
        with("request", Value::Null),
        without("auth"),
        without("settings"),
        with("settings", json!({})),
        with("settings", json!({"region": "mars"})),
        with("auth", json!({"basic": {"username": "u", "password": "p"}})),
        with("auth", json!({"token": {"token": 7}})),
        with("page", json!({"size": "2"})),
        with("page", json!({"size": 2.0})),
        with("request", json!({"custom_attributes": "manager"})),
        json!([]),
    ] {
        let (status, error) = post(&lumos, "/acme_directory/list_accounts", &body).await;
        assert_eq!((status, code(&error)), (200, "bad_request"), "{body}");
        assert_eq!(error["error"]["raised_by"], Value::Null);
    }
    let (_, error) = post(&lumos, "/acme_directory/list_accounts", "{").await;
    assert_eq!(code(&error), "bad_request");
    for body in [
        with("page", Value::Null),
        with("page", json!({})),
        with("unheard_of", json!(1)),
        with("request", json!({"unheard_of": 1})),
    ] {
        let (_, answer) = post(&lumos, "/acme_directory/list_accounts", &body).await;
        assert!(answer["response"].is_array(), "{body}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_inside_a_200() {
    let lumos = lumos().await;
    let mut body = envelope(json!({}));
    body["auth"]["token"]["token"] = "wrong".into();
    for capability in ["list_accounts", "validate_credentials"] {
        let path = format!("/acme_directory/{capability}");
        let (status, error) = post(&lumos, &path, &body).await;
        assert_eq!((status, code(&error)), (200, "unauthorized"));
        assert_eq!(
            error["error"]["error_metadata"]["category"],
            "authentication"
        );
    }
    let lenient = with(&[("refusal", "invalid")]).await;
    let (_, answer) = post(&lenient, "/acme_directory/validate_credentials", &body).await;
    assert_eq!(answer["response"]["valid"], false);

    let mut named = envelope(json!({}));
    let member = named.as_object_mut().unwrap().remove("auth").unwrap();
    let mut credential = json!({"id": "directory"});
    credential["token"] = member["token"].clone();
    named["credentials"] = json!([credential]);
    let (_, answer) = post(&lumos, "/acme_directory/validate_credentials", named).await;
    assert_eq!(answer["response"]["valid"], true);
}

#[tokio::test]
async fn a_host_in_front_may_ask_for_a_token_of_its_own() {
    let lumos = with(&[("outer_token", "simulated-outer-token")]).await;
    let (status, body) = post(&lumos, "/acme_directory/list_accounts", envelope(json!({}))).await;
    assert_eq!((status, body), (401, json!({"detail": "Unauthorized"})));
    assert_eq!(
        lumos.connection("lumos/connector").unwrap()["credentials"]["outer_token"],
        "simulated-outer-token"
    );
}

#[tokio::test]
async fn what_the_directory_cannot_take_is_refused() {
    let lumos = lumos().await;
    let refused = async |capability: &str, request: Value| {
        let answer = call(&lumos, capability, request).await;
        code(&answer).to_owned()
    };
    let mut nowhere = zoe();
    nowhere["department"] = "moon".into();
    assert_eq!(refused("create_account", nowhere).await, "invalid_value");
    let bare = json!({"email": "zoe@example.org"});
    assert_eq!(refused("create_account", bare).await, "bad_request");
    let mut wrong = zoe();
    wrong["cost_center"] = "4711".into();
    assert_eq!(refused("create_account", wrong).await, "bad_request");
    let mut twin = zoe();
    twin["email"] = "Ada.Lind@example.org".into();
    assert_eq!(refused("create_account", twin).await, "conflict");
    assert!(lumos.effects().is_empty());
}
