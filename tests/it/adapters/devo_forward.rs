//! What passing operations through shows of Devo's adapter alone; `passthrough::exchanges` has an exchange of every operation.

use iam_gateway::adapters::contract::Trouble;
use serde_json::json;

use super::passing::{Given, operation};
use super::stand::Stand;
use crate::support::DEVO;

const DOMAIN: &str = "acme@parent";

#[tokio::test]
async fn tokens_are_found_by_either_flavour_of_their_path() {
    let list = operation("devo", "credentials", "list_tokens");
    let rename = operation("devo", "credentials", "rename_token");
    for (settings, quirk, root) in [
        (json!({}), "", "/v2/accounts/acme%40parent/tokens"),
        (
            json!({ "token_path_prefix": "/xxx" }),
            "/xxx",
            "/xxx/v2/accounts/acme%40parent/tokens",
        ),
        (
            json!({ "token_path_flavor": "ws", "token_path_prefix": "/xxx" }),
            "",
            "/ws/accounts/acme%40parent/credentials/tokens",
        ),
    ] {
        let stand = Stand::start(DEVO, &[("token_path_prefix", quirk)], |connection| {
            let all = connection["settings"].as_object_mut().unwrap();
            all.extend(settings.as_object().unwrap().clone());
        })
        .await;
        let given = Given {
            values: vec![DOMAIN],
            ..Given::default()
        };
        stand.pass(list, &given).await.unwrap();
        assert_eq!(stand.last().path, root);
        let given = Given {
            values: vec![DOMAIN, "42"],
            body: r#"{"name":"x"}"#,
            ..Given::default()
        };
        stand.pass(rename, &given).await.unwrap();
        assert_eq!(stand.last().path, format!("{root}/42/rename"));
    }
}

#[tokio::test]
async fn what_the_credentials_cannot_reach_is_told_before_anything_is_sent() {
    let signed = Stand::start(DEVO, &[], |connection| {
        connection["credentials"]
            .as_object_mut()
            .unwrap()
            .remove("token");
    })
    .await;
    let quirks = [("domain", "acme"), ("auth", "standalone_token")];
    let token = Stand::start(DEVO, &quirks, |_| {}).await;
    for (stand, operation, domain, words) in [
        (
            &signed,
            operation("devo", "credentials", "list_tokens"),
            DOMAIN,
            "token",
        ),
        (
            &token,
            operation("devo", "provisioning", "delete_domain"),
            "acme",
            "secret",
        ),
    ] {
        let given = Given {
            values: vec![domain],
            ..Given::default()
        };
        let refusal = stand.pass(operation, &given).await.err().unwrap();
        assert_eq!(refusal.trouble, Trouble::Unsupported);
        assert!(refusal.message.contains(words), "{refusal}");
        assert!(stand.vendor.requests().is_empty() && stand.marks().is_empty());
    }
    let list = operation("devo", "credentials", "list_tokens");
    let given = Given {
        values: vec!["acme"],
        ..Given::default()
    };
    token.pass(list, &given).await.unwrap();
    assert!(token.last().headers["authorization"].starts_with("Bearer "));
}

#[tokio::test]
async fn a_refusal_is_judged_as_any() {
    let stand = Stand::start(DEVO, &[], |_| {}).await;
    let given = Given {
        values: vec![DOMAIN, "pilot"],
        ..Given::default()
    };
    let role = operation("devo", "provisioning", "get_role");
    let refusal = stand.pass(role, &given).await.err().unwrap();
    assert_eq!(refusal.trouble, Trouble::Rejected);
    let said = refusal.upstream.unwrap();
    assert_eq!(said.message.as_deref(), Some("Role 'pilot' not found"));
    assert!(said.correlation_id.is_some());
}
