//! When accounts were used, what they did, and the accounts of workloads.

use iam_gateway::adapters::contract::{PageRequest, Pair, Trouble};
use iam_gateway::domain::{AccountKind, AccountStatus, ActivityRecord, ExternalKey};
use serde_json::json;

use super::Lumos;

impl Lumos {
    async fn activity(&self, since: &str, size: u32) -> Vec<ActivityRecord> {
        let lister = self.adapter.activity_lister().unwrap();
        let mut page = PageRequest { cursor: None, size };
        let mut all = Vec::new();
        loop {
            let call = self.reading();
            let since = since.parse().unwrap();
            let one = lister.list_activity(&call, since, &page).await.unwrap();
            assert_eq!(one.defects, Vec::<String>::new());
            all.extend(one.items);
            if one.next.is_none() {
                return all;
            }
            page.cursor = one.next;
        }
    }

    fn asked(&self, capability: &str) -> usize {
        let requests = self.vendor.requests();
        let asked = requests.iter().filter(|one| one.path.ends_with(capability));
        asked.count()
    }
}

#[tokio::test]
async fn accounts_show_when_they_were_last_used_however_they_are_read() {
    let lumos = Lumos::start().await;
    let all = lumos.everybody(25).await;
    assert_eq!(lumos.asked("/get_last_activity"), 3, "once for each page");
    let used = all
        .iter()
        .filter(|one| one.last_activity_at.is_some())
        .count();
    assert_eq!(used, 45, "three of four have logged in");
    for one in &all[..4] {
        let found = lumos.find(&one.external_key).await.unwrap().unwrap();
        assert_eq!(found, *one);
    }
    let without = Lumos::with(&[("lacks", "info,get_last_activity")]).await;
    let all = without.everybody(25).await;
    assert!(all.iter().all(|one| one.last_activity_at.is_none()));
}

#[tokio::test]
async fn listed_attributes_are_asked_for_without_being_told() {
    let lumos = Lumos::start().await;
    let ada = lumos.ada().await;
    let shown = lumos.find(&ada.external_key).await.unwrap().unwrap();
    assert_eq!(shown.attributes["manager"], "ada.lind@example.org");
    let lacking = Lumos::with(&[("lacks", "info,list_custom_attributes_schema")]).await;
    let shown = lacking.find(&ada.external_key).await.unwrap().unwrap();
    assert!(!shown.attributes.contains_key("manager"));
}

#[tokio::test]
async fn workloads_follow_people_and_stay_apart_from_them() {
    let lumos = Lumos::with(&[("non_human", "some")]).await;
    let all = lumos.everybody(7).await;
    let (workloads, people): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|one| one.external_key.parts().len() == 2);
    assert_eq!((people.len(), workloads.len()), (60, 5));
    for (n, one) in workloads.iter().enumerate() {
        assert_eq!(
            one.external_key,
            ExternalKey::new(&["non_human", &format!("nha-{n}")])
        );
        assert_eq!(one.kind, AccountKind::Service);
        let project = (n + 2).to_string();
        // The first is at `2`, which may be a workspace and may be a project.
        let at = (n > 0).then(|| ExternalKey::new(&["project", &project]));
        assert_eq!(one.resource_key, at);
        assert_eq!(one.attributes["owner"], format!("team-{}", n % 2));
    }
    assert_eq!(workloads[3].status, AccountStatus::Inactive);
    let used: Vec<bool> = workloads
        .iter()
        .map(|one| one.last_activity_at.is_some())
        .collect();
    assert_eq!(used, [true, true, true, false, true]);

    let error = lumos.find(&workloads[0].external_key).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
    let team = lumos.entitlement(["team", "", "", "support"]).await;
    let pair = Pair {
        account: &workloads[0],
        entitlement: &team,
    };
    let error = lumos
        .adapter
        .granter()
        .unwrap()
        .prepare_grant(pair)
        .unwrap_err();
    assert_eq!(
        (error.trouble, error.pointer.as_deref()),
        (Trouble::Unsupported, Some("/account_id"))
    );
}

#[tokio::test]
async fn activity_is_asked_for_by_account_and_page_by_page() {
    let lumos = Lumos::start().await;
    let all = lumos.activity("2025-01-01T00:00:00Z", 4).await;
    assert_eq!(all.len(), 55, "45 logins, and ten of them once more");
    let mut keys: Vec<_> = all.iter().map(|one| &one.external_key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all.len());
    assert!(
        all.iter()
            .all(|one| one.is_use && one.action == "ACCOUNT_LOGIN")
    );
    let at = all.iter().filter(|one| one.resource_key.is_some()).count();
    assert!(at > 0);
    let people = lumos.everybody(100).await;
    let known = |key| people.iter().any(|one| Some(&one.external_key) == key);
    assert!(all.iter().all(|one| known(one.account_key.as_ref())));

    let middle = all.iter().map(|one| one.happened_at).max().unwrap();
    let late = lumos.activity(&middle.to_rfc3339(), 100).await;
    assert_eq!(late.len(), 1);
}

#[tokio::test]
async fn a_connector_that_answers_about_everybody_is_asked_once() {
    let lumos = Lumos::connected(&[("empty_actors", "everybody")], |connection| {
        connection["settings"]["activity_actors"] = json!("all");
    })
    .await;
    let all = lumos.activity("2025-01-01T00:00:00Z", 100).await;
    assert_eq!(all.len(), 55);
    assert_eq!(lumos.asked("/list_accounts"), 0);
}
