use serde_json::{Value, json};

use super::{Api, drift, home, start, started_with, user_id};
use crate::simulators::DriftOp;

const ADA: &str = "ada.lind@example.org";

#[tokio::test]
async fn an_installation_may_know_one_generation_of_the_role_calls() {
    for (known, has_current, has_legacy) in [
        ("both", true, true),
        ("legacy", false, true),
        ("current", true, false),
    ] {
        let vendor = started_with(&[("roles", known)]).await;
        let api = Api::owner(&vendor).await;
        let ada = home(&format!("/users/{}", user_id(&vendor, ADA)));
        let roles = format!("{ada}/roles");
        let all = vendor.state().entitlements;
        let (writer, ids) = (
            json!({"roleNames": ["writer"]}),
            json!({"roles": [{"id": all[0]["id"]}]}),
        );
        for (is_known, status, method, path, body) in [
            (has_current, 200, "GET", "/roles", Value::Null),
            (has_current, 200, "GET", roles.as_str(), Value::Null),
            (has_current, 200, "PUT", roles.as_str(), ids),
            (has_legacy, 200, "GET", &home("/roles"), Value::Null),
            (has_legacy, 201, "PUT", ada.as_str(), writer),
            (true, 204, "DELETE", ada.as_str(), Value::Null),
        ] {
            let answer = api.call(method, path, body).await;
            let expected = if is_known { status } else { 404 };
            assert_eq!(answer.status, expected, "{known}: {method} {path}");
        }
    }
}

#[tokio::test]
async fn rows_of_users_may_show_less_of_their_roles() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    for (word, role_names) in [("names", json!(["owner"])), ("nothing", Value::Null)] {
        let change = drift(
            DriftOp::Change,
            "settings",
            None,
            json!({"role_rows": word}),
        );
        vendor.drift(&[change]).unwrap();
        let listed = api.get(&home("/users")).await.expect(200);
        let first = &listed["data"][0];
        assert_eq!(first["email"], "owner@example.org");
        assert_eq!(first["userRoles"], Value::Null);
        assert_eq!(first["roleNames"], role_names);
    }
}

#[tokio::test]
async fn a_drift_gives_and_takes_single_roles() {
    let vendor = start().await;
    let ada = user_id(&vendor, ADA);
    let held = || {
        let grants = vendor.state().grants;
        let own = grants
            .iter()
            .filter(|grant| grant["userId"] == ada.as_str());
        own.map(|grant| grant["roleName"].clone())
            .collect::<Vec<_>>()
    };
    let of = |op, role| drift(op, "grant", Some(&ada), json!({"roleName": role}));
    vendor.drift(&[of(DriftOp::Add, "auditor")]).unwrap();
    assert_eq!(held(), ["reader", "auditor"]);
    vendor.drift(&[of(DriftOp::Remove, "reader")]).unwrap();
    assert_eq!(held(), ["auditor"]);
    assert!(vendor.effects().is_empty());
    for bad in [
        of(DriftOp::Add, "auditor"),
        of(DriftOp::Remove, "reader"),
        of(DriftOp::Add, "emperor"),
        drift(DriftOp::Add, "grant", None, json!({"roleName": "writer"})),
    ] {
        assert!(vendor.drift(std::slice::from_ref(&bad)).is_err(), "{bad:?}");
    }
}
