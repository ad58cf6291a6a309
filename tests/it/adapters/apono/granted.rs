//! Grants and activity, and the token of the older API, which both need.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::{Completeness, Page, PageRequest, Pair, Trouble};
use iam_gateway::domain::{AccountRecord, Effect, EntitlementRecord, GrantRecord};
use serde_json::{Value, json};

use super::{apono, entitlements, resources, whole};
use crate::adapters::stand::Stand;
use crate::support::APONO;

const BRUNO: &str = "bruno.keller@example.org";

async fn grants(stand: &Stand, size: u32) -> Vec<GrantRecord> {
    let lister = stand.adapter.grant_lister().unwrap();
    let call = stand.reading();
    whole(size, async |page| lister.list_grants(&call, page).await).await
}

async fn account(stand: &Stand, email: &str) -> AccountRecord {
    let everybody = stand.everybody(100).await;
    everybody
        .into_iter()
        .find(|one| one.email.as_deref() == Some(email))
        .unwrap()
}

async fn entitlement(stand: &Stand, name: &str) -> EntitlementRecord {
    let all = entitlements(stand, 100).await;
    all.into_iter().find(|one| one.name == name).unwrap()
}

#[tokio::test]
async fn members_are_listed_as_the_accounts_that_they_are() {
    let stand = apono().await;
    let mut held: Vec<(String, String)> = Vec::new();
    let accounts = stand.vendor.state().accounts;
    for group in stand.vendor.state().groups {
        for email in group["members"].as_array().unwrap() {
            let user = accounts
                .iter()
                .find(|user| user["email"] == *email)
                .unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            held.push((text(&user["id"]), text(&group["id"])));
        }
    }
    held.sort();
    for size in [2, 7, 100] {
        let mut seen: Vec<_> = grants(&stand, size)
            .await
            .into_iter()
            .map(|one| {
                (
                    one.account_key.parts()[0].clone(),
                    one.entitlement_key.parts()[1].clone(),
                )
            })
            .collect();
        seen.sort();
        assert_eq!(seen, held, "{size}");
    }
    let lister = stand.adapter.grant_lister().unwrap();
    assert!(matches!(lister.completeness(), Completeness::Partial(_)));
}

#[tokio::test]
async fn a_member_is_added_and_removed_once_and_the_others_stay() {
    let stand = apono().await;
    let (account, group) = (
        account(&stand, BRUNO).await,
        entitlement(&stand, "on-call").await,
    );
    let pair = Pair {
        account: &account,
        entitlement: &group,
    };
    let (granter, revoker) = (
        stand.adapter.granter().unwrap(),
        stand.adapter.revoker().unwrap(),
    );
    let reader = stand.adapter.grant_reader().unwrap();
    let before = grants(&stand, 100).await;
    granter.prepare_grant(pair).unwrap();
    for effect in [Effect::Created, Effect::Noop] {
        let outcome = granter.grant(&stand.writing(), pair).await.unwrap();
        assert_eq!(outcome.effect, effect);
        let read = reader.find_grant(&stand.reading(), pair).await.unwrap();
        assert_eq!(outcome.value, read);
        assert!(read.is_some());
    }
    assert_eq!(grants(&stand, 100).await.len(), before.len() + 1);
    for effect in [Effect::Deleted, Effect::Noop] {
        let outcome = revoker.revoke(&stand.writing(), pair, None).await.unwrap();
        assert_eq!(outcome.effect, effect);
        assert_eq!(
            reader.find_grant(&stand.reading(), pair).await.unwrap(),
            None
        );
    }
    assert_eq!(grants(&stand, 100).await, before);
    let told: Vec<_> = stand
        .vendor
        .effects()
        .into_iter()
        .map(|one| one.operation)
        .collect();
    assert_eq!(
        told,
        [
            "PUT /api/admin/v1/groups/{id}/members/{email}",
            "DELETE /api/admin/v1/groups/{id}/members/{email}"
        ]
    );
    assert_eq!(
        stand.marks(),
        [json!({ "is_member": false }), json!({ "is_member": true })]
    );
}

#[tokio::test]
async fn the_older_api_may_want_the_personal_token_of_an_administrator() {
    let quirks = [("legacy_tokens", "personal"), ("personal_token", "admin")];
    let refused = Stand::start(APONO, &quirks, |_| {}).await;
    let lister = refused.adapter.resource_lister().unwrap();
    let wanted = PageRequest {
        cursor: None,
        size: 100,
    };
    let mut page = lister.list_resources(&refused.reading(), &wanted).await;
    while let Ok(Page {
        next: Some(cursor), ..
    }) = page
    {
        let wanted = PageRequest {
            cursor: Some(cursor),
            size: 100,
        };
        page = lister.list_resources(&refused.reading(), &wanted).await;
    }
    assert_eq!(page.unwrap_err().trouble, Trouble::AuthFailed);
    // Of the activity, and of attributes.
    let missing = ("capability_missing".to_owned(), false);
    assert_eq!(refused.found().await, [missing.clone(), missing]);
    let set = |connection: &mut Value| connection["settings"]["legacy_token"] = json!("personal");
    let stand = Stand::start(APONO, &quirks, set).await;
    assert_eq!(stand.found().await, []);
    assert!(resources(&stand, 100).await.len() > 20);
    assert!(!grants(&stand, 100).await.is_empty());
}

#[tokio::test]
async fn the_activity_tells_of_every_request_once_in_either_unit() {
    let millis = Stand::start(APONO, &[("activity_dates", "millis")], |connection| {
        connection["settings"]["activity_time_unit"] = json!("milliseconds");
    });
    for stand in [apono().await, millis.await] {
        let lister = stand.adapter.activity_lister().unwrap();
        let call = stand.reading();
        let since = "2024-12-01T00:00:00Z".parse().unwrap();
        let all = whole(100, async |page| {
            lister.list_activity(&call, since, page).await
        })
        .await;
        let keys: BTreeSet<_> = all.iter().map(|one| one.external_key.clone()).collect();
        assert_eq!(keys.len(), stand.vendor.state().requests.len());
        assert!(
            all.iter()
                .all(|one| !one.is_use && one.actor_email.is_some())
        );
        let later = all.iter().map(|one| one.happened_at).max().unwrap();
        let rest = whole(100, async |page| {
            lister.list_activity(&call, later, page).await
        })
        .await;
        assert!(rest.iter().all(|one| one.happened_at == later) && !rest.is_empty());
    }
}
