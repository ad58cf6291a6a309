use serde_json::{Value, json};

use super::{Api, Running, claims, home, post_form, start, tokens_of};
use crate::simulators::{kit::people, lightelligence::seed};

async fn own_tokens(vendor: &Running, id: &str, secret: &str) -> super::Answer {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("scope", "openid olt-applications"),
    ];
    post_form(vendor, "token", &fields).await
}

#[tokio::test]
async fn a_clients_secret_is_shown_once_and_works() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let body = json!({"name": "Robot", "redirectUris": ["http://localhost/"]});
    let made = api.call("POST", "/clients", body).await.expect(201)["data"].clone();
    let (id, secret) = (
        made["id"].as_str().unwrap(),
        made["secret"].as_str().unwrap(),
    );
    let path = format!("/clients/{id}");
    let found = api.get(&path).await.expect(200);
    assert!(found["data"]["secret"].is_null());
    assert_eq!(found["data"]["type"], "confidential");
    let listed = api.get("/clients").await.expect(200);
    assert_eq!(listed["data"], json!([found["data"]]));
    for told in [json!(vendor.effects()), json!(vendor.state())] {
        assert!(!told.to_string().contains(secret), "{told}");
    }
    let tokens = own_tokens(&vendor, id, secret).await.expect(200);
    assert_eq!(
        claims(&tokens["access_token"])["tenant"],
        json!(seed::home())
    );
    let robot = Api::with(&vendor, &tokens);
    assert_eq!(robot.get(&home("/users")).await.refusal().0, 403);

    api.call("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(api.get(&path).await.refusal().0, 404);
    assert_eq!(own_tokens(&vendor, id, secret).await.status, 401);
    assert_eq!(robot.get("/permissions").await.refusal().0, 401);
    let bad = json!({"name": "x", "type": "secret"});
    assert_eq!(api.call("POST", "/clients", bad).await.refusal().0, 400);
    // The portal is nobody's to see or delete.
    assert_eq!(api.get("/clients/olt-portal").await.refusal().0, 400);
}

#[tokio::test]
async fn applications_are_developed_here_and_installed_there() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let developed = "/application-developer/applications";
    let body = json!({"name": "Lamp counter", "description": "Counts"});
    let made = api.call("POST", developed, body).await.expect(201)["data"].clone();
    let id = made["id"].as_str().unwrap();
    let secret = made["clientSecret"].as_str().unwrap();
    assert_eq!(made["type"], "confidental");
    let path = format!("{developed}/{id}");
    assert!(api.get(&path).await.expect(200)["data"]["clientSecret"].is_null());
    let change = json!({"name": "Lamp counter 2"});
    let changed = api.call("PATCH", &path, change).await.expect(200);
    assert_eq!(changed["data"]["description"], "Counts");
    assert_eq!(
        api.get(developed).await.expect(200)["data"][1],
        changed["data"]
    );

    let installation = format!("/applications/{id}/installation");
    for method in ["PATCH", "DELETE"] {
        assert_eq!(
            api.call(method, &installation, json!({})).await.refusal().0,
            404
        );
    }
    assert!(claims_of(&vendor, id, secret).await["tenant"].is_null());
    for method in ["PUT", "POST"] {
        let there = api.call(method, &installation, json!({})).await.expect(201);
        assert_eq!(there["data"]["installed"], true);
    }
    api.call("PATCH", &installation, json!({}))
        .await
        .expect(200);
    assert_eq!(
        claims_of(&vendor, id, secret).await["tenant"],
        json!(seed::home())
    );

    let renewed = api
        .call("POST", &format!("{path}/secret"), json!({}))
        .await
        .expect(200);
    assert_eq!(own_tokens(&vendor, id, secret).await.status, 401);
    let secret = renewed["data"]["clientSecret"].as_str().unwrap();
    own_tokens(&vendor, id, secret).await.expect(200);

    api.call("DELETE", &installation, Value::Null)
        .await
        .expect(204);
    let shown = api.get(&format!("/applications/{id}")).await.expect(200);
    assert_eq!(shown["data"]["installed"], false);
    api.call("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(api.get(&path).await.refusal().0, 404);
    // Made, changed, installed, renewed, uninstalled, removed.
    assert_eq!(vendor.effects().len(), 6);
}

async fn claims_of(vendor: &Running, id: &str, secret: &str) -> Value {
    let tokens = own_tokens(vendor, id, secret).await.expect(200);
    claims(&tokens["access_token"])
}

#[tokio::test]
async fn a_public_application_has_no_secret() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let developed = "/application-developer/applications";
    let body = json!({"name": "Page", "type": "public", "redirectUris": ["http://localhost/"]});
    let made = api.call("POST", developed, body).await.expect(201)["data"].clone();
    assert_eq!(
        (&made["type"], &made["clientSecret"]),
        (&json!("public"), &Value::Null)
    );
    let id = made["id"].as_str().unwrap();
    let path = format!("{developed}/{id}/secret");
    assert_eq!(api.call("POST", &path, json!({})).await.refusal().0, 400);
    assert_eq!(own_tokens(&vendor, id, "").await.status, 401);
}

#[tokio::test]
async fn an_application_is_offered_to_the_tenants_that_are_allowed() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let guest = Api::with(&vendor, &tokens_of(&vendor, "outsider@example.org").await);
    let application = seed::application();
    let path = format!("/applications/{application}");
    assert_eq!(guest.get(&path).await.refusal().0, 404);
    let outside = people::uuid("lightelligence/tenant", 2);
    let allowed = format!("/application-developer/applications/{application}/allowed-tenants");
    let one = format!("{allowed}/{outside}");
    assert_eq!(api.call("DELETE", &one, Value::Null).await.refusal().0, 404);
    api.call("PUT", &one, Value::Null).await.expect(204);
    let listed = api.get(&allowed).await.expect(200);
    assert_eq!(listed["data"][1], json!({"id": outside}));
    assert_eq!(
        guest.get(&path).await.expect(200)["data"]["installed"],
        false
    );
    // Offered is not developed.
    assert_eq!(guest.get(&allowed).await.refusal().0, 404);
    api.call("DELETE", &one, Value::Null).await.expect(204);
    assert_eq!(
        guest.get("/applications").await.expect(200)["data"],
        json!([])
    );
}
