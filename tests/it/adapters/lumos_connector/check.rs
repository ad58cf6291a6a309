//! Whether a connection works, what its connector can do, and every way of connecting.

use iam_gateway::adapters::contract::PageRequest;
use iam_gateway::domain::Capability;
use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};

use super::Lumos;

/// What no connector can: it reads these of its things in lists only, and changes them one by one.
const NEVER: [Capability; 5] = [
    Capability::ReadResources,
    Capability::ReadEntitlements,
    Capability::UpdateManyAccounts,
    Capability::UpdateEntitlements,
    Capability::ReplaceGrants,
];

#[tokio::test]
async fn a_check_learns_what_the_connector_can_do_wherever_it_says_so() {
    for lacks in [
        "none",
        "info",
        "info,connected_info",
        "info,connected_info,app_info",
    ] {
        let lumos = Lumos::with(&[("lacks", lacks)]).await;
        let report = lumos.check().await;
        // Only `info` and its like tell the types of entitlement.
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|one| one.code.as_str())
            .collect();
        let unknown = lacks.contains("connected_info");
        assert_eq!(
            found,
            ["entitlement_types_unknown"][usize::from(!unknown)..],
            "{lacks}"
        );
        let all = Capability::ALL.into_iter();
        assert_eq!(
            report.capabilities.unwrap(),
            all.filter(|one| !NEVER.contains(one)).collect(),
            "{lacks}"
        );
        let schema = report.create_attributes_schema.unwrap();
        let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["cost_center", "department", "invite"], "{lacks}");
        assert_eq!(schema["required"], json!(["department"]), "{lacks}");
    }
    for (lacks, lost) in [
        (
            "list_entitlements",
            &[
                "entitlements.list",
                "grants.list",
                "grants.read",
                "grants.create",
                "grants.delete",
            ][..],
        ),
        ("find_entitlement_associations", &["grants.list"]),
        (
            "assign_entitlement,list_activity_records",
            &["grants.create", "activity.list"],
        ),
    ] {
        let can = Lumos::with(&[("lacks", lacks)])
            .await
            .check()
            .await
            .capabilities
            .unwrap();
        for capability in Capability::ALL {
            let expected = !lost.contains(&capability.as_str()) && !NEVER.contains(&capability);
            assert_eq!(
                can.contains(&capability),
                expected,
                "{capability} without {lacks}"
            );
        }
    }
    let lumos = Lumos::with(&[("lacks", "get_account,delete_account")]).await;
    let can = lumos.check().await.capabilities.unwrap();
    assert!(!can.contains(&Capability::ReadAccounts));
    assert!(!can.contains(&Capability::DeleteAccounts));
    assert!(can.contains(&Capability::UpdateAccounts));
}

#[tokio::test]
async fn a_check_finds_refused_credentials_and_wrong_places() {
    let wrong_token = |connection: &mut Value| connection["credentials"]["token"] = "wrong".into();
    for refusal in ["error", "invalid"] {
        let lumos = Lumos::connected(&[("refusal", refusal)], wrong_token).await;
        let findings = lumos.check().await.findings;
        assert_eq!(findings[0].code, "auth_failed", "{refusal}");
        assert!(findings[0].fatal);
    }
    let lumos = Lumos::connected(&[], |connection| {
        connection["settings"]["connector_id"] = "other".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings[0].code, "unreachable");
    let lumos = Lumos::connected(&[], |connection| {
        connection["settings"]["tenant_id"] = "somebody-else".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings[0].code, "wrong_tenant");
}

#[tokio::test]
async fn every_place_and_every_kind_of_credential_works() {
    for style in ["id", "connectors", "bare"] {
        let lumos = Lumos::with(&[("path_style", style), ("outer_token", "simulated-outer")]).await;
        assert_eq!(lumos.check().await.findings, [], "{style}");
    }
    for kind in [
        "basic",
        "oauth",
        "oauth_client_credentials",
        "key_pair",
        "empty",
    ] {
        let lumos = Lumos::with(&[("auth", kind)]).await;
        assert_eq!(lumos.check().await.findings, [], "{kind}");
    }
    let lumos = Lumos::connected(&[], |connection| {
        connection["credentials"]["credential_id"] = "directory".into();
    })
    .await;
    assert_eq!(lumos.check().await.findings, []);
}

#[tokio::test]
async fn no_error_repeats_a_credential() {
    let lumos = Lumos::start().await;
    let echo = json!({"is_error": true, "error": {
        "message": "refused simulated-connector-token", "error_code": "bad_request", "app_id": "x"
    }});
    lumos.vendor.faults([
        Rule::new(Fault::ErrorIn200 { body: Some(echo) }).path_contains("/list_accounts")
    ]);
    let lister = lumos.adapter.account_lister().unwrap();
    let page = PageRequest {
        cursor: None,
        size: 10,
    };
    let error = lister
        .list_accounts(&lumos.reading(), &page)
        .await
        .unwrap_err();
    assert!(
        !format!("{error:?}").contains("simulated-connector-token"),
        "{error:?}"
    );
}
