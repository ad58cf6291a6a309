use std::{collections::HashSet, time::Duration};

use serde_json::{Value, json};

use super::{ADMIN, act, call, get, held, items, lumos, text, wrong};
use crate::simulators::{Running, lumos::main_api::words::REQUEST_STATUSES};

/// Asks for the nth seeded permission for the nth user; the answer is of the one request.
async fn ask(lumos: &Running, permission: usize, user: usize, more: Value) -> Value {
    let state = held(lumos);
    let permission = &state.entitlements[permission];
    let mut body = json!({
        "app_id": permission["app_id"], "target_user_id": state.users[user]["id"],
        "requestable_permission_ids": [permission["id"]]
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let (status, made) = act(lumos, "POST", "/appstore/access_request", body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made.as_array().unwrap().len(), 1);
    made[0].clone()
}

async fn status(lumos: &Running, request: &Value) -> String {
    let path = format!("/appstore/access_requests/{}", text(&request["id"]));
    text(&get(lumos, &path).await["status"]).to_owned()
}

/// The pending task of a request.
async fn task(lumos: &Running, request: &Value, category: &str) -> String {
    let id = text(&request["id"]);
    let query = format!("access_request_id={id}&task_category={category}&status=PENDING");
    let page = get(lumos, &format!("/tasks?{query}")).await;
    assert_eq!(items(&page).len(), 1, "{category}");
    format!("/tasks/{}", text(&items(&page)[0]["id"]))
}

async fn resolve(lumos: &Running, task: &str, how: &str) -> u16 {
    act(lumos, "POST", &format!("{task}/{how}"), Value::Null)
        .await
        .0
}

fn is_member(lumos: &Running, user: usize, group: usize) -> bool {
    let state = held(lumos);
    let members = state.groups[group]["members"].as_array().unwrap();
    members.contains(&state.users[user]["id"])
}

#[tokio::test]
async fn every_status_of_a_request_is_somewhere_and_can_be_asked_for() {
    let lumos = lumos().await;
    let page = get(&lumos, "/appstore/access_requests?size=100").await;
    let seen: HashSet<_> = items(&page)
        .iter()
        .map(|one| text(&one["status"]))
        .collect();
    assert_eq!(seen, REQUEST_STATUSES.iter().copied().collect());
    let query = "statuses=PROVISIONED&statuses=REVERTING&sort=desc";
    let some = get(&lumos, &format!("/appstore/access_requests?{query}")).await;
    let statuses: Vec<_> = items(&some)
        .iter()
        .map(|one| text(&one["status"]))
        .collect();
    assert_eq!(statuses, ["REVERTING", "PROVISIONED"], "newest first");
    let errors = wrong(&lumos, "/appstore/access_requests?statuses=GIVEN").await;
    assert_eq!(errors, json!([[["query", "statuses", 0], "enum"]]));
    let user = text(&held(&lumos).users[1]["id"]).to_owned();
    let of_user = get(
        &lumos,
        &format!("/appstore/access_requests?target_user_id={user}"),
    )
    .await;
    assert!(
        items(&of_user)
            .iter()
            .all(|one| one["target_user"]["id"] == user.as_str())
    );
    let one = &items(&page)[0];
    assert_eq!(
        (&one["tasks"], &one["custom_fields"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn what_needs_nobody_is_given_at_once_and_put_into_its_group() {
    let lumos = lumos().await;
    assert!(!is_member(&lumos, 7, 6));
    let made = ask(&lumos, 6, 7, json!({ "business_justification": "on call" })).await;
    assert_eq!(
        made["status"], "PENDING",
        "the answer is of the moment before"
    );
    assert_eq!(made["notes"], json!({ "PENDING": "on call" }));
    assert_eq!(status(&lumos, &made).await, "PROVISIONED");
    assert!(is_member(&lumos, 7, 6));
}

#[tokio::test]
async fn a_manager_and_approvers_are_asked_and_may_refuse() {
    let lumos = lumos().await;
    let made = ask(&lumos, 3, 7, Value::Null).await;
    assert_eq!(status(&lumos, &made).await, "PENDING_MANAGER_APPROVAL");
    let task_path = task(&lumos, &made, "MANAGER_APPROVAL").await;
    assert_eq!(resolve(&lumos, &task_path, "complete").await, 204);
    assert_eq!(status(&lumos, &made).await, "PROVISIONED");
    assert_eq!(
        resolve(&lumos, &task_path, "complete").await,
        409,
        "it is done already"
    );
    assert_eq!(resolve(&lumos, &task_path, "dismiss").await, 409);
    assert_eq!(resolve(&lumos, "/tasks/none", "complete").await, 404);

    let made = ask(&lumos, 4, 7, Value::Null).await;
    let task_path = task(&lumos, &made, "APPROVAL").await;
    assert_eq!(resolve(&lumos, &task_path, "dismiss").await, 204);
    assert_eq!(status(&lumos, &made).await, "DENIED");
    let shown = get(&lumos, &task_path).await;
    assert_eq!(shown["resolved_by"]["email"], "ada.lind@example.org");
}

#[tokio::test]
async fn what_is_given_by_hand_waits_for_the_hand() {
    let lumos = lumos().await;
    let made = ask(&lumos, 7, 7, Value::Null).await;
    assert_eq!(status(&lumos, &made).await, "PENDING_MANUAL_PROVISIONING");
    let task_path = task(&lumos, &made, "PROVISIONING").await;
    assert_eq!(resolve(&lumos, &task_path, "complete").await, 204);
    assert_eq!(status(&lumos, &made).await, "PROVISIONED");
}

#[tokio::test]
async fn who_is_approved_beforehand_is_not_asked_about() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let rule = json!({
        "justification": "Trusted", "app_id": state.apps[1]["id"],
        "preapproved_groups": [{ "id": state.groups[5]["id"] }]
    });
    act(&lumos, "POST", "/appstore/pre_approval_rules", rule).await;
    let trusted = ask(&lumos, 3, 0, Value::Null).await;
    assert_eq!(status(&lumos, &trusted).await, "PROVISIONED");
    let other = ask(&lumos, 3, 7, Value::Null).await;
    assert_eq!(status(&lumos, &other).await, "PENDING_MANAGER_APPROVAL");
}

#[tokio::test]
async fn access_for_a_time_ends_with_it() {
    let lumos = lumos().await;
    let made = ask(&lumos, 6, 7, json!({ "expiration_in_seconds": 1 })).await;
    let path = format!("/appstore/access_requests/{}", text(&made["id"]));
    assert!(get(&lumos, &path).await["expires_at"].is_string());
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(status(&lumos, &made).await, "TIME_BASED_EXPIRED");
    assert!(!is_member(&lumos, 7, 6));
    let labelled = ask(&lumos, 2, 7, json!({ "access_length": "4 hours" })).await;
    assert_eq!(labelled["expiration_in_seconds"], 14_400);
    let endless = ask(&lumos, 2, 7, json!({ "access_length": "Unlimited" })).await;
    assert_eq!(endless["expiration_in_seconds"], Value::Null);
}

#[tokio::test]
async fn only_what_is_pending_can_be_cancelled() {
    let lumos = lumos().await;
    let made = ask(&lumos, 3, 7, Value::Null).await;
    let path = format!("/appstore/access_requests/{}", text(&made["id"]));
    let cancel = format!("{path}?reason=no%20need");
    assert_eq!(
        act(&lumos, "DELETE", &cancel, Value::Null).await,
        (204, Value::Null)
    );
    let shown = get(&lumos, &format!("{path}?expand=tasks")).await;
    assert_eq!(shown["notes"]["CANCELLED"], "no need");
    assert_eq!(shown["tasks"][0]["status"], "DISMISSED");
    assert_eq!(act(&lumos, "DELETE", &cancel, Value::Null).await.0, 409);
    assert_eq!(
        call(&lumos, ADMIN, "/appstore/access_requests/none")
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn one_request_is_made_for_each_permission_or_for_the_app() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let ids: Vec<&Value> = state.entitlements[2..5]
        .iter()
        .map(|one| &one["id"])
        .collect();
    let app = &state.apps[1]["id"];
    let body = json!({ "app_id": app, "requestable_permission_ids": ids });
    let (_, made) = act(&lumos, "POST", "/appstore/access_request", body.clone()).await;
    assert_eq!(made.as_array().unwrap().len(), 3);
    let (_, again) = act(&lumos, "POST", "/appstore/access_request", body).await;
    assert_ne!(
        made[0]["id"], again[0]["id"],
        "nothing tells a repeated call"
    );
    let (_, whole) = act(
        &lumos,
        "POST",
        "/appstore/access_request",
        json!({ "app_id": app }),
    )
    .await;
    assert_eq!(whole[0]["requestable_permissions"], json!([]));
    assert_eq!(
        whole[0]["target_user"]["email"], "ada.lind@example.org",
        "for oneself"
    );
    let elsewhere = json!({ "app_id": state.apps[0]["id"], "requestable_permission_ids": ids });
    let refused = act(&lumos, "POST", "/appstore/access_request", elsewhere).await;
    assert_eq!(refused.0, 400);
    let plural = act(
        &lumos,
        "POST",
        "/appstore/access_requests",
        json!({ "app_id": app }),
    )
    .await;
    assert_eq!(plural.0, 405, "it is made by the singular");
}
