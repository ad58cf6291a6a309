//! What passing operations through shows of the adapter alone; `passthrough::exchanges` has an exchange of every operation.

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::adapters::vendor;
use serde_json::{Value, json};

use super::apono;
use crate::adapters::passing::{Given, operation};
use crate::adapters::stand::Stand;
use crate::support::APONO;

#[tokio::test]
async fn without_a_personal_token_the_user_api_is_out_of_reach() {
    let without = |connection: &mut Value| {
        connection["credentials"]
            .as_object_mut()
            .unwrap()
            .remove("personal_token");
    };
    let stand = Stand::start(APONO, &[], without).await;
    let operations = vendor("apono").unwrap().operations;
    let mut refused = 0;
    for operation in operations.iter().copied().flatten() {
        if operation.credential != "personal" {
            continue;
        }
        let given = Given {
            values: vec!["x"; operation.path.matches('{').count()],
            ..Given::default()
        };
        let error = stand.pass(operation, &given).await.err();
        let error = error.expect(operation.id);
        assert_eq!(error.trouble, Trouble::Unsupported, "{}", operation.id);
        refused += 1;
    }
    assert!(refused > 0 && stand.vendor.requests().is_empty());
}

#[tokio::test]
async fn bulk_attributes_tell_of_each_row_and_a_refusal_is_one() {
    let stand = apono().await;
    let email = "ada.lind@example.org";
    let rows = json!([
        { "email": email, "attributes": { "shift": "night" } },
        { "email": "nobody@example.org", "attributes": {} }
    ]);
    let attributes = operation("apono", "api", "bulk_upsert_attributes_for_identities");
    let given = Given {
        body: &rows.to_string(),
        ..Given::default()
    };
    let answer = stand.pass(attributes, &given).await.unwrap();
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        told["summary"],
        json!({ "total": 2, "succeeded": 1, "failed": 1 })
    );
    assert_eq!(
        told["results"][0],
        json!({ "email": email, "success": true, "errors": [] })
    );
    assert_eq!(
        told["results"][1]["errors"][0]["error_code"],
        "USER_NOT_FOUND"
    );
    let given = Given {
        body: r#"{ "name": "no members" }"#,
        ..Given::default()
    };
    let group = operation("apono", "api", "create_group_v1");
    let error = stand.pass(group, &given).await.err().unwrap();
    assert_eq!(error.trouble, Trouble::Rejected);
    assert!(error.message.contains("members_emails"), "{error}");
}
