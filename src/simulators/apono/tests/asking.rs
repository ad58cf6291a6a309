//! Access requests from wish to end, and the sessions that they open.

use serde_json::{Value, json};

use super::{PERSONAL, apono, code, did, get, items, refusal, seeded, send, with};
use crate::simulators::{Drift, DriftOp};

const REQUESTS: &str = "/api/user/v4/access-requests";

fn wish(resource: usize, permission: usize, more: Value) -> Value {
    let mut wish = json!({
        "entitlements": [{ "resource_id": seeded("resource", resource), "permission_id": seeded("permission", permission) }],
        "custom_fields": {}
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        wish[name] = value.clone();
    }
    wish
}

#[tokio::test]
async fn a_wish_becomes_a_request_for_each_flow_that_it_goes_by() {
    let apono = apono().await;
    let both = json!({
        "entitlements": [
            { "resource_id": seeded("resource", 0), "permission_id": seeded("permission", 0) },
            { "resource_id": seeded("resource", 14), "permission_id": seeded("permission", 8) }
        ],
        "justification": "a look", "custom_fields": { "ticket": "INC-1" }
    });
    let made = did(&apono, PERSONAL, "POST", REQUESTS, both).await;
    let statuses: Vec<_> = made
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, ["Pending", "Active"]);
    let (pending, active) = (
        made[0]["id"].as_str().unwrap(),
        made[1]["id"].as_str().unwrap(),
    );
    let legacy = get(&apono, &format!("/api/v3/access-requests/{active}")).await;
    assert_eq!(
        (&legacy["status"], &legacy["permissions"]),
        (&json!("GRANTED"), &json!(["Read"]))
    );
    let sessions = did(
        &apono,
        PERSONAL,
        "GET",
        &format!("/api/user/v1/access-sessions?request_ids={active}"),
        Value::Null,
    )
    .await;
    assert_eq!(items(&sessions)[0]["credentials_status"], "NOT_APPLICABLE");
    apono
        .drift(&[Drift {
            op: DriftOp::Change,
            kind: "request".into(),
            id: Some(pending.into()),
            value: json!({ "status": "Active" }),
        }])
        .unwrap();
    let entitlements = did(
        &apono,
        PERSONAL,
        "GET",
        &format!("{REQUESTS}/{pending}/entitlements"),
        Value::Null,
    )
    .await;
    let [held] = items(&entitlements) else {
        panic!("one: {entitlements}")
    };
    assert_eq!(
        (&held["status"], &held["permission"]),
        (&json!("Active"), &json!({ "name": "ReadOnly" }))
    );
    did(
        &apono,
        PERSONAL,
        "POST",
        &format!("{REQUESTS}/{active}/revoke"),
        Value::Null,
    )
    .await;
    let status = async || {
        did(
            &apono,
            PERSONAL,
            "GET",
            &format!("{REQUESTS}/{active}"),
            Value::Null,
        )
        .await["status"]
            .clone()
    };
    assert_eq!(status().await, "Revoking");
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(status().await, "Revoked");
    let again = format!("{REQUESTS}/{active}/revoke");
    assert_eq!(
        refusal(&apono, PERSONAL, "POST", &again, Value::Null).await,
        code(400, "BadRequest")
    );
}

#[tokio::test]
async fn a_wish_that_no_flow_allows_is_refused_with_its_reason() {
    let apono = apono().await;
    let told = async |body: Value| {
        let (status, body) = send(&apono, PERSONAL, "POST", REQUESTS, body).await;
        (
            status,
            body["errors"][0]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let none = String::new;
    for (body, status, why) in [
        (wish(0, 0, json!({})), 400, "FIELD_MISSING".to_owned()),
        (
            wish(14, 8, json!({ "duration_in_sec": 3601 })),
            400,
            "INVALID_DURATION".to_owned(),
        ),
        (
            wish(14, 8, json!({ "duration_in_sec": 0 })),
            400,
            "INVALID_DURATION".to_owned(),
        ),
        (
            wish(14, 8, json!({ "bundle_reference": "billing desk" })),
            400,
            none(),
        ),
        (wish(14, 8, json!({ "entitlements": [] })), 400, none()),
        (wish(14, 0, json!({})), 400, none()),
        (
            wish(14, 8, json!({ "custom_fields": null })),
            400,
            "FIELD_MISSING".to_owned(),
        ),
        (wish(14, 9, json!({})), 403, none()),
        (
            wish(14, 8, json!({ "grantee": "dario.novak@example.org" })),
            403,
            none(),
        ),
    ] {
        assert_eq!(told(body.clone()).await, (status, why), "{body}");
    }
    let lenient = with(&[("custom_fields", "optional")]).await;
    did(
        &lenient,
        PERSONAL,
        "POST",
        REQUESTS,
        wish(14, 8, json!({ "custom_fields": null })),
    )
    .await;
    let bundle = json!({ "bundle_reference": "billing desk", "custom_fields": {} });
    let made = did(&apono, PERSONAL, "POST", REQUESTS, bundle).await;
    assert_eq!(made[0]["bundle"]["name"], "billing desk");
}

#[tokio::test]
async fn credentials_are_seen_reset_and_seen_again() {
    let apono = apono().await;
    let session = format!("/api/user/v1/access-sessions/{}", seeded("session", 0));
    let status = async || {
        did(&apono, PERSONAL, "GET", &session, Value::Null).await["credentials_status"].clone()
    };
    let password = async || {
        did(
            &apono,
            PERSONAL,
            "GET",
            &format!("{session}/access-details"),
            Value::Null,
        )
        .await["parameters"]["password"]
            .clone()
    };
    let reset = format!("{session}/reset-credentials");
    assert_eq!(status().await, "AVAILABLE");
    let first = password().await;
    assert_eq!(status().await, "VIEWED");
    did(&apono, PERSONAL, "POST", &reset, Value::Null).await;
    assert_eq!(status().await, "RESETTING");
    assert_eq!(
        refusal(&apono, PERSONAL, "POST", &reset, Value::Null).await,
        code(400, "BadRequest")
    );
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(status().await, "AVAILABLE");
    assert_ne!(password().await, first);
    let console = format!(
        "/api/user/v1/access-sessions/{}/reset-credentials",
        seeded("session", 1)
    );
    assert_eq!(
        refusal(&apono, PERSONAL, "POST", &console, Value::Null).await,
        code(400, "BadRequest")
    );
}
