use serde_json::{Value, json};

use super::{Api, home, role_id, start};
use crate::simulators::lightelligence::seed;

#[tokio::test]
async fn roles_are_made_changed_and_removed() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let known = api.get("/permissions?pageSize=100").await.expect(200);
    let known = &known["data"]["permissions"];
    let body = json!({
        "name": "Night shift", "description": "At night",
        "permissions": [{"id": known[4]["id"]}, {"alias": "devices:write"}, {"alias": "devices:read"}],
    });
    let role = api.call("POST", "/roles", body).await.expect(201)["data"].clone();
    assert_eq!(
        (
            &role["name"],
            &role["displayName"],
            &role["locked"],
            &role["usersCount"]
        ),
        (
            &json!("Night shift"),
            &json!("Night shift"),
            &json!(false),
            &json!(0)
        )
    );
    assert_eq!(
        role["permissionIds"],
        json!([known[4]["id"], known[5]["id"]])
    );
    let path = format!("/roles/{}", role["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.expect(200)["data"], role);
    let listed = api.get(&format!("{path}/permissions")).await.expect(200);
    assert_eq!(listed["data"][1]["alias"], "devices:write");

    let member = home(&format!("/users/{}/roles", seed::user(1)));
    let only = json!({"roles": [{"id": role["id"]}]});
    api.call("PUT", &member, only).await.expect(200);
    let change = json!({"description": "", "permissions": []});
    let changed = api.call("PATCH", &path, change).await.expect(200);
    assert_eq!(changed["data"]["permissionIds"], json!([]));
    assert_eq!(changed["data"]["usersCount"], 1);
    assert_eq!(changed["data"]["name"], "Night shift");
    let users = api.get(&format!("{path}/users")).await.expect(200);
    assert_eq!(users["data"][0]["id"], json!(seed::user(1)));

    api.call("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(api.get(&path).await.refusal().0, 404);
    assert_eq!(api.get(&member).await.expect(200)["data"], json!([]));
    assert_eq!(vendor.effects().len(), 4);
}

#[tokio::test]
async fn the_platforms_own_roles_stay_as_they_are() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let path = format!("/roles/{}", role_id(&vendor, "writer"));
    let change = api.call("PATCH", &path, json!({"name": "scribe"})).await;
    assert_eq!(change.refusal(), (403, "NO_ACCESS_TO_RESOURCE"));
    let delete = api.call("DELETE", &path, Value::Null).await;
    assert_eq!(delete.refusal(), (403, "NO_ACCESS_TO_RESOURCE"));
    assert!(vendor.effects().is_empty());
}

#[tokio::test]
async fn bad_roles_are_refused() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    for (body, status) in [
        (json!({}), 400),
        (json!({"name": " "}), 400),
        (json!({"name": "x", "permissions": {}}), 400),
        (json!({"name": "x", "permissions": [{}]}), 400),
        (
            json!({"name": "x", "permissions": [{"alias": "moon:read"}]}),
            400,
        ),
        (json!({"name": "x", "permissions": [{"id": "1"}]}), 400),
        (json!({"name": "Auditor"}), 409),
    ] {
        let answer = api.call("POST", "/roles", body.clone()).await;
        assert_eq!(answer.refusal().0, status, "{body}");
    }
    assert_eq!(api.get("/roles/1").await.refusal().0, 400);
    let answer = api.call("POST", "/roles", json!("x")).await;
    assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR"));
}

#[tokio::test]
async fn the_deprecated_list_is_the_same_and_says_so() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let now = api.get("/roles").await;
    assert!(!now.headers.contains_key("deprecation"));
    let then = api.get(&home("/roles")).await;
    assert_eq!(then.headers["deprecation"], "true");
    let roles = now.expect(200);
    assert_eq!(roles, then.expect(200));
    let names: Vec<&Value> = roles["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["name"])
        .collect();
    assert_eq!(
        names,
        ["owner", "writer", "reader", "auditor", "device-operator"]
    );
}
