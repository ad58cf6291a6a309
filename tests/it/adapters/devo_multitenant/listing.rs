//! What is in the domains, listed one after the other and read alone.

use std::collections::{BTreeMap, BTreeSet};

use iam_gateway::adapters::contract::{Page, PageRequest, Trouble};
use iam_gateway::domain::{AccountRecord, ExternalKey, GrantRecord, ResourceRecord, ThingStatus};
use iam_gateway::simulators::{Fault, Rule};
use serde_json::json;

use super::{ACME, ADA, BETA, CLOSED, Devo, ELIF, PARENT, RESEARCH, removed};
use crate::adapters::stand::Stand;
use crate::support::DEVO_MULTITENANT;

async fn users(stand: &Stand, cursor: Option<&str>) -> Page<AccountRecord> {
    let lister = stand.adapter.account_lister().unwrap();
    let page = PageRequest {
        cursor: cursor.map(str::to_owned),
        size: 100,
    };
    let listed = lister.list_accounts(&stand.reading(), &page).await;
    listed.unwrap()
}

async fn domains(stand: &Stand) -> Vec<ResourceRecord> {
    let lister = stand.adapter.resource_lister().unwrap();
    let page = PageRequest::default();
    let listed = lister.list_resources(&stand.reading(), &page).await;
    let listed = listed.unwrap();
    assert_eq!((listed.next, listed.defects), (None, Vec::new()));
    listed.items
}

fn refusal(code: u16, message: &str) -> Fault {
    Fault::Status {
        code,
        headers: BTreeMap::new(),
        body: Some(json!({ "error": { "code": 100, "message": message } })),
        apply: false,
    }
}

#[tokio::test]
async fn the_domains_are_a_tree_below_the_one_that_stands_for_the_multitenant() {
    let devo = Devo::start().await;
    let listed = domains(&devo.stand).await;
    let key = |name: &str| Some(ExternalKey::new(&["domain", name]));
    let shown: Vec<_> = listed
        .iter()
        .map(|one| (one.external_id.as_str(), one.parent_key.clone(), one.status))
        .collect();
    let (on, off) = (ThingStatus::Active, ThingStatus::Inactive);
    assert_eq!(
        shown,
        [
            (ACME, key(PARENT), on),
            (BETA, key(PARENT), on),
            (CLOSED, key(PARENT), off),
            (PARENT, None, on),
            (RESEARCH, key(PARENT), on),
        ]
    );
    let reader = devo.stand.adapter.resource_reader().unwrap();
    for one in listed {
        let found = reader
            .find_resource(&devo.stand.reading(), &one.external_key)
            .await;
        assert_eq!(found.unwrap(), Some(one));
    }
}

#[tokio::test]
async fn a_person_has_an_account_in_each_of_their_domains() {
    let devo = Devo::start().await;
    let state = devo.stand.vendor.state();
    let held = &state.of(DEVO_MULTITENANT.variant).accounts;
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let there: BTreeSet<_> = held
        .iter()
        .map(|user| vec![word(&user["domain"]), word(&user["email"])])
        .collect();
    let keys: BTreeSet<_> = devo
        .users
        .iter()
        .map(|one| one.external_key.parts())
        .collect();
    assert_eq!(keys, there);
    assert_eq!(devo.users.len(), held.len());
    for (domain, email) in [
        (ACME, ADA),
        (RESEARCH, ADA),
        (CLOSED, "chiara.moretti@example.org"),
    ] {
        let user = devo.user(domain, email);
        let of = ExternalKey::new(&["domain", domain]);
        assert_eq!(user.resource_key, Some(of));
        let found = devo.stand.find(&user.external_key).await.unwrap();
        assert_eq!(found.as_ref(), Some(user));
    }
}

#[tokio::test]
async fn a_page_is_a_domain_and_any_place_can_be_resumed() {
    let devo = Devo::start().await;
    let first = users(&devo.stand, None).await;
    assert_eq!((first.items.len(), first.total), (60, None));
    assert_eq!(first.next.as_deref(), Some(ACME));
    // Nobody is in the next domain, so the one after it is on the page as well.
    let second = users(&devo.stand, Some(ACME)).await;
    assert_eq!(second.items.len(), 2);
    assert_eq!(second.next.as_deref(), Some(CLOSED));
    // What the cursor names may be gone when it is used.
    devo.lose(CLOSED);
    let third = users(&devo.stand, Some(CLOSED)).await;
    assert_eq!(third.next.as_deref(), Some(PARENT));
    let last = users(&devo.stand, Some(PARENT)).await;
    assert_eq!((last.items.len(), last.next), (4, None));
    let over = users(&devo.stand, Some(RESEARCH)).await;
    assert_eq!((over.items.len(), over.next), (0, None));
}

#[tokio::test]
async fn grants_are_what_the_domains_hold_without_the_rest_state() {
    let devo = Devo::start().await;
    let state = devo.stand.vendor.state();
    let there: BTreeSet<ExternalKey> = state
        .of(DEVO_MULTITENANT.variant)
        .grants
        .iter()
        .filter(|grant| grant["role"] != "NO_PRIVILEGES")
        .map(|grant| {
            let word = |field: &str| grant[field].as_str().unwrap();
            let pair = devo.pair(word("domain"), word("email"), word("role"));
            GrantRecord::key(&pair.account.external_key, &pair.entitlement.external_key)
        })
        .collect();
    let lister = devo.stand.adapter.grant_lister().unwrap();
    let mut page = PageRequest::default();
    let mut keys = BTreeSet::new();
    loop {
        let listed = lister.list_grants(&devo.stand.reading(), &page).await;
        let listed = listed.unwrap();
        assert_eq!(listed.defects, Vec::<String>::new());
        keys.extend(listed.items.iter().map(GrantRecord::external_key));
        page.cursor = listed.next;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(keys, there);
    let groups: BTreeSet<_> = devo
        .roles
        .iter()
        .filter_map(|role| role.exclusive_group.as_deref())
        .collect();
    assert_eq!(
        groups.len(),
        5,
        "ADMIN excludes within its domain: {groups:?}"
    );
}

#[tokio::test]
async fn a_domain_that_refuses_is_told_and_costs_no_other() {
    let devo = Devo::start().await;
    for (code, message) in [
        (400, "Domain is closed"),
        (403, "no"),
        (404, "User not found"),
    ] {
        let strikes = Rule::new(refusal(code, message)).method("GET");
        let strikes = strikes.path_contains("/user/domain/acme").times(0);
        devo.stand.vendor.faults([strikes]);
        let page = users(&devo.stand, None).await;
        assert!(page.items.is_empty());
        let [defect] = page.defects.as_slice() else {
            panic!("{:?}", page.defects);
        };
        assert!(
            defect.starts_with("acme@parent can't be listed: "),
            "{defect}"
        );
        assert_eq!(page.next.as_deref(), Some(ACME), "the others follow");
        // That nobody is shown proves nothing about anybody.
        let ada = devo.user(ACME, ADA);
        assert!(devo.stand.find(&ada.external_key).await.unwrap().is_some());
        devo.stand.vendor.clear_faults();
    }
    let strikes = Rule::new(refusal(401, "no")).path_contains("/user/domain/acme");
    devo.stand.vendor.faults([strikes.times(0)]);
    let lister = devo.stand.adapter.account_lister().unwrap();
    let page = PageRequest::default();
    let listed = lister.list_accounts(&devo.stand.reading(), &page).await;
    assert_eq!(listed.unwrap_err().trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn what_was_in_a_domain_that_is_gone_is_gone() {
    for status in ["400", "404"] {
        let devo = Devo::with(&[("missing_status", status)]).await;
        let ada = devo.user(RESEARCH, ADA);
        let pair = devo.pair(RESEARCH, ELIF, "OWNER");
        devo.lose(RESEARCH);
        let call = devo.stand.reading();
        let adapter = &devo.stand.adapter;
        assert_eq!(devo.stand.find(&ada.external_key).await.unwrap(), None);
        let domain = ada.resource_key.as_ref().unwrap();
        let found = adapter.resource_reader().unwrap();
        assert_eq!(found.find_resource(&call, domain).await.unwrap(), None);
        let found = adapter.entitlement_reader().unwrap();
        for word in ["reviewer", "OWNER"] {
            let key = &devo.role(RESEARCH, word).external_key;
            assert_eq!(found.find_entitlement(&call, key).await.unwrap(), None);
        }
        let found = adapter.grant_reader().unwrap();
        assert!(found.find_grant(&call, pair).await.unwrap().is_none());
        let other = devo.user(ACME, ADA);
        assert!(
            devo.stand
                .find(&other.external_key)
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn a_domain_is_not_gone_where_the_list_of_all_is_doubtful() {
    let devo = Devo::start().await;
    let ada = &devo.user(RESEARCH, ADA).external_key;
    devo.lose(RESEARCH);
    for doubt in [
        Fault::PageRepeat,
        refusal(403, "no"),
        refusal(404, "Domain 'parent' not found"),
        Fault::Malformed,
    ] {
        let strikes = Rule::new(doubt).times(0);
        let strikes = strikes.method("GET").path_contains("/probio/domain");
        devo.stand.vendor.faults([strikes]);
        let found = devo.stand.find(ada).await;
        assert!(found.is_err(), "{found:?}");
        devo.stand.vendor.clear_faults();
    }
    let broken = Stand::start(
        DEVO_MULTITENANT,
        &[("bad_signature_status", "404")],
        |connection| connection["credentials"]["api_secret"] = json!("another-secret"),
    )
    .await;
    broken.vendor.drift(&[removed(RESEARCH)]).unwrap();
    assert_eq!(
        broken.find(ada).await.unwrap_err().trouble,
        Trouble::AuthFailed
    );
}

#[tokio::test]
async fn a_key_of_another_multitenant_is_refused() {
    let devo = Devo::start().await;
    for key in [
        ExternalKey::new(&["acme@elsewhere", ADA]),
        ExternalKey::new(&["acme", ADA]),
        ExternalKey::new(&["domain", "acme@parent"]),
    ] {
        let error = devo.stand.find(&key).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Invalid, "{}", key.as_str());
    }
    assert!(devo.stand.vendor.effects().is_empty());
}
