//! Every documented operation, passed through the adapter to the simulator as it is.

use futures_util::TryStreamExt;
use iam_gateway::adapters::contract::{AdapterError, Forward, Trouble, UpstreamOperation};
use iam_gateway::adapters::vendor;
use iam_gateway::simulators::Received;
use iam_gateway::simulators::kit::people;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::adapters::stand::Stand;
use crate::support::APONO;

const ADA: &str = "ada.lind@example.org";
const BRUNO: &str = "bruno.keller@example.org";
const CHIARA: &str = "chiara.moretti@example.org";

fn operations() -> impl Iterator<Item = &'static UpstreamOperation> {
    vendor("apono")
        .unwrap()
        .operations
        .iter()
        .copied()
        .flatten()
}

fn operation(id: &str) -> &'static UpstreamOperation {
    operations().find(|one| one.id == id).expect(id)
}

/// The simulator's nth seeded thing of a kind.
fn seeded(kind: &str, n: usize) -> String {
    people::uuid(&format!("apono/{kind}"), n).to_string()
}

/// What came back.
struct Answer {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

async fn send(stand: &Stand, forward: &Forward) -> Result<Answer, AdapterError> {
    let forwarder = stand.adapter.forwarder().unwrap();
    let came = if forward.operation.writes {
        let call = stand.writing();
        forwarder.forward_write(&call, forward, &json!({})).await?
    } else {
        forwarder.forward_read(&stand.reading(), forward).await?
    };
    let chunks: Vec<_> = came.body.try_collect().await?;
    Ok(Answer {
        status: came.status,
        content_type: came.content_type,
        body: chunks.concat(),
    })
}

/// A good request for an operation. `made` is an access request that the connection's user made.
fn forward(operation: &'static UpstreamOperation, made: &str) -> Forward {
    let segments = operation.path.split('/').filter(|one| !one.is_empty());
    let segments = segments.map(|segment| match segment {
        "{id}" => id(operation, made),
        "{email}" if operation.method == "PUT" => BRUNO.to_owned(),
        "{email}" => ADA.to_owned(),
        "{type}" => "postgresql".to_owned(),
        "{resource_id}" => seeded("resource", 0),
        "{integration_id}" => seeded("integration", 2),
        "{resource_type}" => "postgresql-database".to_owned(),
        literal => literal.to_owned(),
    });
    let body = body(operation);
    let mut query = vec![("x", "a b&c=ä")];
    if operation.path.contains("/selectable-integrations") {
        query.push(("user_id", BRUNO));
    }
    Forward {
        operation,
        segments: segments.collect(),
        query: query
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        accept: Some("application/json, */*".to_owned()),
        content_type: body
            .as_ref()
            .map(|_| "application/json; charset=utf-8".to_owned()),
        // The blanks are the caller's own, and stay.
        body: body
            .map_or_else(String::new, |body| format!(" {body}\n"))
            .into(),
    }
}

fn id(operation: &UpstreamOperation, made: &str) -> String {
    let has = |part: &str| operation.path.contains(part);
    match operation.path {
        _ if has("/access-scopes") => seeded("scope", 0),
        _ if has("/activity-reports") => seeded("report", 0),
        _ if has("/groups") => seeded("group", 5),
        _ if has("/access-flows") => seeded("flow", 0),
        // The older API has no place for the first one's access scope.
        _ if has("/access-bundles") => seeded("bundle", 1),
        _ if has("/bundles") => seeded("bundle", 0),
        _ if has("/connectors") => seeded("connector", 0),
        _ if has("/users") => seeded("user", 0),
        _ if has("/integrations") => seeded("integration", 2),
        _ if has("/access-sessions") => seeded("session", 0),
        // Those that have credentials.
        _ if has("/api/v3/access-requests/{id}/") => seeded("request", 4),
        _ if has("access-requests") => made.to_owned(),
        other => panic!("no id for {other}"),
    }
}

fn body(operation: &UpstreamOperation) -> Option<Value> {
    let target = json!({ "integration": {
        "integration_reference": "orders-db", "resource_type": "postgresql-database", "permissions": ["ReadOnly"],
        "resources_scopes": [{ "scope_mode": "include_resources", "type": "TAG", "key": "env", "values": ["prod"] }]
    }});
    let legacy_target = json!({
        "integration_id": seeded("integration", 2), "resource_type": "postgresql-table", "permissions": ["SELECT"],
        "resource_tag_includes": [{ "name": "env", "value": "prod" }], "resource_tag_excludes": []
    });
    Some(match operation.id {
        "create_access_scopes_v1" | "update_access_scopes_v1" => {
            json!({ "name": "tests", "query": "resource_tag[\"env\"] = \"test\"" })
        }
        "create_activity_report" | "update_activity_report" => json!({
            "name": "a day", "fields": ["request_id"], "filters": {},
            "timeframe": { "relative": { "last": 1, "unit": "day", "rounded": false } }
        }),
        "create_group_v1" => json!({ "name": "night shift", "members_emails": [ADA] }),
        "update_group_members_v1" => json!({ "members_emails": [BRUNO, CHIARA] }),
        "update_group_v1" => json!({ "name": "on call now" }),
        "create_access_flow_v2" | "update_access_flow_v2" => json!({
            "name": "night", "active": true, "trigger": "SELF_SERVE", "request_for_others": false,
            "requestors": { "logical_operator": "OR", "conditions": [
                { "source_integration_reference": "Okta", "type": "group", "match_operator": "is", "values": ["sales"] }
            ]},
            "access_targets": [target], "grant_duration_in_min": 60,
            "settings": { "justification_required": true, "require_approver_reason": false,
                "requestor_cannot_approve_himself": true, "require_mfa": false, "labels": [] }
        }),
        "create_bundle_v2" | "update_bundle_v2" => {
            json!({ "name": "night kit", "access_targets": [target] })
        }
        "update_connector_v3" => json!({ "name": "renamed" }),
        "create_integration_v4" => json!({
            "name": "new-db", "type": "postgresql", "integration_config": { "hostname": "new" },
            "secret_store_config": { "apono": { "parameters": { "password": "not-a-real-one" } } }
        }),
        "update_integration_v4" => {
            json!({ "name": "orders-db-2", "integration_config": { "hostname": "other" } })
        }
        "create_integration_v2" => {
            json!({ "name": "new-db", "type": "postgresql", "metadata": { "hostname": "new" } })
        }
        "update_integration_v2" => {
            json!({ "name": "orders-db-2", "metadata": { "hostname": "other" } })
        }
        "create_access_request_v4" => wish(None),
        "request_access_again_v4" => json!({ "custom_fields": {} }),
        "create_access_bundle" => json!({ "name": "desk", "integration_targets": [legacy_target] }),
        "update_access_bundle" => json!({ "name": "billing desk by night" }),
        "create_access_flow_v1" => json!({
            "name": "older", "active": true, "trigger": { "type": "user_request" },
            "grantees": [{ "id": seeded("group", 5), "type": "group" }], "integration_targets": [legacy_target],
            "revoke_after_in_sec": 3600
        }),
        "update_access_flow_v1" => json!({ "revoke_after_in_sec": 1800 }),
        "bulk_upsert_attributes_for_identities" => json!([
            { "email": ADA, "attributes": { "shift": "night" } }, { "email": "nobody@example.org", "attributes": {} }
        ]),
        "bulk_delete_attributes_form_identities" => {
            json!([{ "email": ADA, "attribute_types": ["office"] }])
        }
        "create_access_request" => json!({
            "user_id": seeded("user", 1), "integration_id": seeded("integration", 2),
            "resource_ids": [seeded("resource", 0)], "permissions": ["ReadOnly"], "justification": "a look"
        }),
        "revoke_access_requests" => json!({ "request_ids": [seeded("request", 4)] }),
        "update_resource_user_tags" => json!({ "tags": { "env": "stage" } }),
        _ => return None,
    })
}

/// What anybody on call may ask for, and gets at once.
fn wish(grantee: Option<&str>) -> Value {
    let mut wish = json!({
        "entitlements": [{ "resource_id": seeded("resource", 14), "permission_id": seeded("permission", 8) }],
        "custom_fields": {}
    });
    if let Some(grantee) = grantee {
        wish["grantee"] = json!(grantee);
    }
    wish
}

/// Has the connection's user make an access request, which operations on such need.
async fn request(stand: &Stand, operation: &UpstreamOperation) -> String {
    if !operation.path.contains("access-requests/{id}") {
        return String::new();
    }
    let mut make = forward(self::operation("create_access_request_v4"), "");
    let is_delegated = operation.path.contains("/delegated-");
    make.body = wish(is_delegated.then_some(CHIARA)).to_string().into();
    let made = send(stand, &make).await.unwrap();
    let made: Value = serde_json::from_slice(&made.body).unwrap();
    made[0]["id"].as_str().unwrap().to_owned()
}

fn status(operation: &UpstreamOperation) -> u16 {
    let is_current = operation.path.starts_with("/api/admin/");
    let is_removal = operation.method == "DELETE" && !operation.path.contains("activity-reports");
    let is_of_members = operation.writes && operation.path.contains("/members");
    if is_current && (is_removal || is_of_members) {
        204
    } else {
        200
    }
}

fn check_request(operation: &UpstreamOperation, sent: &Forward, received: &Received) {
    let told = operation.id;
    assert_eq!(received.method, operation.method, "{told}");
    let segments: Vec<String> = received
        .path
        .split('/')
        .skip(1)
        .map(|one| percent_decode_str(one).decode_utf8().unwrap().into_owned())
        .collect();
    assert_eq!(segments, sent.segments, "{told}");
    let query: Vec<(String, String)> = form_urlencoded::parse(received.query.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(query, sent.query, "{told}");
    let token = match operation.credential {
        "personal" => "aup_simulated-personal-token",
        _ => "simulated-account-token",
    };
    let header = |name: &str| received.headers.get(name).map(String::as_str);
    assert_eq!(
        header("authorization"),
        Some(format!("Bearer {token}").as_str()),
        "{told}"
    );
    assert_eq!(header("accept"), sent.accept.as_deref(), "{told}");
    let content_type = sent.content_type.as_deref().unwrap_or("application/json");
    assert_eq!(header("content-type"), Some(content_type), "{told}");
    assert_eq!(received.body.as_bytes(), sent.body, "{told}");
}

/// The same once more, past the adapter.
async fn directly(stand: &Stand, received: &Received) -> Vec<u8> {
    let url = format!("{}{}?{}", stand.vendor.url, received.path, received.query);
    let token = &received.headers["authorization"];
    let request = reqwest::Client::new()
        .get(url)
        .header("authorization", token);
    request
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn each_operation_arrives_as_it_was_said_and_its_answer_comes_back() {
    let mut passed = 0;
    for operation in operations() {
        let stand = Stand::start(APONO, &[], |_| {}).await;
        let made = request(&stand, operation).await;
        let effects = stand.vendor.effects().len();
        let sent = forward(operation, &made);
        let told = operation.id;
        let answer = send(&stand, &sent).await;
        let answer = answer.unwrap_or_else(|error| panic!("{told}: {error:?}"));
        let received = stand.vendor.requests().pop().unwrap();
        check_request(operation, &sent, &received);
        assert_eq!(received.status, Some(status(operation)), "{told}");
        assert_eq!(answer.status, status(operation), "{told}");
        if answer.status == 204 {
            assert!(answer.body.is_empty(), "{told}");
        } else {
            assert_eq!(
                answer.content_type.as_deref(),
                Some("application/json"),
                "{told}"
            );
            serde_json::from_slice::<Value>(&answer.body).unwrap();
        }
        let template = format!("{} {}", operation.method, operation.path);
        let after = stand.vendor.effects();
        let own = after[effects..]
            .iter()
            .filter(|effect| effect.operation == template);
        // Who reads credentials has seen them, which is all that a reading changes.
        let changes = operation.writes || operation.path.ends_with("/access-details");
        assert_eq!(own.count() > 0, changes, "{told}");
        if !changes {
            let again = directly(&stand, &received).await;
            assert_eq!(answer.body, again, "{told}");
        }
        passed += 1;
    }
    assert_eq!(passed, 95);
}

#[tokio::test]
async fn no_documented_path_is_unknown_to_the_simulator() {
    let stand = Stand::start(APONO, &[], |_| {}).await;
    for operation in operations() {
        let token = match operation.credential {
            "personal" => "aup_simulated-personal-token",
            _ => "simulated-account-token",
        };
        let path = operation.path.replace(['{', '}'], "x");
        let method = reqwest::Method::from_bytes(operation.method.as_bytes()).unwrap();
        let request = reqwest::Client::new()
            .request(method, format!("{}{path}", stand.vendor.url))
            .bearer_auth(token);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert!(
            !text.contains("nothing at this path"),
            "{} {path}",
            operation.method
        );
        assert!(
            ![401, 403, 405, 500].contains(&status),
            "{} {path}: {status}",
            operation.method
        );
    }
}

#[tokio::test]
async fn without_a_personal_token_the_user_api_is_out_of_reach() {
    let without = |connection: &mut Value| {
        connection["credentials"]
            .as_object_mut()
            .unwrap()
            .remove("personal_token");
    };
    let stand = Stand::start(APONO, &[], without).await;
    for operation in operations() {
        let sent = send(&stand, &forward(operation, "x")).await;
        if operation.credential == "personal" {
            let error = sent.err().expect(operation.id);
            assert_eq!(error.trouble, Trouble::Unsupported, "{}", operation.id);
        }
    }
    assert!(
        stand
            .vendor
            .requests()
            .iter()
            .all(|one| !one.path.starts_with("/api/user/"))
    );
}

#[tokio::test]
async fn bulk_attributes_tell_of_each_row_and_a_refusal_is_one() {
    let stand = Stand::start(APONO, &[], |_| {}).await;
    let sent = forward(operation("bulk_upsert_attributes_for_identities"), "");
    let answer = send(&stand, &sent).await.unwrap();
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        told["summary"],
        json!({ "total": 2, "succeeded": 1, "failed": 1 })
    );
    assert_eq!(
        told["results"][0],
        json!({ "email": ADA, "success": true, "errors": [] })
    );
    assert_eq!(
        told["results"][1]["errors"][0]["error_code"],
        "USER_NOT_FOUND"
    );
    let mut bad = forward(operation("create_group_v1"), "");
    bad.body = json!({ "name": "no members" }).to_string().into();
    let error = send(&stand, &bad).await.err().unwrap();
    assert_eq!(error.trouble, Trouble::Rejected);
    assert!(error.message.contains("members_emails"), "{error}");
}
