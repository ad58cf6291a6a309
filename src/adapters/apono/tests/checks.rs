//! What a check finds.

use super::*;
use crate::domain::Capability;

#[tokio::test]
async fn a_check_of_two_good_tokens_finds_nothing() {
    for apono in [Apono::start().await, Apono::legacy().await] {
        apono.answers(USERS, 200, users(&[], None)).await;
        apono.answers(LEGACY, 200, all(&[], 0)).await;
        apono.answers(REQUESTS, 200, users(&[], None)).await;
        apono.all_else_is_well(&[]).await;
        let report = apono.check().await.unwrap();
        assert_eq!((report.findings, report.capabilities), (vec![], None));
    }
}

#[tokio::test]
async fn a_check_says_of_each_token_what_is_wrong_with_it() {
    for (account, personal, expected) in [
        (
            (200, "OK"),
            (401, "Unauthorized"),
            vec![("auth_failed", false)],
        ),
        (
            (200, "OK"),
            (403, "Forbidden"),
            vec![("capability_missing", false)],
        ),
        (
            (200, "OK"),
            (404, "NotFound"),
            vec![("capabilities_unknown", false)],
        ),
        (
            (401, "Unauthorized"),
            (200, "OK"),
            vec![("auth_failed", true)],
        ),
        (
            (403, "Forbidden"),
            (200, "OK"),
            vec![("capability_missing", true)],
        ),
        ((404, "NotFound"), (200, "OK"), vec![("unreachable", true)]),
        (
            (401, "Unauthorized"),
            (401, "Unauthorized"),
            vec![("auth_failed", true), ("auth_failed", false)],
        ),
    ] {
        let apono = Apono::start().await;
        apono.all_else_is_well(&[]).await;
        for (at, (status, code)) in [(USERS, account), (REQUESTS, personal)] {
            let body = match status {
                200 => users(&[], None),
                _ => refusal(status, code),
            };
            apono.answers(at, status, body).await;
        }
        let found = apono.found().await;
        let found: Vec<_> = found
            .iter()
            .map(|(code, fatal)| (code.as_str(), *fatal))
            .collect();
        assert_eq!(found, expected, "{account:?} {personal:?}");
        let can = apono.check().await.unwrap().capabilities;
        assert_eq!(
            can.is_some(),
            account.0 == 403,
            "only a missing right says what the tenant's token can't do"
        );
    }
}

#[tokio::test]
async fn a_check_takes_away_what_the_token_may_not_see() {
    for (refused, lost) in [
        (
            &[INTEGRATIONS][..],
            &["resources.list", "resources.read"][..],
        ),
        (&[ACTIVITY], &["activity.list"]),
        (&[ATTRIBUTES], &["accounts.update", "accounts.update_many"]),
        (
            &[GROUPS],
            &[
                "entitlements.list",
                "entitlements.read",
                "entitlements.update",
                "grants.list",
                "grants.read",
                "grants.create",
                "grants.delete",
                "grants.replace",
            ],
        ),
    ] {
        let apono = Apono::start().await;
        apono.answers(USERS, 200, users(&[], None)).await;
        apono.answers(REQUESTS, 200, users(&[], None)).await;
        apono.all_else_is_well(refused).await;
        assert_eq!(apono.found().await, [("capability_missing".into(), false)]);
        let can = apono.check().await.unwrap().capabilities.unwrap();
        for capability in Capability::ALL {
            assert_eq!(
                can.contains(&capability),
                !lost.contains(&capability.as_str())
            );
        }
    }
}

#[tokio::test]
async fn a_vendor_out_of_order_says_nothing_of_its_tokens() {
    let apono = Apono::start().await;
    apono.answers(USERS, 503, json!("maintenance")).await;
    let error = apono.check().await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unavailable);
}
