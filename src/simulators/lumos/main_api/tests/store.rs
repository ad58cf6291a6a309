use serde_json::{Value, json};

use super::{ADMIN, act, call, get, held, items, lumos, text, wrong};

const PERMISSIONS: &str = "/appstore/requestable_permissions";

#[tokio::test]
async fn permissions_are_found_by_app_word_and_visibility() {
    let lumos = lumos().await;
    let github = text(&held(&lumos).apps[1]["id"]).to_owned();
    let labels = async |query: String| {
        let page = get(&lumos, &query).await;
        let label = |one: &Value| text(&one["label"]).to_owned();
        items(&page).iter().map(label).collect::<Vec<_>>()
    };
    let of_github = labels(format!("{PERMISSIONS}?app_id={github}")).await;
    assert_eq!(of_github, ["Read", "Write", "Maintain"]);
    let twin = format!("/appstore/apps/{github}/requestable_permissions");
    assert_eq!(labels(twin).await, of_github);
    assert_eq!(
        labels(format!("{PERMISSIONS}?search_term=read&exact_match=true")).await,
        ["Read"; 2]
    );
    assert_eq!(
        labels(format!("{PERMISSIONS}?in_app_store=false")).await,
        ["Editor", "Sales"]
    );
    assert_eq!(
        labels(format!("{PERMISSIONS}?app_id={github}&page=2&size=2")).await,
        ["Maintain"]
    );
    let none = call(&lumos, ADMIN, "/appstore/apps/none/requestable_permissions").await;
    assert_eq!(none.0, 404);
    let errors = wrong(
        &lumos,
        &format!("{PERMISSIONS}?include_inherited_configs=maybe"),
    )
    .await;
    assert_eq!(errors[0][1], "bool_parsing");
}

#[tokio::test]
async fn what_a_permission_does_not_say_its_app_does() {
    let lumos = lumos().await;
    let page = get(
        &lumos,
        &format!("{PERMISSIONS}?include_inherited_configs=false"),
    )
    .await;
    let own = &items(&page)[2]["request_config"];
    assert_eq!(own["request_fulfillment_config"], Value::Null);
    let page = get(&lumos, PERMISSIONS).await;
    let whole = &items(&page)[2]["request_config"];
    let times = &whole["request_fulfillment_config"]["time_based_access"];
    assert_eq!(times, &json!(["2 hours", "4 hours", "7 days", "Unlimited"]));
    assert_eq!(whole["request_approval_config"]["manager_approval"], "NONE");
    let into = &items(&page)[6]["request_config"]["request_fulfillment_config"];
    assert_eq!(
        into["provisioning_group"]["name"], "cloud readers",
        "shown whole"
    );
}

#[tokio::test]
async fn a_native_permission_is_made_changed_and_removed_and_a_synced_one_is_not() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let (app, group) = (&state.apps[1]["id"], &state.groups[5]);
    let input = json!({
        "app_id": app, "label": "Audit",
        "request_config": { "request_fulfillment_config": { "provisioning_group": { "id": group["id"] } } }
    });
    let (status, made) = act(&lumos, "POST", PERMISSIONS, input).await;
    assert_eq!((status, &made["type"]), (201, &json!("NATIVE")));
    assert_eq!(made["request_config"]["appstore_visibility"], "HIDDEN");
    let path = format!("{PERMISSIONS}/{}", text(&made["id"]));
    let change = json!({
        "label": "Auditor",
        "request_config": {
            "appstore_visibility": "VISIBLE",
            "request_fulfillment_config": { "provisioning_group": { "id": state.groups[0]["id"] } }
        }
    });
    let (status, changed) = act(&lumos, "PATCH", &path, change).await;
    assert_eq!((status, &changed["label"]), (200, &json!("Auditor")));
    let into = &changed["request_config"]["request_fulfillment_config"]["provisioning_group"];
    assert_eq!(into["id"], group["id"], "that is not changed by PATCH");
    assert_eq!(
        act(&lumos, "DELETE", &path, Value::Null).await,
        (204, Value::Null)
    );
    assert_eq!(call(&lumos, ADMIN, &path).await.0, 404);

    let synced = format!("{PERMISSIONS}/{}", text(&state.entitlements[0]["id"]));
    assert_eq!(act(&lumos, "DELETE", &synced, Value::Null).await.0, 400);
    let (status, body) = act(&lumos, "POST", PERMISSIONS, json!({ "label": 7 })).await;
    assert_eq!(status, 422);
    let places: Vec<_> = body["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["loc"])
        .collect();
    assert_eq!(
        places,
        [&json!(["body", "app_id"]), &json!(["body", "label"])]
    );
}

#[tokio::test]
async fn rules_show_whom_and_what_they_are_about() {
    let lumos = lumos().await;
    let state = held(&lumos);
    let seeded = get(&lumos, "/appstore/pre_approval_rules").await;
    let seeded = &items(&seeded)[0];
    assert_eq!(seeded["preapproved_groups"][0]["name"], "engineering");
    assert_eq!(seeded["preapproved_permissions"][0]["label"], "Read");
    let input = json!({ "justification": "On call", "app_id": state.apps[3]["id"], "time_based_access": ["any"] });
    let (status, made) = act(&lumos, "POST", "/appstore/pre_approval_rules", input).await;
    assert_eq!(
        (status, &made["time_based_access"]),
        (201, &json!(["any"])),
        "a free text"
    );
    let path = format!("/appstore/pre_approval_rules/{}", text(&made["id"]));
    let change = json!({ "justification": "Always", "preapproved_groups": [{ "id": state.groups[1]["id"] }] });
    let (status, changed) = act(&lumos, "PATCH", &path, change).await;
    assert_eq!(
        (status, &changed["preapproved_groups"][0]["name"]),
        (200, &json!("finance"))
    );
    assert_eq!(changed["time_based_access"], json!(["any"]));
    let empty = act(&lumos, "PATCH", &path, json!({})).await;
    assert_eq!(
        empty.1["detail"][0]["loc"],
        json!(["body", "justification"])
    );
    let of_aws = format!(
        "/appstore/pre_approval_rules?app_id={}",
        text(&state.apps[3]["id"])
    );
    assert_eq!(items(&get(&lumos, &of_aws).await), [changed]);
    assert_eq!(act(&lumos, "DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(call(&lumos, ADMIN, &path).await.0, 404);
}
