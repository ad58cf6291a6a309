//! Resources, entitlements, grants and activity.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::{
    AdapterError, Completeness, Page, PageRequest, Pair, Trouble,
};
use iam_gateway::domain::{
    AccountRecord, Effect, EntitlementKind, EntitlementRecord, GrantRecord, ResourceRecord,
    ThingStatus,
};
use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::{Value, json};

use crate::adapters::stand::Stand;
use crate::support::APONO;

const BRUNO: &str = "bruno.keller@example.org";

async fn apono() -> Stand {
    Stand::start(APONO, &[], |_| {}).await
}

async fn set(name: &'static str, value: &'static str) -> Stand {
    Stand::start(APONO, &[], |connection| {
        connection["settings"][name] = json!(value)
    })
    .await
}

/// Every page of a listing.
async fn whole<T>(
    size: u32,
    list: impl AsyncFn(&PageRequest) -> Result<Page<T>, AdapterError>,
) -> Vec<T> {
    let mut wanted = PageRequest { cursor: None, size };
    let mut all = Vec::new();
    loop {
        let page = list(&wanted).await.unwrap();
        assert_eq!(page.defects, Vec::<String>::new());
        all.extend(page.items);
        wanted.cursor = page.next;
        if wanted.cursor.is_none() {
            return all;
        }
    }
}

async fn resources(stand: &Stand, size: u32) -> Vec<ResourceRecord> {
    let lister = stand.adapter.resource_lister().unwrap();
    let call = stand.reading();
    whole(size, async |page| lister.list_resources(&call, page).await).await
}

async fn entitlements(stand: &Stand, size: u32) -> Vec<EntitlementRecord> {
    let lister = stand.adapter.entitlement_lister().unwrap();
    let call = stand.reading();
    whole(size, async |page| {
        lister.list_entitlements(&call, page).await
    })
    .await
}

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

fn change(kind: &str, op: DriftOp, id: &str, value: Value) -> Drift {
    Drift {
        op,
        kind: kind.into(),
        id: Some(id.into()),
        value,
    }
}

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
    let other = iam_gateway::domain::ExternalKey::new(&["resource", &parent[1], "another"]);
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
    assert_eq!(
        refused.found().await,
        [("capability_missing".to_owned(), false)]
    );
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
