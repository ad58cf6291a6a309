//! What can be held at the connector, and by whom.

use serde_json::{Value, json};

use super::{call, code, lumos, with};
use crate::simulators::{Drift, DriftOp, Running};

fn assignment(account: &Value, kind: &str, id: &str) -> Value {
    json!({
        "account_integration_specific_id": account,
        "resource_integration_specific_id": "",
        "resource_type": "",
        "entitlement_type": kind,
        "entitlement_integration_specific_id": id
    })
}

/// The ids of what an account holds.
async fn held(lumos: &Running, account: &Value) -> Vec<String> {
    let request = json!({ "account_id": account });
    let answer = call(lumos, "get_account_entitlement_associations", request).await;
    let rows = answer["response"].as_array().unwrap();
    let id = |row: &Value| {
        assert_eq!(row.as_object().unwrap().len(), 3, "{row}");
        row["integration_specific_entitlement_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    rows.iter().map(id).collect()
}

#[tokio::test]
async fn an_assignment_shows_in_every_view_until_it_ends() {
    let lumos = lumos().await;
    let account = lumos.state().accounts[3]["integration_specific_id"].clone();
    assert_eq!(
        held(&lumos, &account).await,
        ["user", "platform", "export", "member"]
    );
    let support = assignment(&account, "team", "support");
    let word = async |capability: &str| {
        let answer = call(&lumos, capability, support.clone()).await;
        let kind = &answer["execution_summary"]["effect"]["kind"];
        kind.as_str().unwrap().to_owned()
    };
    assert_eq!(word("assign_entitlement").await, "created");
    assert_eq!(word("assign_entitlement").await, "noop");
    assert!(held(&lumos, &account).await.contains(&"support".to_owned()));
    let all = lumos.state().grants;
    assert!(all.iter().any(|grant| {
        grant["account_id"] == account && grant["integration_specific_entitlement_id"] == "support"
    }));
    assert_eq!(word("unassign_entitlement").await, "deleted");
    assert_eq!(word("unassign_entitlement").await, "noop");
    assert!(!held(&lumos, &account).await.contains(&"support".to_owned()));
    assert_eq!(lumos.effects().len(), 2);
}

#[tokio::test]
async fn limits_hold_at_the_connector_too() {
    let lumos = lumos().await;
    let accounts = lumos.state().accounts;
    let [ada, bruno] =
        [&accounts[0], &accounts[1]].map(|one| one["integration_specific_id"].clone());
    for (capability, request, expected) in [
        (
            "assign_entitlement",
            assignment(&ada, "license", "basic"),
            "conflict",
        ),
        (
            "assign_entitlement",
            assignment(&ada, "directory_role", "helpdesk"),
            "conflict",
        ),
        (
            "unassign_entitlement",
            assignment(&bruno, "directory_role", "user"),
            "conflict",
        ),
        (
            "assign_entitlement",
            assignment(&bruno, "directory_role", "owner"),
            "invalid_value",
        ),
        (
            "assign_entitlement",
            assignment(&bruno, "team", "nobody"),
            "not_found",
        ),
        (
            "assign_entitlement",
            assignment(&"x".into(), "team", "support"),
            "not_found",
        ),
        (
            "assign_entitlement",
            json!({"entitlement_type": "team"}),
            "bad_request",
        ),
    ] {
        let answer = call(&lumos, capability, request.clone()).await;
        assert_eq!(code(&answer), expected, "{request}");
    }
    assert!(lumos.effects().is_empty());
}

#[tokio::test]
async fn a_licence_goes_down_step_by_step() {
    let lumos = lumos().await;
    let account = lumos.state().accounts[0]["integration_specific_id"].clone();
    let request = json!({ "account_id": account });
    for (licence, success) in [("basic", true), ("basic", false)] {
        let answer = call(&lumos, "downgrade_license", request.clone()).await;
        assert_eq!(answer["response"]["success"], success);
        assert!(held(&lumos, &account).await.contains(&licence.to_owned()));
    }
}

#[tokio::test]
async fn a_new_account_takes_what_its_type_allows() {
    let lumos = with(&[("licence_on_create", "must")]).await;
    let new = |entitlements: Value| json!({"email": "zoe@example.org", "department": "sales", "entitlements": entitlements});
    let licence = |id: &str| json!({"entitlement_type": "license", "integration_specific_id": id});
    for entitlements in [
        json!([]),
        json!([licence("pro"), licence("basic")]),
        json!([licence("pro"), {"entitlement_type": "team", "integration_specific_id": "support"}]),
    ] {
        let answer = call(&lumos, "create_account", new(entitlements)).await;
        assert_eq!(code(&answer), "invalid_value");
    }
    let answer = call(&lumos, "create_account", new(json!([licence("pro")]))).await;
    assert_eq!(
        held(&lumos, &answer["response"]["id"]).await,
        ["user", "pro"]
    );
}

#[tokio::test]
async fn access_drifts_without_effects() {
    let lumos = lumos().await;
    let account = lumos.state().accounts[3]["integration_specific_id"].clone();
    let value = json!({
        "account_id": account, "entitlement_type": "team", "integration_specific_entitlement_id": "support"
    });
    let drift = |op| Drift {
        op,
        kind: "association".into(),
        id: None,
        value: value.clone(),
    };
    lumos.drift(&[drift(DriftOp::Add)]).unwrap();
    assert!(held(&lumos, &account).await.contains(&"support".to_owned()));
    assert!(lumos.drift(&[drift(DriftOp::Add)]).is_err());
    lumos.drift(&[drift(DriftOp::Remove)]).unwrap();
    assert!(!held(&lumos, &account).await.contains(&"support".to_owned()));
    assert!(lumos.effects().is_empty());
}
