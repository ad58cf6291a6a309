//! One world behind both APIs: what is done in one shows in the other.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{ACCOUNT, PERSONAL, VIEWER, apono, code, get, items, with};
use crate::simulators::{Drift, DriftOp, Running, kit::people};

fn seeded(kind: &str, n: usize) -> String {
    people::uuid(&format!("apono/{kind}"), n).to_string()
}

/// Status and body of a call with a body; null for none.
async fn send(apono: &Running, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = Client::new()
        .request(method, format!("{}{path}", apono.url))
        .bearer_auth(token)
        .body(body.to_string());
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(text.is_empty(), status == 204, "{text}");
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The body of a call that must go well.
async fn did(apono: &Running, token: &str, method: &str, path: &str, body: Value) -> Value {
    let (status, body) = send(apono, token, method, path, body).await;
    assert!([200, 204].contains(&status), "{status} {body}");
    body
}

async fn refusal(
    apono: &Running,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, String) {
    let (status, body) = send(apono, token, method, path, body).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

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

const REQUESTS: &str = "/api/user/v4/access-requests";

#[tokio::test]
async fn members_of_own_groups_change_and_those_of_a_directory_do_not() {
    let apono = apono().await;
    let path = format!("/api/admin/v1/groups/{}/members", seeded("group", 6));
    let emails = async || {
        let members = get(&apono, &path).await;
        items(&members)
            .iter()
            .map(|one| one["email"].clone())
            .collect::<Value>()
    };
    let set = json!({ "members_emails": ["greta.holm@example.org", "hugo.marchand@example.org"] });
    did(&apono, ACCOUNT, "PUT", &path, set).await;
    for _ in 0..2 {
        did(
            &apono,
            ACCOUNT,
            "PUT",
            &format!("{path}/ada.lind@example.org"),
            Value::Null,
        )
        .await;
    }
    did(
        &apono,
        ACCOUNT,
        "DELETE",
        &format!("{path}/greta.holm@example.org"),
        Value::Null,
    )
    .await;
    assert_eq!(
        emails().await,
        json!(["ada.lind@example.org", "hugo.marchand@example.org"])
    );
    assert_eq!(apono.effects().len(), 3);
    let gone = format!("{path}/greta.holm@example.org");
    assert_eq!(
        refusal(&apono, ACCOUNT, "DELETE", &gone, Value::Null).await,
        code(404, "NotFound")
    );
    let nobody = json!({ "members_emails": ["nobody@example.org"] });
    assert_eq!(
        refusal(&apono, ACCOUNT, "PUT", &path, nobody).await,
        code(400, "BadRequest")
    );
    let synced = format!("/api/admin/v1/groups/{}", seeded("group", 0));
    for (method, path, body) in [
        ("DELETE", synced.clone(), Value::Null),
        ("PUT", format!("{synced}/name"), json!({ "name": "x" })),
        (
            "PUT",
            format!("{synced}/members"),
            json!({ "members_emails": [] }),
        ),
        (
            "PUT",
            format!("{synced}/members/ada.lind@example.org"),
            Value::Null,
        ),
        (
            "DELETE",
            format!("{synced}/members/ada.lind@example.org"),
            Value::Null,
        ),
    ] {
        assert_eq!(
            refusal(&apono, ACCOUNT, method, &path, body).await,
            code(403, "Forbidden"),
            "{method} {path}"
        );
    }
    let taken = format!("/api/admin/v1/groups/{}/name", seeded("group", 6));
    let refused = refusal(&apono, ACCOUNT, "PUT", &taken, json!({ "name": "on-call" })).await;
    assert_eq!(refused, code(409, "Conflict"));
    let refused = refusal(&apono, VIEWER, "PUT", &taken, json!({ "name": "y" })).await;
    assert_eq!(refused, code(403, "Forbidden"));
}

#[tokio::test]
async fn bundles_and_flows_show_in_both_apis() {
    let apono = apono().await;
    let new = json!({ "name": "night kit", "access_targets": [{ "integration": {
        "integration_reference": "orders-db", "resource_type": "postgresql-table", "permissions": ["SELECT"]
    }}]});
    let made = did(
        &apono,
        ACCOUNT,
        "POST",
        "/api/admin/v2/bundles",
        new.clone(),
    )
    .await;
    assert_eq!(
        made["access_targets"][0]["integration"]["integration_name"],
        "orders-db"
    );
    let legacy = format!("/api/v1/access-bundles/{}", made["id"].as_str().unwrap());
    let shown = get(&apono, &legacy).await;
    assert_eq!(
        shown["integration_targets"][0]["permissions"],
        json!(["SELECT"])
    );
    did(
        &apono,
        ACCOUNT,
        "PATCH",
        &legacy,
        json!({ "name": "day kit" }),
    )
    .await;
    let current = format!("/api/admin/v2/bundles/{}", made["id"].as_str().unwrap());
    let renamed = get(&apono, &current).await;
    assert_eq!(
        (&renamed["name"], &renamed["access_targets"]),
        (&json!("day kit"), &made["access_targets"])
    );
    // The first seeded one has an access scope in it, for which the older API has no place.
    let hidden = format!("/api/v1/access-bundles/{}", seeded("bundle", 0));
    assert_eq!(
        refusal(&apono, ACCOUNT, "GET", &hidden, Value::Null).await,
        code(404, "NotFound")
    );
    assert_eq!(
        refusal(
            &apono,
            ACCOUNT,
            "POST",
            "/api/admin/v2/bundles",
            json!({ "name": "day kit", "access_targets": new["access_targets"] })
        )
        .await,
        code(409, "Conflict")
    );
    let nested =
        json!({ "name": "x", "access_targets": [{ "bundle": { "bundle_reference": "day kit" } }] });
    assert_eq!(
        refusal(&apono, ACCOUNT, "POST", "/api/admin/v2/bundles", nested).await,
        code(400, "BadRequest")
    );

    let flow = format!("/api/v1/access-flows/{}", seeded("flow", 0));
    let before = get(&apono, &flow).await;
    assert_eq!(before["revoke_after_in_sec"], 480 * 60);
    did(
        &apono,
        ACCOUNT,
        "PATCH",
        &flow,
        json!({ "revoke_after_in_sec": -1, "active": false }),
    )
    .await;
    let after = get(
        &apono,
        &format!("/api/admin/v2/access-flows/{}", seeded("flow", 0)),
    )
    .await;
    assert_eq!(
        (&after["grant_duration_in_min"], &after["active"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(
        after["approver_policy"]["approver_groups"][0]["approvers"][0]["type"],
        "Owner"
    );
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
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
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
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
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

#[tokio::test]
async fn secrets_of_an_integration_come_back_masked_and_types_stay() {
    let apono = apono().await;
    let new = json!({
        "name": "new-db", "type": "postgresql", "integration_config": {},
        "secret_store_config": { "apono": { "parameters": { "password": "canary" } } }
    });
    let made = did(
        &apono,
        ACCOUNT,
        "POST",
        "/api/admin/v4/integrations",
        new.clone(),
    )
    .await;
    assert_eq!(made["status"], "Initializing");
    let legacy = get(
        &apono,
        &format!("/api/v2/integrations/{}", made["id"].as_str().unwrap()),
    )
    .await;
    assert!(!format!("{made}{legacy}{:?}", apono.effects()).contains("canary"));
    let two = json!({ "gcp": { "project": "p", "secret_id": "s" }, "azure": { "vault_url": "v", "name": "n" } });
    for (name, value, refused) in [
        ("name", json!("orders-db"), code(409, "Conflict")),
        ("type", json!("unheard-of"), code(400, "BadRequest")),
        ("connector_id", json!("none"), code(400, "BadRequest")),
        (
            "custom_access_details",
            json!("x".repeat(401)),
            code(400, "BadRequest"),
        ),
        ("secret_store_config", two, code(400, "BadRequest")),
        (
            "owners_mapping",
            json!({ "key_name": "k", "attribute_type": "user" }),
            code(400, "BadRequest"),
        ),
    ] {
        let mut body = new.clone();
        body["name"] = json!("another");
        body[name] = value;
        assert_eq!(
            refusal(&apono, ACCOUNT, "POST", "/api/admin/v4/integrations", body).await,
            refused,
            "{name}"
        );
    }
}

#[tokio::test]
async fn scopes_reports_and_tags_are_checked_before_they_are_kept() {
    let apono = apono().await;
    for (path, body) in [
        (
            "/api/admin/v1/access-scopes",
            json!({ "name": "x", "query": "resource_type is 'x'" }),
        ),
        (
            "/api/admin/v1/access-scopes",
            json!({ "query": "resource_type = \"x\"" }),
        ),
        (
            "/api/admin/v1/activity-reports",
            json!({ "name": "x", "filters": {}, "timeframe": {} }),
        ),
        (
            "/api/admin/v1/activity-reports",
            json!({ "name": "x", "filters": {}, "fields": ["shoe_size"], "timeframe": { "relative": { "last": 1, "unit": "day", "rounded": true } } }),
        ),
        (
            "/api/admin/v1/activity-reports",
            json!({ "name": "x", "filters": {}, "timeframe": { "relative": { "last": 0, "unit": "day", "rounded": true } } }),
        ),
    ] {
        assert_eq!(
            refusal(&apono, ACCOUNT, "POST", path, body.clone()).await,
            code(400, "BadRequest"),
            "{body}"
        );
    }
    assert!(apono.effects().is_empty());
    let tags = format!(
        "/api/v3/integrations/resources/{}/user-tags",
        seeded("resource", 0)
    );
    did(
        &apono,
        ACCOUNT,
        "PUT",
        &tags,
        json!({ "tags": { "team": "core" } }),
    )
    .await;
    assert_eq!(get(&apono, &tags).await["tags"], json!({ "team": "core" }));
    let page = get(&apono, "/api/v2/bulk/identities/attributes?limit=2&skip=59").await;
    assert_eq!(
        page["pagination"],
        json!({ "total": 60, "limit": 2, "offset": 59 })
    );
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}
