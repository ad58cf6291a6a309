use serde_json::{Value, json};

use super::{ID, call, call_with, luna, ops, refused};
use crate::simulators::{Drift, DriftOp, kit::people};

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
