use serde_json::{Value, json};

use super::{drift, role_id, start, user_id};
use crate::simulators::{self, DriftOp, Options};

#[tokio::test]
async fn drifts_change_people_and_roles_without_an_effect() {
    let vendor = start().await;
    let new =
        json!({"email": "zoe@example.org", "firstName": "Zoe", "roleNames": ["writer", "auditor"]});
    vendor
        .drift(&[drift(DriftOp::Add, "account", None, new)])
        .unwrap();
    let id = user_id(&vendor, "zoe@example.org");
    let accounts = vendor.state().accounts;
    let zoe = accounts.last().unwrap();
    assert_eq!(
        (&zoe["id"], &zoe["firstName"], &zoe["userRoles"][1]["name"]),
        (&json!(id), &json!("Zoe"), &json!("auditor"))
    );
    let role = role_id(&vendor, "auditor");
    let change = json!({"lastName": "Zimmer", "email": "zz@example.org", "roleNames": ["reader"]});
    vendor
        .drift(&[
            drift(DriftOp::Change, "account", Some(&id), change),
            drift(
                DriftOp::Change,
                "role",
                Some(&role),
                json!({"name": "inspector"}),
            ),
            drift(
                DriftOp::Add,
                "role",
                None,
                json!({"name": "cook", "permissions": [{"alias": "devices:read"}]}),
            ),
        ])
        .unwrap();
    let state = vendor.state();
    let zoe = state.accounts.last().unwrap();
    assert_eq!(
        (&zoe["email"], &zoe["userRoles"][0]["name"]),
        (&json!("zz@example.org"), &json!("reader"))
    );
    let names: Vec<&Value> = state
        .entitlements
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert_eq!(
        names,
        [
            "owner",
            "writer",
            "reader",
            "inspector",
            "device-operator",
            "cook"
        ]
    );
    let remove = drift(DriftOp::Remove, "account", Some(&id), Value::Null);
    vendor.drift(&[remove]).unwrap();
    assert_eq!(vendor.state().accounts.len(), 60);
    assert!(vendor.effects().is_empty());

    // All of a drift or nothing.
    let half = [
        drift(
            DriftOp::Add,
            "account",
            None,
            json!({"email": "y@example.org"}),
        ),
        drift(
            DriftOp::Add,
            "account",
            None,
            json!({"email": "y@example.org"}),
        ),
    ];
    assert!(vendor.drift(&half).unwrap_err().contains("already"));
    assert_eq!(vendor.state().accounts.len(), 60);
    for bad in [
        drift(DriftOp::Add, "account", None, json!({"mail": "x"})),
        drift(
            DriftOp::Add,
            "account",
            None,
            json!({"email": "x@y.zz", "roleNames": ["emperor"]}),
        ),
        drift(DriftOp::Remove, "account", None, Value::Null),
        drift(DriftOp::Remove, "account", Some("7"), Value::Null),
        drift(
            DriftOp::Change,
            "settings",
            None,
            json!({"rotation": "perhaps"}),
        ),
        drift(DriftOp::Change, "settings", None, json!({"gravity": "off"})),
        drift(DriftOp::Add, "moon", None, Value::Null),
    ] {
        assert!(vendor.drift(std::slice::from_ref(&bad)).is_err(), "{bad:?}");
    }
}

#[tokio::test]
async fn switches_that_do_not_exist_are_refused_at_the_start() {
    for (name, value) in [
        ("colour", "red"),
        ("rotation", "maybe"),
        ("access_seconds", "-1"),
    ] {
        let options = Options::default().with_quirk(name, value);
        assert!(
            simulators::start("lightelligence", options).await.is_err(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_shared_people_are_there() {
    let vendor = start().await;
    for email in simulators::sandbox_people() {
        user_id(&vendor, &email);
    }
}
