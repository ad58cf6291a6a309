use serde_json::{Value, json};

use super::{Api, claims, home, own_tokens, owner_tokens, refresh, start, started_with};
use crate::simulators::lightelligence::seed;

fn new_tenant(name: &str) -> Value {
    json!({
        "name": name, "billingContact": {"any": ["thing"]}, "billingCompany": {}, "package": {"id": "p-1"},
        "unknown": true,
    })
}

#[tokio::test]
async fn whoever_makes_a_tenant_owns_it() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let api = Api::with(&vendor, &tokens);
    let made = api
        .call("POST", "/tenants", new_tenant("Brand-new_1"))
        .await
        .expect(201);
    let tenant = made["data"]["id"].as_str().unwrap();
    assert_eq!(made["data"]["billingContact"], json!({"any": ["thing"]}));
    assert!(made["data"]["unknown"].is_null());
    assert_eq!(
        api.get(&format!("/tenants/{tenant}")).await.refusal().0,
        404
    );
    let token = tokens["refresh_token"].as_str().unwrap();
    let there = refresh(&vendor, token, &[("tenant", tenant)])
        .await
        .expect(200);
    let api = Api::with(&vendor, &there);
    let found = api.get(&format!("/tenants/{tenant}")).await.expect(200);
    assert_eq!(found, made);
    let users = api
        .get(&format!("/tenants/{tenant}/users"))
        .await
        .expect(200);
    assert_eq!(users["data"][0]["userRoles"][0]["name"], "owner");
    let path = format!("/users/{}/tenants/{tenant}", seed::user(0));
    let mine = api.get(&path).await.expect(200);
    assert_eq!(
        mine["data"],
        json!({"id": tenant, "name": "Brand-new_1", "role": "owner"})
    );

    api.call("DELETE", &format!("/tenants/{tenant}"), Value::Null)
        .await
        .expect(204);
    assert_eq!(
        api.get(&format!("/tenants/{tenant}")).await.refusal().0,
        404
    );
    let token = there["refresh_token"].as_str().unwrap();
    assert_eq!(
        refresh(&vendor, token, &[]).await.body["error"],
        "invalid_grant"
    );
    assert_eq!(vendor.effects().len(), 2);
}

#[tokio::test]
async fn bad_tenants_are_refused() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    for name in [
        "ab",
        "a name that is longer than 32 chars",
        "Ümlaut",
        "semi;colon",
        "",
    ] {
        let answer = api.call("POST", "/tenants", new_tenant(name)).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR"), "{name}");
    }
    for field in ["name", "billingContact", "billingCompany", "package"] {
        let mut body = new_tenant("Some name");
        body.as_object_mut().unwrap().remove(field);
        let answer = api.call("POST", "/tenants", body).await;
        assert_eq!(answer.status, 400, "{field}");
        let said = answer.body["errorMessage"].as_str().unwrap();
        assert!(said.contains(field), "{said}");
    }
    let mut body = new_tenant("Some name");
    body["payment"] = json!("cash");
    assert_eq!(api.call("POST", "/tenants", body).await.status, 400);
    let taken = api
        .call("POST", "/tenants", new_tenant("ACME LIGHTING"))
        .await;
    assert_eq!(taken.refusal(), (409, "CONFLICT"));
    assert!(vendor.effects().is_empty());
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let before = api.get(&home("")).await.expect(200)["data"].clone();
    let change = json!({"name": "Acme Two", "payment": {"x": 1}});
    let after = api.call("PATCH", &home(""), change).await.expect(200)["data"].clone();
    assert_eq!(
        (&after["name"], &after["payment"]),
        (&json!("Acme Two"), &json!({"x": 1}))
    );
    assert_eq!(after["package"], before["package"]);
    assert_eq!(after["createdAt"], before["createdAt"]);
    assert_ne!(after["updatedAt"], before["updatedAt"]);
    let taken = api
        .call("PATCH", &home(""), json!({"name": "Elsewhere"}))
        .await;
    assert_eq!(taken.refusal(), (409, "CONFLICT"));
    let bad = api.call("PATCH", &home(""), json!({"package": 1})).await;
    assert_eq!(bad.refusal(), (400, "VALIDATION_ERROR"));
}

#[tokio::test]
async fn people_see_themselves_only() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let me = seed::user(0);
    let user = api.get(&format!("/users/{me}")).await.expect(200);
    assert_eq!(
        user["data"],
        json!({"id": me, "email": "owner@example.org", "firstName": "Olga", "lastName": "Owner"})
    );
    let mine = api
        .get(&format!("/users/{me}/permissions"))
        .await
        .expect(200);
    assert_eq!(mine["data"]["permissions"].as_array().unwrap().len(), 12);
    assert_eq!(mine["data"]["permissions"][0]["alias"], "tenant:read");
    let other = format!("/users/{}", seed::user(1));
    for path in ["", "/tenants", "/permissions", "/invites"] {
        let answer = api.get(&format!("{other}{path}")).await;
        assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND"), "{path}");
    }
    assert_eq!(api.get("/users/me").await.refusal().0, 400);
    let telling = started_with(&[("other_users", "403")]).await;
    let answer = Api::owner(&telling).await.get(&other).await;
    assert_eq!(answer.refusal(), (403, "ID_FORBIDDEN"));
}

#[tokio::test]
async fn a_client_sees_where_it_is_installed() {
    let vendor = start().await;
    let tokens = own_tokens(&vendor, seed::SERVICE, &[]).await.expect(200);
    let api = Api::with(&vendor, &tokens);
    let installed = api
        .get("/application-info/installed-tenants")
        .await
        .expect(200);
    assert_eq!(
        installed[0],
        json!({"tenantId": seed::home(), "name": "Acme Lighting"})
    );
    let sub = claims(&tokens["access_token"])["sub"].clone();
    let path = format!("/users/{}/tenants", sub.as_str().unwrap());
    let tenants = api.get(&path).await.expect(200);
    assert_eq!(tenants["data"].as_array().unwrap().len(), 2);
    // It is a user, but in no list of users.
    let users = api.get(&home("/users")).await.expect(200);
    assert_eq!(users["meta"]["itemsTotal"], 60);
    let person = Api::owner(&vendor).await;
    let answer = person.get("/application-info/installed-tenants").await;
    assert_eq!(answer.refusal().0, 403);
}
