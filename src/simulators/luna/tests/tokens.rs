use serde_json::{Value, json};

use super::{ID, call, call_with, luna, ops, refused};
use crate::simulators::Running;

const OWNER: (&str, &str) = ("Luna-Account-Id", ID);

/// With an account of this type, under the id of these tests.
async fn with_account(kind: &str) -> Running {
    let luna = luna().await;
    let mut new = ops();
    new["account_type"] = json!(kind);
    let (status, _) = call_with(&luna, "POST", "/1/accounts", new, &[OWNER]).await;
    assert_eq!(status, 201);
    luna
}

fn badge() -> Value {
    json!({
        "permissions": {"face": ["view", "creation"], "my_reports": ["view"]},
        "description": "badge printer", "expiration_time": null, "visibility_area": "account"
    })
}

#[tokio::test]
async fn a_token_lives_from_its_creation_to_the_end_of_its_account() {
    let luna = with_account("advanced_user").await;
    let (status, made) = call_with(&luna, "POST", "/1/tokens", badge(), &[OWNER]).await;
    assert_eq!(status, 201);
    let path = made["url"].as_str().unwrap().to_owned();
    let (_, shown) = call(&luna, "GET", &path, Value::Null).await;
    assert_eq!(shown["token"], made["token"]);
    assert_eq!(shown["permissions"], json!({"face": ["view", "creation"]}));
    let all = format!("{path}?permissions_targets=all&account_id={ID}");
    let (_, shown) = call(&luna, "GET", &all, Value::Null).await;
    assert_eq!(shown["permissions"], badge()["permissions"]);

    let whole = json!({"expiration_time": "2020-01-01T00:00:00Z"});
    let replace = format!("{path}?grant_all_permissions=1");
    let (status, replaced) = call(&luna, "PUT", &replace, whole).await;
    assert_eq!((status, &replaced["token_id"]), (200, &made["token_id"]));
    assert_ne!(replaced["token"], made["token"], "its end is inside");
    let (_, shown) = call(&luna, "GET", &all, Value::Null).await;
    assert_eq!(
        (&shown["description"], &shown["visibility_area"]),
        (&json!(""), &json!("all"))
    );
    assert_eq!(shown["permissions"]["account"], json!(["view"]));

    let (_, listed) = call(&luna, "GET", "/1/tokens?page_size=1", Value::Null).await;
    assert_eq!(listed["tokens"][0]["token_id"], made["token_id"]);
    assert_eq!(listed.get("total_count"), None);
    call(&luna, "DELETE", &format!("/1/accounts/{ID}"), Value::Null).await;
    assert_eq!(
        refused(&luna, "GET", &path, Value::Null).await,
        (404, 41003)
    );
    assert_eq!(luna.state().tokens.len(), 2, "the seeded ones");
}

#[tokio::test]
async fn the_verifier_tells_good_tokens_from_the_others() {
    let luna = with_account("user").await;
    let (_, made) = call_with(&luna, "POST", "/1/tokens", badge(), &[OWNER]).await;
    let verify = |token: &Value| json!({ "token": token });
    let at = "/1/verifier?permissions_targets=custom";
    let (status, told) = call(&luna, "POST", at, verify(&made["token"])).await;
    let expected = json!({
        "account_id": ID, "account_type": "user", "permissions": {"my_reports": ["view"]}
    });
    assert_eq!((status, told), (200, expected));

    let mut forged = made["token"].as_str().unwrap().to_owned();
    forged.replace_range(forged.len() - 4.., "AAAA");
    let refusal = refused(&luna, "POST", at, verify(&json!(forged))).await;
    assert_eq!(refusal, (400, 41008));
    let mut over = badge();
    over["expiration_time"] = json!("2020-01-01T00:00:00Z");
    let (_, over) = call_with(&luna, "POST", "/1/tokens", over, &[OWNER]).await;
    let refusal = refused(&luna, "POST", at, verify(&over["token"])).await;
    assert_eq!(refusal, (401, 41007));
    let path = made["url"].as_str().unwrap();
    assert_eq!(call(&luna, "DELETE", path, Value::Null).await.0, 204);
    let refusal = refused(&luna, "POST", at, verify(&made["token"])).await;
    assert_eq!(refusal, (404, 41005));
}

#[tokio::test]
async fn what_a_token_cannot_be_is_refused() {
    let luna = with_account("user").await;
    for (field, value, status, code) in [
        ("visibility_area", json!("all"), 400, 12022),
        ("visibility_area", json!("mine"), 400, 12022),
        ("expiration_time", json!("tomorrow"), 400, 12022),
        ("permissions", json!({"account": ["creation"]}), 400, 41009),
        ("permissions", json!({"Face": ["view"]}), 400, 12022),
        ("permissions", json!({"face": ["view", "view"]}), 400, 12022),
        ("permissions", json!({"list": ["matching"]}), 400, 12022),
        ("nickname", json!("x"), 400, 12022),
    ] {
        let mut body = badge();
        body[field] = value.clone();
        let (got, answer) = call_with(&luna, "POST", "/1/tokens", body, &[OWNER]).await;
        assert_eq!(
            (got, &answer["error_code"]),
            (status, &json!(code)),
            "{field} {value}"
        );
    }
    assert_eq!(
        refused(&luna, "POST", "/1/tokens", badge()).await,
        (400, 11066)
    );
    let mut unended = badge();
    unended.as_object_mut().unwrap().remove("expiration_time");
    let (status, _) = call_with(&luna, "POST", "/1/tokens", unended, &[OWNER]).await;
    assert_eq!(status, 400);
    let mut omitted = badge();
    omitted.as_object_mut().unwrap().remove("visibility_area");
    let (_, made) = call_with(&luna, "POST", "/1/tokens", omitted, &[OWNER]).await;
    let (_, shown) = call(&luna, "GET", made["url"].as_str().unwrap(), Value::Null).await;
    assert_eq!(shown["visibility_area"], "account");
}
