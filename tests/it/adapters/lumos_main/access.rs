//! Apps, permissions, groups, who holds them, and what happened, as the simulated tenant has them.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::PageRequest;
use iam_gateway::domain::{
    ActivityRecord, EntitlementKind, EntitlementRecord, ExternalKey, GrantRecord, GrantStatus,
    ResourceRecord, ThingStatus,
};
use iam_gateway::simulators::{Drift, DriftOp, Holdings};
use serde_json::{Value, json};

use super::lumos;
use crate::adapters::stand::{Stand, ids};
use crate::support::LUMOS_MAIN;

const SIZES: [u32; 3] = [1, 7, 1000];

fn held(lumos: &Stand) -> Holdings {
    lumos.vendor.state().of(LUMOS_MAIN.variant).clone()
}

fn page(cursor: Option<String>, size: u32) -> PageRequest {
    PageRequest { cursor, size }
}

async fn resources(lumos: &Stand, size: u32) -> Vec<ResourceRecord> {
    let lister = lumos.adapter.resource_lister().unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = lister
            .list_resources(&lumos.reading(), &page(cursor, size))
            .await
            .unwrap();
        assert_eq!(found.defects, [""; 0]);
        seen.extend(found.items);
        cursor = found.next;
        if cursor.is_none() {
            return seen;
        }
    }
}

async fn entitlements(lumos: &Stand, size: u32) -> Vec<EntitlementRecord> {
    let lister = lumos.adapter.entitlement_lister().unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = lister
            .list_entitlements(&lumos.reading(), &page(cursor, size))
            .await
            .unwrap();
        assert_eq!(found.defects, [""; 0]);
        seen.extend(found.items);
        cursor = found.next;
        if cursor.is_none() {
            return seen;
        }
    }
}

async fn grants(lumos: &Stand, size: u32) -> Vec<GrantRecord> {
    let lister = lumos.adapter.grant_lister().unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = lister
            .list_grants(&lumos.reading(), &page(cursor, size))
            .await
            .unwrap();
        assert_eq!(found.defects, [""; 0]);
        seen.extend(found.items);
        cursor = found.next;
        if cursor.is_none() {
            return seen;
        }
    }
}

async fn activity(lumos: &Stand, since: &str, size: u32) -> Vec<ActivityRecord> {
    let lister = lumos.adapter.activity_lister().unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let since = since.parse().unwrap();
        let found = lister
            .list_activity(&lumos.reading(), since, &page(cursor, size))
            .await
            .unwrap();
        assert_eq!(found.defects, [""; 0]);
        seen.extend(found.items);
        cursor = found.next;
        if cursor.is_none() {
            return seen;
        }
    }
}

/// The keys of who holds what, as the simulator keeps it.
fn held_keys(lumos: &Stand) -> BTreeSet<ExternalKey> {
    let text = |grant: &Value, name: &str| grant[name].as_str().map(str::to_owned);
    let grants = held(lumos).grants;
    let key = |grant: &Value| {
        let user = text(grant, "user_id").unwrap();
        let entitlement = match (text(grant, "group_id"), text(grant, "permission_id")) {
            (Some(group), _) => ExternalKey::new(&["group", &group]),
            (None, Some(permission)) => ExternalKey::new(&["permission", &permission]),
            (None, None) => panic!("{grant}"),
        };
        GrantRecord::key(&ExternalKey::new(&["user", &user]), &entitlement)
    };
    grants.iter().map(key).collect()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn drift(op: DriftOp, kind: &str, id: Option<&str>, value: Value) -> Drift {
    Drift {
        op,
        kind: kind.into(),
        id: id.map(str::to_owned),
        value,
    }
}

#[tokio::test]
async fn every_app_permission_and_group_is_listed_once_at_any_page_size() {
    for pages in ["given", "missing"] {
        let lumos = lumos(&[("main_pages", pages)]).await;
        let state = held(&lumos);
        for size in SIZES {
            let apps = resources(&lumos, size).await;
            let seen = apps.into_iter().map(|one| one.external_id).collect();
            assert_eq!(sorted(seen), sorted(ids(&state.apps, "id")), "{size}");
            let all = entitlements(&lumos, size).await;
            let seen = all.into_iter().map(|one| one.external_id).collect();
            let mut held = ids(&state.entitlements, "id");
            held.extend(ids(&state.groups, "id"));
            assert_eq!(sorted(seen), sorted(held), "{size}");
        }
    }
}

#[tokio::test]
async fn what_lumos_knows_of_apps_and_permissions_is_told_in_our_words() {
    let lumos = lumos(&[]).await;
    let apps = resources(&lumos, 100).await;
    for status in [ThingStatus::Active, ThingStatus::Inactive] {
        assert!(apps.iter().any(|app| app.status == status), "{status:?}");
    }
    let keys: BTreeSet<_> = apps.iter().map(|app| app.external_key.clone()).collect();
    let all = entitlements(&lumos, 100).await;
    for one in &all {
        assert!(!one.assignable, "{one:?}");
        let is_permission = one.kind == EntitlementKind::Permission;
        assert_eq!(is_permission, one.external_key.parts()[0] == "permission");
        match &one.resource_key {
            Some(key) => assert!(keys.contains(key), "{one:?}"),
            None => assert_eq!(one.kind, EntitlementKind::Group),
        }
    }
    let hidden = all.iter().filter(|one| !one.requestable);
    let hidden: BTreeSet<_> = hidden.map(|one| one.kind.as_str()).collect();
    assert_eq!(hidden, ["group", "permission"].into());
    let everybody = lumos.everybody(100).await;
    let is_account = |key: &ExternalKey| key.parts()[0] == "account";
    for account in everybody {
        let is_in_app = account.resource_key.is_some_and(|key| keys.contains(&key));
        assert_eq!(is_in_app, is_account(&account.external_key));
    }
}

#[tokio::test]
async fn who_is_in_a_group_and_who_was_given_a_permission_holds_it() {
    for times in ["mixed", "zoned"] {
        let lumos = lumos(&[("main_times", times)]).await;
        for size in SIZES {
            let seen = grants(&lumos, size).await;
            let keys: BTreeSet<_> = seen.iter().map(GrantRecord::external_key).collect();
            assert_eq!(keys, held_keys(&lumos), "{size}");
            for status in [GrantStatus::Active, GrantStatus::Revoking] {
                assert!(seen.iter().any(|one| one.status == status), "{status:?}");
            }
        }
        let known: BTreeSet<_> = entitlements(&lumos, 100)
            .await
            .into_iter()
            .map(|one| one.external_key)
            .collect();
        let users: BTreeSet<_> = lumos
            .everybody(100)
            .await
            .into_iter()
            .map(|one| one.external_key)
            .collect();
        for one in grants(&lumos, 100).await {
            assert!(known.contains(&one.entitlement_key), "{one:?}");
            assert!(users.contains(&one.account_key), "{one:?}");
        }
    }
}

#[tokio::test]
async fn what_changes_at_lumos_changes_the_listing() {
    let lumos = lumos(&[]).await;
    let state = held(&lumos);
    let before = held_keys(&lumos);
    let (user, group) = (&state.users[9]["id"], &state.groups[6]["id"]);
    let permission = &state.entitlements[8]["id"];
    let drifts = [
        drift(
            DriftOp::Add,
            "main/member",
            None,
            json!({ "group_id": group, "user_id": user }),
        ),
        drift(
            DriftOp::Add,
            "main/request",
            None,
            json!({ "target_user_id": user, "requestable_permission_ids": [permission] }),
        ),
    ];
    lumos.vendor.drift(&drifts).unwrap();
    let seen = grants(&lumos, 100).await;
    let after: BTreeSet<_> = seen.iter().map(GrantRecord::external_key).collect();
    assert_eq!(after, held_keys(&lumos));
    assert_eq!(after.difference(&before).count(), 2);
    assert_eq!(before.difference(&after).count(), 0);
}

#[tokio::test]
async fn an_app_a_permission_and_a_group_are_read_alone_and_gone_when_lumos_has_none_such() {
    let lumos = lumos(&[]).await;
    let resources_of = lumos.adapter.resource_reader().unwrap();
    let entitlements_of = lumos.adapter.entitlement_reader().unwrap();
    let app = resources(&lumos, 100).await.remove(0);
    let found = resources_of
        .find_resource(&lumos.reading(), &app.external_key)
        .await
        .unwrap();
    assert_eq!(found, Some(app));
    let all = entitlements(&lumos, 100).await;
    for one in [all.first().unwrap(), all.last().unwrap()] {
        let found = entitlements_of
            .find_entitlement(&lumos.reading(), &one.external_key)
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(one));
    }
    let nothing = "00000000-0000-4000-8000-000000000000";
    let key = ExternalKey::new(&["app", nothing]);
    let found = resources_of.find_resource(&lumos.reading(), &key).await;
    assert_eq!(found.unwrap(), None);
    for noun in ["permission", "group"] {
        let key = ExternalKey::new(&[noun, nothing]);
        let found = entitlements_of
            .find_entitlement(&lumos.reading(), &key)
            .await;
        assert_eq!(found.unwrap(), None, "{noun}");
    }
}

#[tokio::test]
async fn what_happened_is_listed_from_both_logs() {
    let lumos = lumos(&[]).await;
    let all = activity(&lumos, "2025-01-06T00:00:00Z", 7).await;
    let keys: BTreeSet<_> = all.iter().map(|one| one.external_key.clone()).collect();
    assert_eq!(
        (all.len(), keys.len()),
        (69, 69),
        "59 logs with a time, and 10 events"
    );
    let used: Vec<_> = all.iter().filter(|one| one.is_use).collect();
    assert!(!used.is_empty());
    for one in used {
        assert_eq!(one.action, "USER_LOGGED_IN");
        assert_eq!(one.outcome.as_deref(), Some("Succeeded"));
        let user = one.actor_email.is_some() || one.actor_name.is_some();
        assert!(user, "{one:?}");
    }
    let middle = all[30].happened_at;
    let later = activity(&lumos, &middle.to_rfc3339(), 100).await;
    assert!(later.iter().all(|one| one.happened_at >= middle));
    assert!(later.len() < all.len());
}
