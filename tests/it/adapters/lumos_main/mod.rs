//! The main API of Lumos: users and accounts as one listing here, the other nouns in files of their own.

mod access;
mod whole;

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::domain::{AccountKind, AccountRecord, AccountStatus, ExternalKey};
use serde_json::Value;

use crate::adapters::stand::{Stand, ids};
use crate::support::LUMOS_MAIN;

async fn lumos(quirks: &[(&str, &str)]) -> Stand {
    Stand::start(LUMOS_MAIN, quirks, |_| {}).await
}

fn is_account(record: &AccountRecord) -> bool {
    record.external_key.parts()[0] == "account"
}

#[tokio::test]
async fn every_user_and_every_account_is_listed_once_however_pages_are_counted() {
    for (pages, total) in [
        ("given", "given"),
        ("missing", "given"),
        ("null", "given"),
        ("given", "null"),
        ("missing", "null"),
    ] {
        let lumos = lumos(&[("main_pages", pages), ("main_total", total)]).await;
        let state = lumos.vendor.state();
        let state = state.of(LUMOS_MAIN.variant);
        for size in [7, 1000] {
            let (mut accounts, mut users): (Vec<_>, Vec<_>) = lumos
                .everybody(size)
                .await
                .into_iter()
                .partition(is_account);
            for (seen, held) in [(&mut users, &state.users), (&mut accounts, &state.accounts)] {
                let mut held = ids(held, "id");
                let mut seen: Vec<_> = seen.drain(..).map(|record| record.external_id).collect();
                held.sort();
                seen.sort();
                assert_eq!(seen, held, "{pages} {total} {size}");
            }
        }
    }
}

#[tokio::test]
async fn what_lumos_knows_of_an_account_is_told_in_our_words() {
    for times in ["mixed", "zoned", "naive"] {
        let lumos = lumos(&[("main_times", times)]).await;
        let everybody = lumos.everybody(100).await;
        let has = |found: &dyn Fn(&AccountRecord) -> bool| everybody.iter().any(found);
        for status in [
            AccountStatus::Active,
            AccountStatus::Inactive,
            AccountStatus::Suspended,
            AccountStatus::Pending,
            AccountStatus::Deprovisioned,
            AccountStatus::Unknown,
        ] {
            assert!(has(&|record| record.status == status), "{status:?}");
        }
        for kind in [
            AccountKind::Human,
            AccountKind::Service,
            AccountKind::Unknown,
        ] {
            assert!(has(&|record| record.kind == kind), "{kind:?}");
        }
        assert!(has(&|record| is_account(record) && record.email.is_none()));
        assert!(has(&|record| record
            .attributes
            .contains_key("custom_attributes")));
        for record in everybody.iter().filter(|record| is_account(record)) {
            let told = |name: &str| record.raw[name].is_string();
            let is_used = told("last_login") || told("last_activity");
            assert_eq!(
                record.last_activity_at.is_some(),
                is_used,
                "{times}: {record:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_user_is_read_alone_and_gone_when_lumos_has_none_such() {
    let lumos = lumos(&[]).await;
    let known = lumos.everybody(100).await.remove(0);
    assert_eq!(lumos.find(&known.external_key).await.unwrap(), Some(known));
    let nobody = ExternalKey::new(&["user", "00000000-0000-4000-8000-000000000000"]);
    assert_eq!(lumos.find(&nobody).await.unwrap(), None);
}

#[tokio::test]
async fn an_account_in_an_app_is_not_read_alone() {
    let lumos = lumos(&[]).await;
    let everybody = lumos.everybody(100).await;
    let account = everybody.iter().find(|record| is_account(record)).unwrap();
    let error = lumos.find(&account.external_key).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
}

#[tokio::test]
async fn a_wrong_token_never_reads_as_gone() {
    let nobody = ExternalKey::new(&["user", "00000000-0000-4000-8000-000000000000"]);
    for token in ["member", "revoked"] {
        let lumos = lumos(&[("main_token", token)]).await;
        let error = lumos.find(&nobody).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::AuthFailed, "{token}");
    }
}

#[tokio::test]
async fn a_check_finds_out_what_the_token_may_read() {
    let admin = lumos(&[]).await.check().await;
    assert_eq!(admin.findings, []);
    let able = lumos(&[]).await.adapter.capabilities();
    assert_eq!(able.len(), 8);
    assert_eq!(admin.capabilities.unwrap(), able);

    let member = lumos(&[("main_token", "member")]).await.check().await;
    assert!(
        member.findings.iter().any(|found| found.fatal),
        "{member:?}"
    );
    for area in [
        "users",
        "accounts",
        "apps",
        "groups",
        "access requests",
        "activity logs",
        "identity events",
    ] {
        let named = |finding: &str| finding.starts_with(area);
        assert!(
            member.findings.iter().any(|found| named(&found.detail)),
            "{area}: {member:?}"
        );
    }
    assert_eq!(member.capabilities.unwrap(), [].into());

    let revoked = lumos(&[("main_token", "revoked")]).await.found().await;
    assert_eq!(revoked, [("auth_failed".to_owned(), true)]);

    let elsewhere = |connection: &mut Value| {
        let url = connection["settings"]["base_url"].as_str().unwrap();
        connection["settings"]["base_url"] = format!("{url}/elsewhere").into();
    };
    let moved = Stand::start(LUMOS_MAIN, &[], elsewhere).await;
    assert_eq!(moved.found().await, [("unreachable".to_owned(), true)]);
}
