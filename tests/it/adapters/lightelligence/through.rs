//! What passing operations through shows of the adapter alone; `passthrough::exchanges` has an exchange of every operation.

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::adapters::vendor;
use iam_gateway::simulators::Drift;
use serde_json::json;

use crate::adapters::passing::{Given, operation};
use crate::adapters::stand::Stand;
use crate::support::LIGHTELLIGENCE;

const REALM: &str = "/v1/id/auth/realms/olt";

/// Without a credential every path of the API says so; one that is not there says that.
#[tokio::test]
async fn the_simulator_asks_for_a_credential_at_every_path() {
    let stand = Stand::start(LIGHTELLIGENCE, &[], |_| {}).await;
    let http = reqwest::Client::new();
    let status = async |method: &str, path: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", stand.vendor.url);
        let answer = http.request(method, url).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(status("GET", "/v1/nothing").await, 404);
    let operations = vendor("lightelligence").unwrap().operations;
    for operation in operations.iter().copied().flatten() {
        let segments = operation.path.split('/').skip(1).map(|segment| {
            if segment.starts_with('{') {
                "/019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21".to_owned()
            } else {
                format!("/{segment}")
            }
        });
        let path: String = segments.filter(|segment| segment != "/").collect();
        if operation.api == "api" {
            let told = status(operation.method, &format!("/v1{path}")).await;
            assert_eq!(told, 401, "{}", operation.id);
        } else {
            let told = status(operation.method, &format!("{REALM}{path}")).await;
            assert!(![404, 405].contains(&told), "{}: {told}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_for_what_is_passed_through_too() {
    let role = json!({ "name": "cook", "permissions": [{ "alias": "devices:read" }] }).to_string();
    for (api, id, body) in [
        ("api", "list_roles", ""),
        ("api", "create_role", role.as_str()),
        ("identity", "get_userinfo", ""),
    ] {
        let client = [("auth", "client_credentials")];
        let stand = Stand::start(LIGHTELLIGENCE, &client, |_| {}).await;
        let given = |body| Given {
            body,
            ..Given::default()
        };
        let roles = operation("lightelligence", "api", "list_roles");
        stand.pass(roles, &given("")).await.unwrap();
        let drifts = json!([{"op": "remove", "kind": "access_token"}]);
        let drifts: Vec<Drift> = serde_json::from_value(drifts).unwrap();
        stand.vendor.drift(&drifts).unwrap();
        let operation = operation("lightelligence", api, id);
        let answer = stand.pass(operation, &given(body)).await;
        if let Err(error) = answer {
            panic!("{id}: {error:?}");
        }
    }
}

#[tokio::test]
async fn what_a_person_s_login_can_not_do_is_told_without_a_call() {
    let stand = Stand::start(LIGHTELLIGENCE, &[], |_| {}).await;
    let tenants = operation("lightelligence", "api", "list_installed_tenants");
    let refused = stand.pass(tenants, &Given::default()).await.err().unwrap();
    assert_eq!(refused.trouble, Trouble::Unsupported);
    assert!(
        refused.message.contains("client_credentials"),
        "{}",
        refused.message
    );
    assert!(stand.vendor.requests().is_empty());
}
