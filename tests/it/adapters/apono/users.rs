//! Apono's users, through both of its APIs.

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::domain::{AccountStatus, ExternalKey};
use serde_json::{Value, json};

use crate::adapters::stand::{Stand, ids};
use crate::support::APONO;

async fn apono(quirks: &[(&str, &str)]) -> Stand {
    Stand::start(APONO, quirks, |_| {}).await
}

async fn legacy(quirks: &[(&str, &str)]) -> Stand {
    let set = |connection: &mut Value| connection["settings"]["users_api"] = json!("legacy");
    Stand::start(APONO, quirks, set).await
}

#[tokio::test]
async fn every_user_is_listed_once_at_any_page_size() {
    let apono = apono(&[("later_fields", "some")]).await;
    let mut held = ids(&apono.vendor.state().accounts, "id");
    held.sort();
    for size in [7, 1000] {
        let seen = apono.everybody(size).await;
        let mut seen: Vec<String> = seen.into_iter().map(|record| record.external_id).collect();
        seen.sort();
        assert_eq!(seen, held, "{size}");
    }
}

#[tokio::test]
async fn both_apis_show_the_same_accounts_and_the_current_one_more_of_them() {
    let (current, legacy) = (apono(&[]).await, legacy(&[]).await);
    let (mut more, mut less) = (current.everybody(100).await, legacy.everybody(100).await);
    more.sort_by(|one, other| one.external_key.cmp(&other.external_key));
    less.sort_by(|one, other| one.external_key.cmp(&other.external_key));
    assert_eq!(more.len(), less.len());
    assert!(
        more.iter()
            .any(|record| record.status == AccountStatus::Inactive)
    );
    assert!(
        more.iter()
            .any(|record| record.attributes["roles"] == json!(["Admin"]))
    );
    for (more, mut less) in more.into_iter().zip(less) {
        assert!(less.attributes.is_empty());
        less.attributes = more.attributes.clone();
        less.raw = more.raw.clone();
        assert_eq!(more, less);
    }
}

#[tokio::test]
async fn a_user_is_read_alone_and_gone_when_apono_has_none_such() {
    for errors in ["json", "text"] {
        for apono in [
            apono(&[("error_bodies", errors)]).await,
            legacy(&[("error_bodies", errors)]).await,
        ] {
            let known = apono.everybody(100).await.remove(0);
            let found = apono.find(&known.external_key).await.unwrap();
            assert_eq!(found, Some(known));
            let nobody = ExternalKey::new(&["00000000-0000-4000-8000-000000000000"]);
            assert_eq!(apono.find(&nobody).await.unwrap(), None, "{errors}");
        }
    }
}

#[tokio::test]
async fn a_wrong_place_or_a_wrong_token_never_reads_as_gone() {
    let elsewhere = |connection: &mut Value| {
        let url = connection["settings"]["base_url"].as_str().unwrap();
        connection["settings"]["base_url"] = json!(format!("{url}/elsewhere"));
    };
    let nobody = ExternalKey::new(&["00000000-0000-4000-8000-000000000000"]);
    let moved = Stand::start(APONO, &[], elsewhere).await;
    let error = moved.find(&nobody).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::NotFound);
    assert_eq!(moved.found().await[0], ("unreachable".to_owned(), true));
    for token in ["roleless", "expired"] {
        let apono = apono(&[("account_token", token)]).await;
        let error = apono.find(&nobody).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::AuthFailed, "{token}");
    }
}

#[tokio::test]
async fn a_check_says_of_each_token_what_it_lacks() {
    let missing = |fatal| ("capability_missing".to_owned(), fatal);
    let refused = |fatal| ("auth_failed".to_owned(), fatal);
    for (account, found) in [
        ("admin", vec![]),
        ("viewer", vec![]),
        ("roleless", vec![missing(true)]),
        ("expired", vec![refused(true)]),
    ] {
        for stand in [
            apono(&[("account_token", account)]).await,
            legacy(&[("account_token", account)]).await,
        ] {
            assert_eq!(stand.found().await, found, "{account}");
        }
    }
    for (personal, found) in [
        (json!("aup_of-nobody"), vec![refused(false)]),
        (json!("simulated-account-token"), vec![missing(false)]),
    ] {
        let set = |connection: &mut Value| {
            connection["credentials"]["personal_token"] = personal.clone();
        };
        let stand = Stand::start(APONO, &[], set).await;
        assert_eq!(stand.found().await, found, "{personal}");
    }
    let without = |connection: &mut Value| {
        let credentials = connection["credentials"].as_object_mut().unwrap();
        credentials.remove("personal_token");
    };
    let stand = Stand::start(APONO, &[], without).await;
    assert_eq!(stand.found().await, []);
    let asked = stand.vendor.requests();
    assert!(
        asked
            .iter()
            .all(|call| !call.path.starts_with("/api/user/"))
    );
}

#[tokio::test]
async fn a_legacy_api_that_takes_personal_tokens_only_is_told_as_a_missing_right() {
    let stand = legacy(&[("legacy_tokens", "personal")]).await;
    assert_eq!(
        stand.found().await,
        [("capability_missing".to_owned(), true)]
    );
}
