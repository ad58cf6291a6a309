use std::time::Duration;

use serde_json::{Value, json};

use super::{ADMIN, act, call, get, held, items, lumos, text};
use crate::simulators::Running;

fn app(lumos: &Running, n: usize) -> String {
    text(&held(lumos).apps[n]["id"]).to_owned()
}

#[tokio::test]
async fn a_custom_app_comes_changes_and_goes() {
    let lumos = lumos().await;
    let wiki = json!({ "name": "Wiki", "category": "Productivity", "description": "Pages" });
    let (status, made) = act(&lumos, "POST", "/apps", wiki.clone()).await;
    assert_eq!(status, 200, "not 201");
    assert_eq!(act(&lumos, "POST", "/apps", wiki).await.0, 409);
    let path = format!("/apps/{}", text(&made["id"]));
    let (_, changed) = act(&lumos, "PATCH", &path, json!({ "description": "More" })).await;
    assert_eq!(
        changed["user_friendly_label"], "Wiki",
        "what is absent stays"
    );
    assert_eq!(get(&lumos, &path).await["description"], "More");
    let ours = get(&lumos, "/apps?connection_source=API&name_search=wiki").await;
    assert_eq!(items(&ours).len(), 1);
    let sync = json!({ "sync_type": "full_sync" });
    assert_eq!(
        act(&lumos, "POST", &format!("{path}/sync"), sync).await.0,
        501
    );

    let (status, gone) = act(&lumos, "DELETE", &path, Value::Null).await;
    assert_eq!((status, &gone["disconnected"]), (200, &json!(true)));
    assert_eq!(call(&lumos, ADMIN, &path).await.0, 404);
    let changes: Vec<_> = lumos.effects();
    let changes: Vec<_> = changes.iter().map(|one| one.operation.as_str()).collect();
    assert_eq!(
        changes,
        [
            "POST /apps",
            "PATCH /apps/{app_id}",
            "DELETE /apps/{app_id}"
        ]
    );
}

#[tokio::test]
async fn an_app_that_somebody_is_in_stays_on_record() {
    let lumos = lumos().await;
    let path = format!("/apps/{}", app(&lumos, 2));
    assert_eq!(act(&lumos, "DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(get(&lumos, &path).await["disconnected"], true);
    assert_eq!(
        items(&get(&lumos, "/apps?disconnected=true").await).len(),
        2
    );
    let by_hand = format!("/apps/{}", app(&lumos, 0));
    assert_eq!(act(&lumos, "DELETE", &by_hand, Value::Null).await.0, 409);
}

#[tokio::test]
async fn an_integration_is_connected_by_credentials_and_synced() {
    let lumos = lumos().await;
    let input = |token: &str| json!({ "app_class_id": "slack.com", "auth": { "token": token } });
    assert_eq!(act(&lumos, "POST", "/apps", input("refused")).await.0, 502);
    let none = json!({ "app_class_id": "nobody.com", "auth": { "token": "x" } });
    assert_eq!(act(&lumos, "POST", "/apps", none).await.0, 404);
    let (status, made) = act(&lumos, "POST", "/apps", input("good")).await;
    assert_eq!((status, &made["sync_status"]), (200, &json!("SYNCING")));
    let sync = json!({ "sync_type": "full_sync" });
    // This one's sync never ends.
    let busy = format!("/apps/{}", app(&lumos, 1));
    let rotate = json!({ "app_class_id": "github.com", "auth": { "token": "new" } });
    let (status, refused) = act(&lumos, "PUT", &busy, rotate).await;
    assert_eq!(
        (status, &refused["detail"]),
        (429, &json!("A sync is in progress"))
    );
    let again = format!("{busy}/sync");
    assert_eq!(act(&lumos, "POST", &again, sync.clone()).await.0, 409);

    let path = format!("/apps/{}", text(&made["id"]));
    let sync_path = format!("{path}/sync");
    while get(&lumos, &path).await["sync_status"] == "SYNCING" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(get(&lumos, &path).await["sync_status"], "SUCCESS");
    let other = json!({ "app_class_id": "okta", "auth": { "token": "x" } });
    assert_eq!(act(&lumos, "PUT", &path, other).await.0, 400);
    let (status, answer) = act(&lumos, "POST", &sync_path, sync).await;
    assert_eq!((status, &answer["app_id"]), (202, &made["id"]));
    let wrong = act(
        &lumos,
        "POST",
        &sync_path,
        json!({ "sync_type": "x", "y": 1 }),
    )
    .await;
    assert_eq!(wrong.0, 422);
    assert_eq!(wrong.1["detail"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn both_twins_of_the_settings_show_the_same() {
    let lumos = lumos().await;
    let id = app(&lumos, 1);
    let (older, newer) = (
        format!("/apps/{id}/settings"),
        format!("/appstore/apps/{id}/settings"),
    );
    let user = held(&lumos).users[3].clone();
    let change = json!({
        "in_app_store": false,
        "request_flow": { "require_manager_approval": true, "admins": { "users": [{ "id": user["id"] }] } }
    });
    let (status, after) = act(&lumos, "PATCH", &older, change).await;
    assert_eq!((status, &after["in_app_store"]), (200, &json!(false)));
    assert_eq!(
        after["request_flow"]["admins"]["users"],
        json!([user]),
        "shown whole"
    );
    assert_eq!(
        after["request_flow"]["discoverability"], "FULL",
        "what is absent stays"
    );
    let shown = get(&lumos, &newer).await;
    assert_eq!(shown["request_flow"], after["request_flow"]);
    assert_eq!(
        call(&lumos, ADMIN, &format!("/appstore/apps/{id}")).await.0,
        404
    );
    let added = act(&lumos, "POST", "/appstore/apps", json!({ "app_id": id })).await;
    assert_eq!(added.0, 200);
    assert_eq!(
        get(&lumos, &format!("/appstore/apps/{id}")).await["id"],
        json!(id)
    );
    let nobody = json!({ "request_flow": { "admins": { "users": [{ "id": id }] } } });
    let refused = act(&lumos, "PATCH", &newer, nobody).await;
    assert_eq!(refused, (404, json!({ "detail": "User not found" })));
}

#[tokio::test]
async fn uploaded_accounts_and_records_are_there_when_the_job_is_through() {
    let lumos = lumos().await;
    let id = app(&lumos, 5);
    let upload = json!({ "app_id": id, "accounts": [
        { "unique_identifier": "zoe", "email": "ada.lind@example.org", "status": "SUSPENDED" }
    ]});
    let (status, job) = act(&lumos, "POST", "/accounts/upload", upload).await;
    assert_eq!((status, &job["state"]), (200, &json!("NOT_STARTED")));
    let path = format!("/accounts/upload/{}", text(&job["job_id"]));
    assert_eq!(get(&lumos, &path).await["state"], "RUNNING");
    assert_eq!(get(&lumos, &path).await["state"], "SUCCESS");
    let record = json!({ "records": [{
        "account": { "external_id": "zoe" }, "event": { "type": "LOGIN" }, "timestamp": "2031-05-01T00:00:00Z",
        "source_app_id": id
    }]});
    let (status, job) = act(&lumos, "POST", "/activity_records", record).await;
    assert_eq!((status, &job["job"]["state"]), (200, &json!("RUNNING")));
    let path = format!("/activity_records/job/{}", text(&job["job"]["job_id"]));
    get(&lumos, &path).await;
    assert_eq!(get(&lumos, &path).await["state"], "DONE");
    let listed = get(&lumos, &format!("/accounts?app_id={id}&size=100")).await;
    let zoe = items(&listed)
        .iter()
        .find(|one| one["unique_identifier"] == "zoe");
    let zoe = zoe.unwrap();
    assert_eq!(zoe["last_login"], "2031-05-01T00:00:00");
    assert_eq!(
        zoe["user_id"],
        held(&lumos).users[0]["id"],
        "matched by address"
    );
}

#[tokio::test]
async fn roles_are_given_and_taken_once() {
    let lumos = lumos().await;
    let user = text(&held(&lumos).users[5]["id"]).to_owned();
    let path = format!("/users/{user}/roles");
    for _ in 0..2 {
        let added = act(&lumos, "POST", &format!("{path}/viewer"), Value::Null).await;
        assert_eq!(added.0, 201);
    }
    assert_eq!(get(&lumos, &path).await, json!([{ "role_name": "viewer" }]));
    assert_eq!(lumos.effects().len(), 1, "the second changed nothing");
    let unknown = act(&lumos, "POST", &format!("{path}/emperor"), Value::Null).await;
    assert_eq!(unknown.0, 404);
    for _ in 0..2 {
        let removed = act(&lumos, "DELETE", &format!("{path}/viewer"), Value::Null).await;
        assert_eq!(removed.0, 204);
    }
    assert_eq!(get(&lumos, &path).await, json!([]));
}
