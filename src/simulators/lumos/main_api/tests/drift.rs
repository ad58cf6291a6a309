use serde_json::{Value, json};

use super::{get, held, items, lumos, text};
use crate::simulators::{Drift, DriftOp, Running};

const ID: &str = "00000000-0000-4000-8000-000000000001";

fn drift(lumos: &Running, op: DriftOp, kind: &str, id: &str, value: Value) -> Result<(), String> {
    lumos.drift(&[Drift {
        op,
        kind: kind.into(),
        id: Some(id.into()),
        value,
    }])
}

#[tokio::test]
async fn accounts_change_behind_the_clients_backs() {
    let lumos = lumos().await;
    let (apps, users) = (held(&lumos).apps, held(&lumos).users);
    let add = json!({
        "app_id": apps[0]["id"], "user_id": users[0]["id"], "email": "ada.lind@example.org", "status": "FROZEN",
        "last_login": "2026-02-01T08:30:00"
    });
    drift(&lumos, DriftOp::Add, "main/account", ID, add).unwrap();
    let of = async |owner: &str, id: &Value| {
        let path = match owner {
            "app" => format!("/accounts?size=100&app_id={}", text(id)),
            _ => format!("/users/{}/accounts", text(id)),
        };
        let page = get(&lumos, &path).await;
        items(&page).iter().find(|one| one["id"] == ID).cloned()
    };
    let added = of("app", &apps[0]["id"]).await.unwrap();
    assert_eq!(
        (&added["status"], &added["account_type"]),
        (&json!("FROZEN"), &json!("USER"))
    );
    assert_eq!(added["last_login"], "2026-02-01T08:30:00");
    assert_eq!(of("user", &users[0]["id"]).await, Some(added));

    let before: Vec<Value> = held(&lumos)
        .accounts
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    let first = text(&before[0]).to_owned();
    for id in [ID, &first] {
        let change = json!({"app_id": apps[1]["id"], "user_id": null, "last_login": null});
        drift(&lumos, DriftOp::Change, "main/account", id, change).unwrap();
    }
    assert_eq!(of("app", &apps[0]["id"]).await, None);
    assert_eq!(of("user", &users[0]["id"]).await, None);
    assert_eq!(
        of("app", &apps[1]["id"]).await.unwrap()["last_login"],
        Value::Null
    );
    let after: Vec<Value> = held(&lumos)
        .accounts
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(before, after, "a changed account stays in its place");

    drift(&lumos, DriftOp::Remove, "main/account", ID, Value::Null).unwrap();
    assert_eq!(of("app", &apps[1]["id"]).await, None);
    assert_eq!(held(&lumos).accounts.len(), 60);
    for (op, id, value) in [
        (DriftOp::Remove, ID, Value::Null),
        (DriftOp::Change, ID, json!({"status": null})),
        (DriftOp::Add, ID, json!({"email": "x@example.org"})),
        (DriftOp::Add, ID, json!({"app_id": ID})),
        (
            DriftOp::Add,
            ID,
            json!({"app_id": apps[0]["id"], "user_id": ID}),
        ),
        (DriftOp::Add, &first, json!({"app_id": apps[0]["id"]})),
        (DriftOp::Change, &first, json!({"last_login": "soon"})),
        (DriftOp::Change, "x", json!({})),
    ] {
        let refused = drift(&lumos, op, "main/account", id, value.clone());
        assert!(refused.is_err(), "{value}");
    }
    assert!(lumos.effects().is_empty());
}

#[tokio::test]
async fn a_changed_user_is_an_event_and_a_removed_one_leaves_accounts() {
    let lumos = lumos().await;
    let zoe = json!({"email": "zoe@example.org", "given_name": "Zoe"});
    drift(&lumos, DriftOp::Add, "main/user", ID, zoe.clone()).unwrap();
    assert!(drift(&lumos, DriftOp::Add, "main/user", ID, zoe).is_err());
    let change = json!({"given_name": "Zoe", "status": "SUSPENDED", "email": null});
    drift(&lumos, DriftOp::Change, "main/user", ID, change).unwrap();
    let user = get(&lumos, &format!("/users/{ID}")).await;
    assert_eq!(
        (&user["status"], &user["email"]),
        (&json!("SUSPENDED"), &Value::Null)
    );
    let events = get(&lumos, &format!("/identity_events?identity_ids={ID}")).await;
    let changes: Vec<Value> = events["identity_events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            json!([
                one["changed_field"],
                one["old_field_value"],
                one["new_field_value"]
            ])
        })
        .collect();
    assert_eq!(
        changes,
        [
            json!(["email", "zoe@example.org", null]),
            json!(["status", "ACTIVE", "SUSPENDED"])
        ]
    );

    let bruno = held(&lumos).users[1]["id"].clone();
    let own = get(&lumos, &format!("/users/{}/accounts", text(&bruno))).await;
    drift(
        &lumos,
        DriftOp::Remove,
        "main/user",
        text(&bruno),
        Value::Null,
    )
    .unwrap();
    let held = held(&lumos);
    assert_eq!(held.accounts.len(), 60);
    let orphan = held
        .accounts
        .iter()
        .find(|one| one["id"] == items(&own)[0]["id"]);
    assert_eq!(orphan.unwrap()["user_id"], Value::Null);
    for group in &held.groups {
        assert!(!group["members"].as_array().unwrap().contains(&bruno));
    }
    assert!(
        drift(
            &lumos,
            DriftOp::Remove,
            "main/user",
            text(&bruno),
            Value::Null
        )
        .is_err()
    );
    assert!(drift(&lumos, DriftOp::Remove, "main/app", ID, Value::Null).is_err());
    assert!(drift(&lumos, DriftOp::Add, "main/user", ID, json!({"name": "x"})).is_err());
}

#[tokio::test]
async fn apps_groups_permissions_requests_and_logs_change_too() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let (user, group) = (&state.users[7]["id"], &state.groups[6]["id"]);
    let app = json!({"user_friendly_label": "Wiki", "status": "PAUSED"});
    drift(&lumos, DriftOp::Add, "main/app", ID, app).unwrap();
    let app = get(&lumos, &format!("/apps/{ID}")).await;
    assert_eq!(
        (&app["user_friendly_label"], &app["status"]),
        (&json!("Wiki"), &json!("PAUSED"))
    );
    let permission = json!({"app_id": ID, "label": "Write"});
    drift(&lumos, DriftOp::Add, "main/permission", ID, permission).unwrap();
    let given = json!({"target_user_id": user, "requestable_permission_ids": [ID]});
    drift(&lumos, DriftOp::Add, "main/request", ID, given).unwrap();
    let request = get(&lumos, &format!("/appstore/access_requests/{ID}")).await;
    assert_eq!(
        (&request["status"], &request["app_name"]),
        (&json!("PROVISIONED"), &json!("Wiki"))
    );
    let member = json!({"group_id": group, "user_id": user});
    drift(&lumos, DriftOp::Add, "main/member", ID, member.clone()).unwrap();
    assert!(drift(&lumos, DriftOp::Add, "main/member", ID, member.clone()).is_err());
    let members = format!("/groups/{}/users", text(group));
    assert_eq!(items(&get(&lumos, &members).await)[0]["id"], *user);
    drift(&lumos, DriftOp::Remove, "main/member", ID, member).unwrap();
    assert_eq!(items(&get(&lumos, &members).await), [Value::Null; 0]);
    let log = json!({"event_type": "USER_LOGGED_IN", "user_id": user});
    drift(&lumos, DriftOp::Add, "main/log", ID, log).unwrap();
    let newest = get(&lumos, "/activity_logs?limit=1").await;
    assert_eq!(items(&newest)[0]["actor"]["email"], state.users[7]["email"]);

    drift(&lumos, DriftOp::Remove, "main/app", ID, Value::Null).unwrap();
    let left = held(&lumos).entitlements.len();
    assert_eq!(left, state.entitlements.len(), "its permissions go with it");
    for (op, kind, value) in [
        (
            DriftOp::Add,
            "main/log",
            json!({"event_type": "X", "user_id": ID}),
        ),
        (DriftOp::Add, "main/permission", json!({"label": "nowhere"})),
        (DriftOp::Change, "main/group", json!({"name": "x"})),
        (DriftOp::Change, "main/request", json!({"state": "x"})),
        (DriftOp::Add, "main/group", json!({"members": [ID]})),
        (DriftOp::Add, "main/role", json!({})),
    ] {
        assert!(drift(&lumos, op, kind, ID, value).is_err(), "{kind}");
    }
    assert!(lumos.effects().is_empty());
}
