//! What a check tells of a multitenant, and of a key that is not the multitenant's.

use iam_gateway::adapters::contract::Trouble;
use serde_json::{Value, json};

use super::{ACME, Devo};
use crate::adapters::passing::{Given, operation};
use crate::adapters::stand::Stand;
use crate::support::{DEVO, DEVO_MULTITENANT};

async fn with(quirks: &[(&str, &str)], change: impl FnOnce(&mut Value)) -> Stand {
    Stand::start(DEVO_MULTITENANT, quirks, change).await
}

/// The key of the first domain, in the place of the multitenant's.
async fn with_own_key(word: &str) -> Stand {
    let common = iam_gateway::simulators::Options::default().with_quirk("domain", "acme");
    let common = iam_gateway::simulators::start("devo", common)
        .await
        .unwrap();
    let mut own = common.connection(DEVO.variant).unwrap()["credentials"].clone();
    own.as_object_mut().unwrap().remove("token");
    with(&[("misplaced_key", word)], |connection| {
        connection["credentials"] = own;
    })
    .await
}

#[tokio::test]
async fn a_multitenants_own_key_can_do_everything() {
    let devo = Devo::start().await;
    let report = devo.stand.check().await;
    assert_eq!(report.findings, Vec::new());
    assert_eq!(report.capabilities, None);
}

#[tokio::test]
async fn a_domains_own_key_is_told_even_where_devo_says_nothing() {
    let refused = with_own_key("refused").await;
    assert_eq!(refused.found().await, [("auth_failed".to_owned(), true)]);

    let taken = with_own_key("taken").await;
    let findings = taken.check().await.findings;
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}");
    };
    assert_eq!(
        (finding.code.as_str(), finding.fatal),
        ("domains_missing", false)
    );
    assert!(finding.detail.contains(ACME), "{}", finding.detail);
    // And what such a key does not see is not gone.
    let devo = Devo::start().await;
    let ada = devo.user(super::RESEARCH, super::ADA);
    let doubt = taken.find(&ada.external_key).await.unwrap_err();
    assert_eq!(doubt.trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn another_multitenants_name_is_told() {
    let stand = with(&[], |connection| {
        connection["settings"]["multitenant"] = json!("elsewhere");
    })
    .await;
    let findings = stand.check().await.findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        (findings[0].code.as_str(), findings[0].fatal),
        ("wrong_tenant", true)
    );
    assert!(
        findings[0].detail.contains("lists 5 domains"),
        "{}",
        findings[0].detail
    );
}

#[tokio::test]
async fn what_one_domain_shows_can_be_done_though_others_refuse() {
    use iam_gateway::domain::Capability;
    use iam_gateway::simulators::{Fault, Rule};
    let devo = Devo::start().await;
    let refusing = |path: &str| {
        let no = Fault::Status {
            code: 403,
            headers: std::collections::BTreeMap::new(),
            body: Some(json!({ "error": { "code": 100, "message": "no" } })),
            apply: false,
        };
        Rule::new(no).path_contains(path).times(0)
    };
    let vendor = &devo.stand.vendor;
    vendor.faults([refusing("/user/domain/acme"), refusing("/user/domain/beta")]);
    assert_eq!(devo.stand.check().await.findings, Vec::new());
    vendor.faults([refusing("/user/domain/")]);
    let report = devo.stand.check().await;
    assert_eq!(report.findings[0].code, "capability_missing");
    let left = report.capabilities.unwrap();
    assert!(!left.contains(&Capability::ListAccounts));
    assert!(left.contains(&Capability::ListEntitlements));
}

#[tokio::test]
async fn what_takes_a_domains_token_is_out_of_reach() {
    let devo = Devo::start().await;
    let given = |values: Vec<&'static str>| Given {
        values,
        ..Given::default()
    };
    let access = operation("devo", "provisioning", "get_access");
    let refusal = devo.stand.pass(access, &given(vec![])).await.err().unwrap();
    assert_eq!(refusal.trouble, Trouble::Unsupported);
    assert!(refusal.message.contains("one domain"), "{refusal}");
    for (id, values) in [
        ("list_domains", vec![]),
        ("list_child_domains", vec!["parent"]),
        ("get_domain", vec![super::CLOSED]),
        ("list_domain_users", vec![super::RESEARCH]),
    ] {
        let (one, given) = (operation("devo", "provisioning", id), given(values));
        let passed = devo.stand.pass(one, &given).await;
        assert!(passed.is_ok(), "{id}");
        let sent = devo.stand.last();
        assert!(sent.headers.contains_key("x-logtrust-reseller-apikey"));
    }
}
