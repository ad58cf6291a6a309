use serde_json::{Value, json};

use super::{Api, home, own_tokens, role_id, start, started_with, user_id};
use crate::simulators::lightelligence::seed;

const ADA: &str = "ada.lind@example.org";

fn roles_of(user: &Value) -> Vec<&str> {
    let roles = user["userRoles"].as_array().unwrap().iter();
    roles.map(|role| role["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn roles_are_replaced_as_a_whole() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let path = home(&format!("/users/{}/roles", user_id(&vendor, ADA)));
    let (writer, auditor) = (role_id(&vendor, "writer"), role_id(&vendor, "auditor"));
    let before = api.get(&path).await.expect(200);
    assert_eq!(before["data"][0]["name"], "reader");
    let both = json!({"roles": [{"id": writer}, {"id": auditor}, {"id": writer}]});
    let user = api.call("PUT", &path, both).await.expect(200);
    assert_eq!(roles_of(&user["data"]), ["writer", "auditor"]);
    let one = json!({"roles": [{"id": auditor}]});
    let user = api.call("PUT", &path, one).await.expect(200);
    assert_eq!(roles_of(&user["data"]), ["auditor"]);
    let listed = api.get(&home("/users")).await.expect(200);
    assert_eq!(roles_of(&listed["data"][1]), ["auditor"]);
    let none = api
        .call("PUT", &path, json!({"roles": []}))
        .await
        .expect(200);
    assert!(roles_of(&none["data"]).is_empty());

    let effects = vendor.effects();
    assert_eq!(effects.len(), 3);
    assert_eq!(
        effects[1].operation,
        "PUT /v1/tenants/{tenant_id}/users/{user_id}/roles"
    );
    assert_eq!(effects[1].subject, user_id(&vendor, ADA));
    assert_eq!(roles_of(&effects[1].before), ["writer", "auditor"]);
    assert_eq!(roles_of(&effects[1].after), ["auditor"]);

    for bad in [
        json!({}),
        json!({"roles": "writer"}),
        json!({"roles": [{}]}),
        json!({"roles": [{"id": "writer"}]}),
        json!({"roles": [{"id": seed::user(0)}]}),
        json!([]),
    ] {
        let answer = api.call("PUT", &path, bad.clone()).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR"), "{bad}");
    }
    let nobody = home(&format!("/users/{}/roles", uuid::Uuid::new_v4()));
    let answer = api
        .call("PUT", &nobody, json!({"roles": [{"id": writer}]}))
        .await;
    assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND"));
    assert_eq!(vendor.effects().len(), 3);
}

#[tokio::test]
async fn the_deprecated_path_takes_names() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let path = home(&format!("/users/{}", user_id(&vendor, ADA)));
    let answer = api
        .call("PUT", &path, json!({"roleNames": ["writer"]}))
        .await;
    assert_eq!(answer.headers["deprecation"], "true");
    assert_eq!(roles_of(&answer.expect(201)["data"]), ["writer"]);
    for bad in [
        json!({}),
        json!({"roleNames": ["emperor"]}),
        json!({"roleNames": [1]}),
    ] {
        assert_eq!(api.call("PUT", &path, bad).await.refusal().0, 400);
    }
    let outsider = uuid_of_outsider(&vendor).await;
    let path = home(&format!("/users/{outsider}"));
    let body = json!({"roleNames": ["reader"]});
    assert_eq!(api.call("PUT", &path, body).await.refusal().0, 404);
}

async fn uuid_of_outsider(vendor: &super::Running) -> String {
    let tokens = super::tokens_of(vendor, "outsider@example.org").await;
    let said = super::claims(&tokens["access_token"]);
    said["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn as_an_older_draft_has_it_the_deprecated_path_also_lets_in() {
    let vendor = started_with(&[("legacy_put", "204")]).await;
    let api = Api::owner(&vendor).await;
    let outsider = uuid_of_outsider(&vendor).await;
    let path = home(&format!("/users/{outsider}"));
    let body = json!({"roleNames": ["reader"]});
    assert_eq!(api.call("PUT", &path, body).await.expect(204), Value::Null);
    assert_eq!(user_id(&vendor, "outsider@example.org"), outsider);
    assert_eq!(vendor.effects()[0].before, Value::Null);
}

#[tokio::test]
async fn whoever_is_removed_loses_access_but_not_the_account() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let ada = user_id(&vendor, ADA);
    let own = Api::of(&vendor, ADA).await;
    let path = home(&format!("/users/{ada}"));
    assert_eq!(
        api.call("DELETE", &path, Value::Null).await.expect(204),
        Value::Null
    );
    let again = api.call("DELETE", &path, Value::Null).await;
    assert_eq!(again.refusal(), (404, "RESOURCE_NOT_FOUND"));
    let users = api.get(&home("/users?pageSize=100")).await.expect(200);
    assert_eq!(users["meta"]["itemsTotal"], 59);
    let grants = vendor.state().grants;
    assert!(grants.iter().all(|grant| grant["userId"] != ada.as_str()));
    assert_eq!(vendor.effects().len(), 1);

    own.get(&format!("/users/{ada}")).await.expect(200);
    let tenants = own.get(&format!("/users/{ada}/tenants")).await.expect(200);
    assert_eq!(tenants["data"], json!([]));
    assert_eq!(
        own.get("/roles").await.refusal(),
        (403, "NO_ACCESS_TO_RESOURCE")
    );
    assert_eq!(own.get(&home("/users")).await.refusal().0, 404);
}

#[tokio::test]
async fn what_is_in_another_tenant_is_not_there() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let mine = format!("/users/{}/tenants", seed::user(0));
    let tenants = api.get(&mine).await.expect(200)["data"].clone();
    assert_eq!(tenants.as_array().unwrap().len(), 2);
    assert_eq!(tenants[0]["role"], "owner");
    // The owner's own, but not the token's; then somebody else's; then nobody's.
    let elsewhere = crate::simulators::kit::people::uuid("lightelligence/tenant", 2).to_string();
    let nobodys = uuid::Uuid::new_v4().to_string();
    for tenant in [tenants[1]["id"].as_str().unwrap(), &elsewhere, &nobodys] {
        for path in ["", "/users", "/roles", "/invites"] {
            let answer = api.get(&format!("/tenants/{tenant}{path}")).await;
            assert_eq!(answer.refusal(), (404, "RESOURCE_NOT_FOUND"), "{path}");
        }
    }
    for bad in ["1", "22222222222242228222222222222222"] {
        let answer = api.get(&format!("/tenants/{bad}/users")).await;
        assert_eq!(answer.refusal(), (400, "VALIDATION_ERROR"));
    }
    assert_eq!(api.get("/nothing").await.refusal().0, 404);
    assert_eq!(api.call("PUT", "/roles", json!({})).await.refusal().0, 405);
}

#[tokio::test]
async fn inside_the_own_tenant_a_missing_permission_is_said() {
    let vendor = start().await;
    let reader = Api::of(&vendor, ADA).await;
    for path in [
        home(""),
        home("/users"),
        home("/invites"),
        "/roles".to_owned(),
    ] {
        let answer = reader.get(&path).await;
        assert_eq!(answer.refusal(), (403, "NO_ACCESS_TO_RESOURCE"), "{path}");
    }
    reader.get("/applications").await.expect(200);
    // Somebody with the role `auditor` sees users and changes none.
    let auditor = Api::of(&vendor, "farid.rahimi@example.org").await;
    auditor.get(&home("/users")).await.expect(200);
    let path = home(&format!("/users/{}", user_id(&vendor, ADA)));
    assert_eq!(
        auditor.call("DELETE", &path, Value::Null).await.refusal().0,
        403
    );
    assert!(vendor.effects().is_empty());
}

#[tokio::test]
async fn management_is_barred_to_custom_applications_even_for_owners() {
    let vendor = start().await;
    let custom = seed::application().to_string();
    let own = own_tokens(&vendor, &custom, &[]).await.expect(200);
    let code = super::code_for(&vendor, "owner@example.org", &custom).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", custom.as_str()),
        ("client_secret", seed::SECRET),
        ("code", &code),
        ("redirect_uri", seed::REDIRECT_URI),
    ];
    let owners = super::post_form(&vendor, "token", &fields)
        .await
        .expect(200);
    for tokens in [own, owners] {
        let api = Api::with(&vendor, &tokens);
        for path in [home(""), home("/users"), home("/invites"), home("/roles")] {
            let answer = api.get(&path).await;
            assert_eq!(answer.refusal(), (403, "NO_ACCESS_TO_RESOURCE"), "{path}");
        }
        api.get("/applications").await.expect(200);
        api.get("/permissions").await.expect(200);
    }
    let granted = own_tokens(&vendor, seed::SERVICE, &[]).await.expect(200);
    let api = Api::with(&vendor, &granted);
    api.get(&home("/users")).await.expect(200);
}

#[tokio::test]
async fn without_a_good_token_nobody_is_let_in() {
    let vendor = start().await;
    for token in ["", "a.b.c"] {
        let api = Api {
            vendor: &vendor,
            token: token.to_owned(),
        };
        assert_eq!(
            api.get(&home("/users")).await.refusal(),
            (401, "UNAUTHORIZED")
        );
    }
    let tokens = super::owner_tokens(&vendor).await;
    for name in ["refresh_token", "id_token"] {
        let api = Api {
            vendor: &vendor,
            token: tokens[name].as_str().unwrap().to_owned(),
        };
        assert_eq!(
            api.get(&home("/users")).await.refusal(),
            (401, "UNAUTHORIZED"),
            "{name}"
        );
    }
}
