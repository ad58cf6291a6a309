//! Resources and entitlements.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::{PageRequest, Trouble};
use iam_gateway::domain::{EntitlementKind, EntitlementRecord, ExternalKey, ThingStatus};
use iam_gateway::simulators::DriftOp;
use serde_json::Value;

use super::{apono, change, entitlements, resources, set};
use crate::adapters::stand::Stand;
use crate::support::APONO;

#[tokio::test]
async fn integrations_come_with_what_is_in_them_and_parts_after_the_whole() {
    let stand = apono().await;
    let all = resources(&stand, 1).await;
    let of = |kind: &str| all.iter().filter(|one| one.kind == kind).count();
    assert_eq!(of("integration"), stand.vendor.state().apps.len());
    assert_eq!((of("access_scope"), of("postgresql_database")), (1, 8));
    let mut seen = BTreeSet::new();
    for one in &all {
        assert!(seen.insert(one.external_key.clone()), "twice: {one:?}");
        if let Some(parent) = &one.parent_key {
            assert!(seen.contains(parent), "before its whole: {one:?}");
        }
    }
    let deleted: Vec<_> = all
        .iter()
        .filter(|one| one.status == ThingStatus::Deleted)
        .collect();
    assert_eq!(deleted.len(), 2);
    assert_eq!(deleted[0].vendor_status.as_deref(), Some("Deleted"));
    let reader = stand.adapter.resource_reader().unwrap();
    for one in &all {
        let found = reader
            .find_resource(&stand.reading(), &one.external_key)
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(one));
    }
}

#[tokio::test]
async fn a_resource_that_went_is_proven_gone() {
    let stand = apono().await;
    let all = resources(&stand, 100).await;
    let one = all
        .iter()
        .find(|one| one.kind == "snowflake_database")
        .unwrap();
    stand
        .vendor
        .drift(&[change(
            "resource",
            DriftOp::Remove,
            &one.external_id,
            Value::Null,
        )])
        .unwrap();
    let reader = stand.adapter.resource_reader().unwrap();
    let found = reader
        .find_resource(&stand.reading(), &one.external_key)
        .await
        .unwrap();
    assert_eq!(found, None);
    assert!(!resources(&stand, 100).await.contains(one));
}

#[tokio::test]
async fn a_list_that_is_cut_off_proves_nothing_gone() {
    let stand = Stand::start(APONO, &[("legacy_rows", "1")], |_| {}).await;
    let lister = stand.adapter.resource_lister().unwrap();
    let mut wanted = PageRequest {
        cursor: None,
        size: 100,
    };
    let mut cut = 0;
    let mut key = None;
    loop {
        let page = lister
            .list_resources(&stand.reading(), &wanted)
            .await
            .unwrap();
        cut += page
            .defects
            .iter()
            .filter(|one| one.contains("cut off"))
            .count();
        let part = page.items.iter().find(|one| one.parent_key.is_some());
        key = key.or_else(|| part.map(|one| one.parent_key.clone().unwrap()));
        wanted.cursor = page.next;
        if wanted.cursor.is_none() {
            break;
        }
    }
    assert_eq!(cut, 4, "of the systems that have several resources");
    let parent = key.unwrap().parts();
    let other = ExternalKey::new(&["resource", &parent[1], "another"]);
    let reader = stand.adapter.resource_reader().unwrap();
    let error = reader
        .find_resource(&stand.reading(), &other)
        .await
        .unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn both_sources_of_permissions_agree_on_their_keys() {
    let (asked, there) = (apono().await, set("entitlements_from", "inventory").await);
    let pairs = |all: Vec<EntitlementRecord>| -> Vec<EntitlementRecord> {
        let mut pairs: Vec<_> = all
            .into_iter()
            .filter(|one| one.kind == EntitlementKind::Permission)
            .collect();
        pairs.sort_by(|one, other| one.external_key.cmp(&other.external_key));
        pairs
    };
    let available = pairs(entitlements(&asked, 2).await);
    let inventory = pairs(entitlements(&there, 2).await);
    assert_eq!(inventory, pairs(entitlements(&there, 100).await));
    // Bruno may ask for the databases of one system, the buckets, and what is in a bundle.
    assert_eq!(available.len(), 3 * 2 + 2 + 2);
    assert_eq!(
        inventory.len(),
        there.vendor.state().entitlements.len() - 7 - 2
    );
    for one in &available {
        let same = inventory
            .iter()
            .find(|other| other.external_key == one.external_key)
            .unwrap();
        assert_eq!(
            (&same.name, &same.resource_key),
            (&one.name, &one.resource_key)
        );
        assert!(one.requestable && !same.requestable);
    }
    let known: BTreeSet<_> = resources(&there, 100)
        .await
        .into_iter()
        .map(|one| one.external_key)
        .collect();
    assert!(
        inventory
            .iter()
            .all(|one| known.contains(one.resource_key.as_ref().unwrap()))
    );
    let without = Stand::start(APONO, &[], |connection| {
        connection["credentials"]
            .as_object_mut()
            .unwrap()
            .remove("personal_token");
    });
    assert_eq!(pairs(entitlements(&without.await, 100).await), inventory);
}

#[tokio::test]
async fn groups_and_bundles_are_read_alone_and_permissions_are_not() {
    let stand = apono().await;
    let all = entitlements(&stand, 100).await;
    let reader = stand.adapter.entitlement_reader().unwrap();
    for one in &all {
        let found = reader
            .find_entitlement(&stand.reading(), &one.external_key)
            .await;
        match one.kind {
            EntitlementKind::Permission => {
                assert_eq!(found.unwrap_err().trouble, Trouble::Unsupported)
            }
            _ => assert_eq!(found.unwrap().as_ref(), Some(one)),
        }
    }
    let group = all.iter().find(|one| one.name == "on-call").unwrap();
    stand
        .vendor
        .drift(&[change(
            "group",
            DriftOp::Remove,
            &group.external_id,
            Value::Null,
        )])
        .unwrap();
    let found = reader
        .find_entitlement(&stand.reading(), &group.external_key)
        .await
        .unwrap();
    assert_eq!(found, None);
    let own: Vec<_> = all
        .iter()
        .filter(|one| one.assignable)
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(own, ["on-call", "break-glass"]);
}
