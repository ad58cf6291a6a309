use serde_json::{Value, json};

use super::{apono, get, items};
use crate::simulators::{Drift, DriftOp, Fault, Rule, Running};

fn drift(apono: &Running, op: DriftOp, kind: &str, id: &str, value: Value) -> Result<(), String> {
    apono.drift(&[Drift {
        op,
        kind: kind.into(),
        id: Some(id.into()),
        value,
    }])
}

#[tokio::test]
async fn users_change_behind_the_clients_backs() {
    let apono = apono().await;
    let zoe = json!({"email": "zoe@example.org", "first_name": "Zoe", "roles": ["Viewer"]});
    drift(&apono, DriftOp::Add, "account", "u-1", zoe.clone()).unwrap();
    let change =
        json!({"email": "zoe.k@example.org", "active": false, "attributes": {"office": "Kyiv"}});
    drift(&apono, DriftOp::Change, "account", "u-1", change).unwrap();
    let found = get(&apono, "/api/admin/v3/users/u-1").await;
    assert_eq!(
        found,
        json!({
            "id": "u-1", "email": "zoe.k@example.org", "email_aliases": [], "first_name": "Zoe", "last_name": "",
            "active": false, "roles": ["Viewer"], "source_integration_id": null, "source_integration_name": null,
            "attributes": {"office": "Kyiv"}
        })
    );
    assert_eq!(
        get(&apono, "/api/v2/users/zoe.k@example.org").await["id"],
        "u-1"
    );

    for (op, id, value) in [
        (DriftOp::Add, "u-1", json!({"email": "new@example.org"})),
        (
            DriftOp::Add,
            "u-2",
            json!({"email": "Ada.Lind@example.org"}),
        ),
        (DriftOp::Add, "u-2", json!({"first_name": "Nobody"})),
        (
            DriftOp::Change,
            "u-1",
            json!({"email": "ada.lind@example.org"}),
        ),
        (DriftOp::Change, "u-1", json!({"status": "gone"})),
        (DriftOp::Change, "none", json!({"active": true})),
        (DriftOp::Remove, "none", Value::Null),
    ] {
        assert!(
            drift(&apono, op, "account", id, value.clone()).is_err(),
            "{value}"
        );
    }
    drift(&apono, DriftOp::Remove, "account", "u-1", Value::Null).unwrap();
    drift(&apono, DriftOp::Add, "account", "u-1", zoe).unwrap();
    assert!(drift(&apono, DriftOp::Remove, "role", "x", Value::Null).is_err());
    assert!(apono.effects().is_empty());
}

#[tokio::test]
async fn groups_change_and_lose_those_who_go() {
    let apono = apono().await;
    let members = json!({"name": "duo", "members_emails": ["ada.lind@example.org", "bruno.keller@example.org"]});
    drift(&apono, DriftOp::Add, "group", "g-1", members).unwrap();
    let bruno = get(&apono, "/api/v2/users/bruno.keller@example.org").await;
    let bruno = bruno["id"].as_str().unwrap();
    drift(&apono, DriftOp::Remove, "account", bruno, Value::Null).unwrap();
    let left = get(&apono, "/api/admin/v1/groups/g-1/members").await;
    assert_eq!(items(&left), [json!({"email": "ada.lind@example.org"})]);

    drift(
        &apono,
        DriftOp::Change,
        "group",
        "g-1",
        json!({"name": "solo"}),
    )
    .unwrap();
    assert_eq!(
        get(&apono, "/api/admin/v1/groups/g-1").await["name"],
        "solo"
    );
    let unknown = json!({"members_emails": ["nobody@example.org"]});
    assert!(drift(&apono, DriftOp::Change, "group", "g-1", unknown).is_err());
    drift(&apono, DriftOp::Remove, "group", "g-1", Value::Null).unwrap();
    assert!(drift(&apono, DriftOp::Remove, "group", "g-1", Value::Null).is_err());
}

#[tokio::test]
async fn an_error_inside_a_200_is_an_error_of_its_own() {
    let apono = apono().await;
    apono.faults([Rule::new(Fault::ErrorIn200 { body: None })]);
    let body = get(&apono, "/api/admin/v3/users").await;
    assert_eq!(body["code"], "InternalServerError");
}
