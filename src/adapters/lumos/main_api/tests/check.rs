//! What a check finds out.

use super::*;
use crate::domain::Capability;

#[tokio::test]
async fn a_check_of_a_tenant_that_is_open_finds_nothing() {
    let report = Lumos::of(2, 2).await.check().await.unwrap();
    assert_eq!(report.findings, []);
    let lumos = Lumos::start().await;
    assert_eq!(report.capabilities.unwrap(), lumos.adapter.capabilities());
}

#[tokio::test]
async fn a_check_tells_which_areas_the_token_may_not_read() {
    let lumos = Lumos::of(2, 2).await;
    for area in ["accounts", "groups", "activity_logs"] {
        lumos.answers(area, 403, refusal("Not allowed")).await;
    }
    lumos
        .answers("identity_events", 501, refusal("Switched off"))
        .await;
    let report = lumos.check().await.unwrap();
    assert!(
        report
            .findings
            .iter()
            .all(|one| one.code == "capability_missing" && !one.fatal)
    );
    let details: Vec<&str> = report
        .findings
        .iter()
        .map(|one| one.detail.as_str())
        .collect();
    let closed = ["accounts", "groups", "activity logs", "identity events"];
    for (detail, area) in details.iter().zip(closed) {
        assert!(detail.starts_with(area), "{detail}");
    }
    assert_eq!(details.len(), closed.len(), "{details:?}");
    let can = [
        Capability::ReadAccounts,
        Capability::ListResources,
        Capability::ReadResources,
    ];
    assert_eq!(report.capabilities.unwrap(), can.into());

    lumos.answers("users", 403, refusal("Not allowed")).await;
    let report = lumos.check().await.unwrap();
    assert!(
        report.findings.iter().any(|one| one.fatal),
        "nothing is left"
    );
    let can = [Capability::ListResources, Capability::ReadResources];
    assert_eq!(report.capabilities.unwrap(), can.into());
}

#[tokio::test]
async fn a_check_looks_into_the_permissions_of_an_app_that_there_is() {
    let lumos = Lumos::of(1, 1).await;
    lumos
        .serves("apps", Pages(vec![json!({ "id": "app-1" })]))
        .await;
    let permissions = "appstore/requestable_permissions";
    lumos
        .answers(permissions, 403, refusal("Not allowed"))
        .await;
    let report = lumos.check().await.unwrap();
    assert!(
        report.findings[0]
            .detail
            .starts_with("requestable permissions"),
        "{report:?}"
    );
    let can = report.capabilities.unwrap();
    assert!(!can.contains(&Capability::ListEntitlements));
    assert!(can.contains(&Capability::ListGrants));
    let asked = lumos.server.received_requests().await.unwrap();
    let query = asked
        .iter()
        .find(|one| one.url.path().ends_with(permissions));
    let query = query.and_then(|one| one.url.query());
    assert_eq!(query, Some("app_id=app-1&page=1&size=1"));
}

#[tokio::test]
async fn a_check_that_meets_trouble_says_nothing_of_rights() {
    for area in ["users", "apps", "groups", "activity_logs"] {
        let lumos = Lumos::of(1, 1).await;
        lumos.answers(area, 500, refusal("Oops")).await;
        let error = lumos.check().await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Unavailable, "{area}");
    }
}

#[tokio::test]
async fn a_check_tells_a_refused_token_from_a_wrong_address() {
    for (status, code) in [
        (401, "auth_failed"),
        (403, "auth_failed"),
        (404, "unreachable"),
    ] {
        let lumos = Lumos::start().await;
        lumos.answers("users/current", status, refusal("no")).await;
        let report = lumos.check().await.unwrap();
        let found: Vec<_> = report
            .findings
            .iter()
            .map(|one| (one.code.as_str(), one.fatal))
            .collect();
        assert_eq!(found, [(code, true)], "{status}");
    }
}
