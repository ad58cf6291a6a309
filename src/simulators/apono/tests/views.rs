use serde_json::{Value, json};

use super::{ACCOUNT, apono, code, emails, end, get, items, refused, with};

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn both_apis_show_the_same_users() {
    let apono = apono().await;
    let current = get(&apono, "/api/admin/v3/users").await;
    let legacy = get(&apono, "/api/v2/users?limit=5&offset=10").await;
    assert_eq!(
        legacy["pagination"],
        json!({"total": 60, "limit": 60, "offset": 0})
    );
    for (new, old) in items(&current)
        .iter()
        .zip(legacy["data"].as_array().unwrap())
    {
        assert_eq!(
            keys(old),
            ["active", "email", "first_name", "id", "last_name"]
        );
        for key in keys(old) {
            assert_eq!(new[key], old[key]);
        }
    }

    let ada = &items(&current)[0];
    let id = ada["id"].as_str().unwrap();
    assert_eq!(
        get(&apono, &format!("/api/admin/v3/users/{id}")).await,
        *ada
    );
    let old = get(&apono, &format!("/api/v2/users/{id}")).await;
    let by_email = get(&apono, "/api/v2/users/Ada.Lind%40example.org").await;
    assert_eq!((&old["email"], &by_email), (&ada["email"], &old));
    for path in [
        "/api/admin/v3/users/ada.lind%40example.org",
        "/api/v2/users/none",
        "/api/admin/v3/users/none",
        "/api/admin/v3/nothing",
    ] {
        let refusal = refused(&apono, ACCOUNT, "GET", path).await;
        assert_eq!(refusal, code(404, "NotFound"), "{path}");
    }
}

#[tokio::test]
async fn users_come_in_all_shapes() {
    let apono = apono().await;
    let page = get(&apono, "/api/admin/v3/users").await;
    let users = items(&page);
    let has = |what: &str, is: &dyn Fn(&Value) -> bool| {
        assert!(users.iter().any(is), "no user that is {what}");
    };
    has("inactive", &|user| user["active"] == false);
    has("aliased", &|user| user["email_aliases"] != json!([]));
    has("without a source, by null", &|user| {
        user.get("source_integration_id") == Some(&Value::Null)
    });
    has("without a source, by silence", &|user| {
        user.get("source_integration_id").is_none()
    });
    has("complete", &|user| {
        user["attributes"]["department"].is_string()
    });
    has("in some role", &|user| {
        user["roles"] == json!(["Power User", "Viewer"])
    });
    for user in users {
        for key in ["id", "email", "first_name", "last_name"] {
            assert!(user[key].is_string(), "{user}");
        }
        assert!(user["email_aliases"].is_array() && user["roles"].is_array());
    }
    let groups = get(&apono, "/api/admin/v1/groups").await;
    let left_out = |row: &Value| row.get("source_id").is_none();
    assert!(items(&groups).iter().any(left_out), "nothing is left out");
}

#[tokio::test]
async fn a_legacy_list_may_count_more_than_it_shows() {
    let apono = with(&[("legacy_rows", "40")]).await;
    let legacy = get(&apono, "/api/v2/users").await;
    assert_eq!(legacy["data"].as_array().unwrap().len(), 40);
    assert_eq!(
        legacy["pagination"],
        json!({"total": 60, "limit": 40, "offset": 0})
    );
}

#[tokio::test]
async fn later_fields_may_have_come() {
    let apono = with(&[("later_fields", "some")]).await;
    let page = get(&apono, "/api/admin/v3/users").await;
    assert_eq!(
        items(&page)[0]["added_later"],
        json!({"since": "2026-05-01"})
    );
}

#[tokio::test]
async fn nulls_may_be_left_out() {
    let apono = with(&[("nulls", "left_out")]).await;
    for path in ["/api/admin/v4/integrations", "/api/admin/v2/access-flows"] {
        let page = get(&apono, path).await;
        assert!(!page.to_string().contains("null"), "{page}");
        assert_eq!(page["pagination"], json!({}));
    }
}

#[tokio::test]
async fn groups_have_members_by_email() {
    let apono = apono().await;
    let page = get(&apono, "/api/admin/v1/groups?name=*e*").await;
    let names: Vec<&str> = items(&page)
        .iter()
        .map(|group| group["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "engineering",
            "finance",
            "operations",
            "people",
            "sales",
            "break-glass"
        ]
    );
    let first = &items(&page)[0];
    assert_eq!(first["source_integration_name"], "Okta");
    let id = first["id"].as_str().unwrap();
    assert_eq!(
        get(&apono, &format!("/api/admin/v1/groups/{id}")).await,
        *first
    );
    let path = format!("/api/admin/v1/groups/{id}/members");
    let members = get(&apono, &format!("{path}?limit=5")).await;
    assert_eq!(items(&members).len(), 5);
    assert_eq!(items(&members)[0], json!({"email": "ada.lind@example.org"}));
    let members = get(&apono, &path).await;
    assert_eq!(
        (items(&members).len(), &members["pagination"]),
        (12, &end())
    );
    let held = &apono.state().groups[0]["members"];
    assert_eq!(json!(emails(items(&members))), *held);
    for path in [
        "/api/admin/v1/groups/none",
        "/api/admin/v1/groups/none/members",
    ] {
        assert_eq!(
            refused(&apono, ACCOUNT, "GET", path).await,
            code(404, "NotFound")
        );
    }
}

#[tokio::test]
async fn both_apis_show_the_same_integrations() {
    let apono = apono().await;
    let names = async |query: &str| {
        let page = get(&apono, &format!("/api/admin/v4/integrations?{query}")).await;
        let names = items(&page).iter().map(|one| one["name"].clone());
        Value::Array(names.collect())
    };
    assert_eq!(
        names("category=USER-INFORMATION").await,
        json!(["Okta", "Google Workspace"])
    );
    assert_eq!(
        names("type=*sql&type=k8s*&status=Active&status=Initializing").await,
        json!(["orders-db", "cluster"])
    );
    let page = get(&apono, "/api/admin/v4/integrations?name=orders-db").await;
    let orders = &items(&page)[0];
    assert!(orders["last_sync_time"].is_string());
    let connector = orders["connector_id"].as_str().unwrap();
    assert_eq!(
        names(&format!("connector_id={connector}&name=*-db")).await,
        json!(["orders-db"])
    );

    let legacy = get(&apono, "/api/v2/integrations").await;
    assert_eq!(legacy["pagination"]["total"], 8);
    let id = orders["id"].as_str().unwrap();
    let old = get(&apono, &format!("/api/v2/integrations/{id}")).await;
    assert!(legacy["data"].as_array().unwrap().contains(&old));
    assert!(old["last_sync_time"].is_f64());
    assert_eq!(old["provisioner_id"], connector);
    assert_eq!(old["metadata"], orders["integration_config"]);
    assert_eq!(
        get(&apono, &format!("/api/admin/v4/integrations/{id}")).await,
        *orders
    );
    assert_eq!(
        refused(&apono, ACCOUNT, "GET", "/api/v2/integrations/none").await,
        code(404, "NotFound")
    );
}
