//! Resources, entitlements, who holds them, and giving and taking away.

use std::collections::BTreeMap;

use iam_gateway::adapters::contract::{
    AdapterError, Outcome, Page, PageRequest, Pair, SideEffect, Trouble,
};
use iam_gateway::domain::{AccountRecord, Effect, EntitlementKind, EntitlementRecord, GrantRecord};
use iam_gateway::simulators::{Drift, Fault, Rule};
use serde_json::{Value, json};

use super::{Lumos, person};

impl Lumos {
    pub(super) async fn entitlement_pages(&self, size: u32) -> Vec<Page<EntitlementRecord>> {
        let lister = self.adapter.entitlement_lister().unwrap();
        let mut page = PageRequest { cursor: None, size };
        let mut pages = Vec::new();
        loop {
            let one = lister
                .list_entitlements(&self.reading(), &page)
                .await
                .unwrap();
            page.cursor.clone_from(&one.next);
            pages.push(one);
            if page.cursor.is_none() {
                return pages;
            }
        }
    }

    pub(super) async fn entitlements(&self) -> Vec<EntitlementRecord> {
        let pages = self.entitlement_pages(100).await;
        pages.into_iter().flat_map(|page| page.items).collect()
    }

    /// The entitlement with these parts in its key.
    pub(super) async fn entitlement(&self, parts: [&str; 4]) -> EntitlementRecord {
        let all = self.entitlements().await;
        let found = all
            .into_iter()
            .find(|one| one.external_key.parts() == parts);
        found.unwrap_or_else(|| panic!("no {parts:?}"))
    }

    async fn grants(&self, size: u32) -> (Vec<GrantRecord>, Vec<String>) {
        let lister = self.adapter.grant_lister().unwrap();
        let mut page = PageRequest { cursor: None, size };
        let (mut items, mut defects) = (Vec::new(), Vec::new());
        loop {
            let one = lister.list_grants(&self.reading(), &page).await.unwrap();
            items.extend(one.items);
            defects.extend(one.defects);
            if one.next.is_none() {
                return (items, defects);
            }
            page.cursor = one.next;
        }
    }

    /// The `n`th account of the seed.
    async fn nth(&self, n: usize) -> AccountRecord {
        self.everybody(100).await.remove(n)
    }

    async fn holds(&self, pair: Pair<'_>) -> Result<Option<GrantRecord>, AdapterError> {
        let reader = self.adapter.grant_reader().unwrap();
        reader.find_grant(&self.reading(), pair).await
    }

    async fn grant(&self, pair: Pair<'_>) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let granter = self.adapter.granter().unwrap();
        granter.prepare_grant(pair)?;
        granter.grant(&self.writing(), pair).await
    }

    async fn revoke(&self, pair: Pair<'_>) -> Result<Outcome<()>, AdapterError> {
        let revoker = self.adapter.revoker().unwrap();
        revoker.prepare_revoke(pair)?;
        revoker.revoke(&self.writing(), pair, None).await
    }

    fn drift_access(&self, drifts: Value) {
        let drifts: Vec<Drift> = serde_json::from_value(drifts).unwrap();
        self.vendor.drift(&drifts).unwrap();
    }
}

fn pair<'a>(account: &'a AccountRecord, entitlement: &'a EntitlementRecord) -> Pair<'a> {
    Pair {
        account,
        entitlement,
    }
}

#[tokio::test]
async fn resources_and_entitlements_come_with_what_their_types_say() {
    let lumos = Lumos::start().await;
    let lister = lumos.adapter.resource_lister().unwrap();
    let page = PageRequest {
        cursor: None,
        size: 100,
    };
    let resources = lister
        .list_resources(&lumos.reading(), &page)
        .await
        .unwrap();
    assert_eq!((resources.items.len(), resources.defects), (8, Vec::new()));

    let pages = lumos.entitlement_pages(7).await;
    assert!(
        pages
            .iter()
            .all(|page| page.defects.is_empty() && page.items.len() <= 7)
    );
    let all: Vec<EntitlementRecord> = pages.into_iter().flat_map(|page| page.items).collect();
    assert_eq!(all.len(), lumos.vendor.state().entitlements.len());
    let keys: BTreeMap<_, _> = all.iter().map(|one| (&one.external_key, one)).collect();
    assert_eq!(keys.len(), all.len(), "a key stands for one thing");
    for one in all.iter().filter(|one| one.resource_key.is_some()) {
        let there = resources
            .items
            .iter()
            .any(|resource| Some(&resource.external_key) == one.resource_key.as_ref());
        assert!(there, "{one:?}");
    }
    let pro = lumos.entitlement(["license", "", "", "pro"]).await;
    assert_eq!(
        (pro.kind, pro.bounds.max),
        (EntitlementKind::Licence, Some(1))
    );
    assert_eq!(pro.requirements["create_account"].min, Some(0));
    let owner = lumos.entitlement(["directory_role", "", "", "owner"]).await;
    assert!(!owner.assignable);
    let api = lumos.entitlement(["feature", "", "", "api"]).await;
    assert!(
        api.assignable,
        "a connector that does not say lets it be tried"
    );
    let admin = lumos
        .entitlement(["project_role", "project", "2", "admin"])
        .await;
    assert_eq!(
        admin.attributes["tier"], "gold",
        "listed attributes are asked for"
    );
}

#[tokio::test]
async fn every_association_becomes_a_grant_and_what_reads_alike_is_ambiguous() {
    let lumos = Lumos::start().await;
    let held = lumos.vendor.state().grants;
    let (grants, defects) = lumos.grants(13).await;
    assert_eq!(defects, Vec::<String>::new());
    let certain = grants.iter().filter(|grant| !grant.ambiguous).count();
    let ambiguous: Vec<_> = grants.iter().filter(|grant| grant.ambiguous).collect();
    let alike = held.iter().filter(|one| {
        one["integration_specific_entitlement_id"] == "admin"
            && one["integration_specific_resource_id"] == "2"
    });
    let alike = alike.count();
    assert!(alike > 0);
    assert_eq!(certain + alike, held.len());
    assert_eq!(
        ambiguous.len(),
        2 * alike,
        "each that may be meant is shown"
    );
    for grant in &ambiguous {
        let parts = grant.entitlement_key.parts();
        assert_eq!(parts[2..], ["2", "admin"]);
    }

    let five = lumos.nth(4).await;
    for kind in [["workspace_role", "workspace"], ["project_role", "project"]] {
        let admin = lumos.entitlement([kind[0], kind[1], "2", "admin"]).await;
        let found = lumos.holds(pair(&five, &admin)).await.unwrap().unwrap();
        assert!(found.ambiguous);
    }
}

#[tokio::test]
async fn an_unknown_entitlement_is_a_defect_and_not_a_guess() {
    let lumos = Lumos::start().await;
    let ada = lumos.ada().await;
    lumos.drift_access(json!([
        {"op": "add", "kind": "association", "value": {
            "account_id": ada.external_id, "entitlement_type": "team", "integration_specific_entitlement_id": "ghosts"}},
    ]));
    let (_, defects) = lumos.grants(100).await;
    assert_eq!(defects.len(), 1);
    assert!(defects[0].contains("`ghosts`"), "{}", defects[0]);
}

#[tokio::test]
async fn a_type_that_nobody_declares_can_be_declared_in_the_settings() {
    let lacks = [("lacks", "info,connected_info")];
    let lumos = Lumos::with(&lacks).await;
    let codes = lumos.found().await;
    assert_eq!(codes, [("entitlement_types_unknown".to_owned(), false)]);
    let pages = lumos.entitlement_pages(100).await;
    let defects: usize = pages.iter().map(|page| page.defects.len()).sum();
    assert_eq!(defects, 16, "what is at a resource can't be named");

    let types = json!([
        {"type_id": "workspace_role", "resource_type_id": "workspace"},
        {"type_id": "project_role", "resource_type_id": "project", "max": 1}
    ]);
    let lumos = Lumos::connected(&lacks, |connection| {
        connection["settings"]["entitlement_types"] = types;
    })
    .await;
    assert_eq!(lumos.found().await, []);
    let pages = lumos.entitlement_pages(100).await;
    assert!(pages.iter().all(|page| page.defects.is_empty()));
    let admin = lumos
        .entitlement(["project_role", "project", "2", "admin"])
        .await;
    assert_eq!(admin.bounds.max, Some(1));
}

#[tokio::test]
async fn a_grant_lives_from_assign_to_unassign_and_leaves_the_others() {
    for lacks in ["info", "info,get_account_entitlement_associations"] {
        let lumos = Lumos::with(&[("lacks", lacks)]).await;
        let ada = lumos.ada().await;
        let support = lumos.entitlement(["team", "", "", "support"]).await;
        let pair = pair(&ada, &support);
        let before = lumos.vendor.state().grants;
        assert_eq!(lumos.holds(pair).await.unwrap(), None, "{lacks}");
        let made = lumos.grant(pair).await.unwrap();
        assert_eq!(made.effect, Effect::Created);
        let found = lumos.holds(pair).await.unwrap().unwrap();
        assert_eq!(found.external_key(), made.value.unwrap().external_key());
        assert!(!found.ambiguous);
        let (grants, _) = lumos.grants(100).await;
        assert!(
            grants
                .iter()
                .any(|one| one.external_key() == found.external_key())
        );
        assert_eq!(lumos.grant(pair).await.unwrap().effect, Effect::Noop);
        assert_eq!(lumos.revoke(pair).await.unwrap().effect, Effect::Deleted);
        assert_eq!(lumos.revoke(pair).await.unwrap().effect, Effect::Noop);
        assert_eq!(lumos.vendor.state().grants, before);
        assert_eq!(
            lumos.effects(),
            ["assign_entitlement", "unassign_entitlement"]
        );
        let marks = lumos.marks();
        assert_eq!(marks.len(), 2, "what is so already is not sent");
        assert!(
            !marks[0]["held"]
                .as_array()
                .unwrap()
                .contains(&json!(["support", ""]))
        );
        assert!(
            marks[1]["held"]
                .as_array()
                .unwrap()
                .contains(&json!(["support", ""]))
        );
    }
}

#[tokio::test]
async fn limits_are_told_before_anything_is_sent() {
    let lumos = Lumos::start().await;
    let (ada, bruno) = (lumos.nth(0).await, lumos.nth(1).await);
    let refused = async |account, parts, words: &[&str]| {
        let entitlement = lumos.entitlement(parts).await;
        let error = lumos.grant(pair(account, &entitlement)).await.unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Conflict, SideEffect::None)
        );
        for word in words {
            assert!(error.message.contains(word), "{}", error.message);
        }
    };
    refused(
        &ada,
        ["license", "", "", "basic"],
        &["at most 1", "license", "pro"],
    )
    .await;
    refused(
        &ada,
        ["directory_role", "", "", "helpdesk"],
        &["at most 2", "user, auditor"],
    )
    .await;
    let user = lumos.entitlement(["directory_role", "", "", "user"]).await;
    let error = lumos.revoke(pair(&bruno, &user)).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Conflict);
    assert!(error.message.contains("at least 1"), "{}", error.message);

    // The type `feature` has no bounds, and requires for an assignment that at most one is held.
    let third = lumos.nth(3).await;
    refused(&third, ["feature", "", "", "api"], &["at most 1", "export"]).await;
    assert!(lumos.marks().is_empty());

    let owner = lumos.entitlement(["directory_role", "", "", "owner"]).await;
    let error = lumos.grant(pair(&ada, &owner)).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.pointer.as_deref()),
        (Trouble::Unsupported, Some("/entitlement_id"))
    );
    // Counted types take turns by account, others by the pair.
    let granter = lumos.adapter.granter().unwrap();
    let turns = async |account, parts| {
        let entitlement = lumos.entitlement(parts).await;
        granter.turns_of_granting(pair(account, &entitlement))
    };
    let pro = turns(&ada, ["license", "", "", "pro"]).await;
    assert_eq!(pro, turns(&ada, ["license", "", "", "basic"]).await);
    assert_ne!(pro, turns(&bruno, ["license", "", "", "pro"]).await);
}

#[tokio::test]
async fn an_assignment_that_no_reading_shows_is_not_believed() {
    let lumos = Lumos::with(&[("assigns", "in_words")]).await;
    let ada = lumos.ada().await;
    let support = lumos.entitlement(["team", "", "", "support"]).await;
    let error = lumos.grant(pair(&ada, &support)).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
    let platform = lumos.entitlement(["team", "", "", "platform"]).await;
    let error = lumos.revoke(pair(&ada, &platform)).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn what_reads_alike_is_given_and_taken_on_the_connectors_word() {
    let lumos = Lumos::start().await;
    let five = lumos.nth(4).await;
    // The account is an admin of workspace 2, which reads like an admin of project 2.
    let admin = lumos
        .entitlement(["project_role", "project", "2", "admin"])
        .await;
    let pair = pair(&five, &admin);
    assert_eq!(lumos.grant(pair).await.unwrap().effect, Effect::Created);
    assert_eq!(lumos.revoke(pair).await.unwrap().effect, Effect::Deleted);
    assert_eq!(
        lumos.effects(),
        ["assign_entitlement", "unassign_entitlement"]
    );
    assert!(lumos.holds(pair).await.unwrap().unwrap().ambiguous);
}

#[tokio::test]
async fn who_is_gone_holds_nothing_but_only_on_proof() {
    let lumos = Lumos::start().await;
    let ada = lumos.ada().await;
    let pro = lumos.entitlement(["license", "", "", "pro"]).await;
    let pair = pair(&ada, &pro);
    let unreadable = || {
        let body = json!({"response": [{"account_id": ada.external_id}], "page": null});
        Rule::new(Fault::Status {
            code: 200,
            headers: BTreeMap::new(),
            body: Some(body),
            apply: false,
        })
        .path_contains("get_account_entitlement_associations")
    };
    lumos.vendor.faults([unreadable()]);
    let error = lumos.holds(pair).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
    lumos.vendor.clear_faults();

    lumos.drift_access(json!([{"op": "remove", "kind": "account", "id": ada.external_id}]));
    assert_eq!(lumos.holds(pair).await.unwrap(), None);
    assert_eq!(lumos.revoke(pair).await.unwrap().effect, Effect::Noop);
    assert!(lumos.marks().is_empty());
}

#[tokio::test]
async fn a_new_account_is_given_what_its_types_allow_and_need() {
    let lumos = Lumos::with(&[("licence_on_create", "must")]).await;
    let mut zoe = person("zoe@example.org");
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.pointer.as_deref()),
        (Trouble::Invalid, Some("/entitlement_ids"))
    );
    zoe.entitlements = vec![lumos.entitlement(["team", "", "", "support"]).await];
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.pointer.as_deref()),
        (Trouble::Unsupported, Some("/entitlement_ids/0"))
    );
    assert!(lumos.marks().is_empty());
    let pro = lumos.entitlement(["license", "", "", "pro"]).await;
    zoe.entitlements = vec![pro.clone()];
    let made = lumos.create(&zoe).await.unwrap();
    assert!(lumos.holds(pair(&made, &pro)).await.unwrap().is_some());
}
