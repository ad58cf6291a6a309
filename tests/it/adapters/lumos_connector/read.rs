//! Listing and reading, and when an absence counts.

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::domain::{AccountStatus, Effect, ExternalKey};
use iam_gateway::simulators::{Fault, Rule};
use serde_json::json;

use super::super::stand::ids;
use super::{Lumos, person};

#[tokio::test]
async fn every_account_is_listed_once_at_any_page_size() {
    let lumos = Lumos::start().await;
    let held = ids(&lumos.vendor.state().accounts, "integration_specific_id");
    for size in [7, 1000] {
        let seen = lumos.everybody(size).await;
        let seen: Vec<String> = seen.into_iter().map(|record| record.external_id).collect();
        assert_eq!(seen, held, "{size}");
    }
}

#[tokio::test]
async fn a_listing_in_circles_proves_no_absence() {
    let lumos = Lumos::start().await;
    let zoe = person("zoe@example.org");
    lumos.matches(&zoe).await.unwrap();
    lumos.vendor.faults([Rule::new(Fault::PageLoop).times(0)]);
    let error = lumos.matches(&zoe).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_lacking_capability_never_reads_as_gone() {
    let lumos = Lumos::with(&[("lacks", "info,get_account")]).await;
    let ada = lumos.ada().await;
    let error = lumos.find(&ada.external_key).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
    assert!(error.message.contains("get_account"), "{}", error.message);

    // An account can be made and changed all the same; what can't be read back is shown as it was asked for.
    let zoe = lumos.create(&person("zoe@example.org")).await.unwrap();
    assert_eq!(zoe.email.as_deref(), Some("zoe@example.org"));
    assert_eq!(zoe.status, AccountStatus::Active);
}

#[tokio::test]
async fn absence_counts_only_while_the_connection_proves_itself() {
    let lumos = Lumos::start().await;
    let stranger = ExternalKey::new(&["00unobody"]);
    assert_eq!(lumos.find(&stranger).await.unwrap(), None);
    let refused = json!({"is_error": true, "error": {"message": "m", "error_code": "unauthorized", "app_id": "x"}});
    let rule = Rule::new(Fault::ErrorIn200 {
        body: Some(refused),
    });
    lumos
        .vendor
        .faults([rule.path_contains("/validate_credentials")]);
    let error = lumos.find(&stranger).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn a_deleted_account_that_is_kept_reads_as_gone() {
    let lumos = Lumos::with(&[("deleted", "kept")]).await;
    let ada = lumos.ada().await;
    let deleter = lumos.adapter.account_deleter().unwrap();
    let gone = deleter
        .delete_account(&lumos.writing(), &ada)
        .await
        .unwrap();
    assert_eq!(gone.effect, Effect::Deleted);
    assert_eq!(lumos.find(&ada.external_key).await.unwrap(), None);
    assert_eq!(
        lumos
            .matches(&person("ada.lind@example.org"))
            .await
            .unwrap(),
        []
    );
}
