//! Apps, what can be held in them, who holds it, and what happened.

use super::*;
use crate::adapters::contract::Completeness;
use crate::domain::{EntitlementRecord, GrantRecord, GrantStatus, ResourceRecord};

fn app(id: &str) -> Value {
    json!({ "id": id, "user_friendly_label": id, "status": "APPROVED" })
}

fn permission(id: &str, app: &str) -> Value {
    json!({ "id": id, "label": id, "app_id": app })
}

/// Permissions by the app that is asked for.
struct Permissions(Vec<Value>);

impl Respond for Permissions {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut query = request.url.query_pairs();
        let app = query.find(|(name, _)| name == "app_id").unwrap().1;
        let of_app = self.0.iter().filter(|one| one["app_id"] == *app);
        Pages(of_app.cloned().collect()).respond(request)
    }
}

fn ask(cursor: Option<String>, size: u32) -> PageRequest {
    PageRequest { cursor, size }
}

impl Lumos {
    async fn with_access() -> Self {
        let lumos = Self::start().await;
        let apps = ["app-1", "app-2", "app-3"].map(app);
        lumos.serves("apps", Pages(apps.into())).await;
        let permissions = [("p-1", "app-1"), ("p-2", "app-1"), ("p-3", "app-3")];
        let permissions = permissions.map(|(id, app)| permission(id, app));
        let area = "appstore/requestable_permissions";
        lumos.serves(area, Permissions(permissions.into())).await;
        let groups = ["g-1", "g-2"].map(|id| json!({ "id": id, "name": id }));
        lumos.serves("groups", Pages(groups.into())).await;
        let members = ["u-1", "u-2", "u-3"].map(|id| json!({ "id": id }));
        lumos
            .serves("groups/g-1/users", Pages(members.into()))
            .await;
        lumos.serves("groups/g-2/users", Pages(Vec::new())).await;
        lumos
    }

    async fn entitlements(&self, size: u32) -> (Vec<EntitlementRecord>, usize) {
        let lister = self.adapter.entitlement_lister().unwrap();
        let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, None);
        loop {
            let page = ask(cursor, size);
            let page = lister.list_entitlements(&self.call(), &page).await.unwrap();
            assert_eq!(page.defects, [""; 0]);
            seen.extend(page.items);
            pages += 1;
            cursor = page.next;
            if cursor.is_none() {
                return (seen, pages);
            }
        }
    }

    async fn grants(&self, size: u32) -> Result<Vec<GrantRecord>, AdapterError> {
        let lister = self.adapter.grant_lister().unwrap();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = lister.list_grants(&self.call(), &ask(cursor, size)).await?;
            assert_eq!(page.defects, [""; 0]);
            seen.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(seen);
            }
        }
    }

    async fn asked(&self) -> Vec<String> {
        let received = self.server.received_requests().await.unwrap();
        let path = |one: &Request| format!("{}?{}", one.url.path(), one.url.query().unwrap_or(""));
        received
            .iter()
            .map(|one| path(one).replace("/lumos/", ""))
            .collect()
    }

    async fn find_app(&self, id: &str) -> Result<Option<ResourceRecord>, AdapterError> {
        let reader = self.adapter.resource_reader().unwrap();
        let key = ExternalKey::new(&["app", id]);
        reader.find_resource(&self.call(), &key).await
    }

    async fn find_entitlement(
        &self,
        key: &[&str],
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let reader = self.adapter.entitlement_reader().unwrap();
        let key = ExternalKey::new(key);
        reader.find_entitlement(&self.call(), &key).await
    }
}

#[tokio::test]
async fn permissions_are_listed_app_by_app_and_the_groups_follow() {
    let lumos = Lumos::with_access().await;
    for size in [1, 2, 1000] {
        let (seen, _) = lumos.entitlements(size).await;
        let ids: Vec<_> = seen.iter().map(|one| one.external_id.as_str()).collect();
        assert_eq!(ids, ["p-1", "p-2", "p-3", "g-1", "g-2"], "{size}");
    }
    let fresh = Lumos::with_access().await;
    let (_, pages) = fresh.entitlements(1000).await;
    assert_eq!(pages, 3, "two apps have some, and the groups");
    let asked = fresh.asked().await;
    assert_eq!(
        asked[..2],
        [
            "apps?expand=custom_attributes&page=1&size=25",
            "appstore/requestable_permissions?app_id=app-1&page=1&size=100"
        ]
    );
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn a_tenant_without_apps_has_its_groups_listed() {
    let lumos = Lumos::with_access().await;
    lumos.serves("apps", Pages(Vec::new())).await;
    let (seen, _) = lumos.entitlements(10).await;
    let ids: Vec<_> = seen.iter().map(|one| one.external_id.as_str()).collect();
    assert_eq!(ids, ["g-1", "g-2"]);
}

#[tokio::test]
async fn apps_without_permissions_are_gone_over_in_one_go_and_not_for_ever() {
    let lumos = Lumos::start().await;
    let apps = (0..60).map(|n| app(&format!("app-{n}")));
    lumos.serves("apps", Pages(apps.collect())).await;
    let area = "appstore/requestable_permissions";
    let last = permission("p-1", "app-59");
    lumos.serves(area, Permissions(vec![last])).await;
    lumos.serves("groups", Pages(Vec::new())).await;
    let (seen, pages) = lumos.entitlements(10).await;
    assert_eq!(
        (seen.len(), pages),
        (1, 4),
        "25, 25, 10 apps, and the groups"
    );
    assert_eq!(lumos.asked().await.len(), 3 + 60 + 1);
}

#[tokio::test]
async fn members_of_groups_and_what_requests_gave_are_grants() {
    let lumos = Lumos::with_access().await;
    let request = |id: &str, user: &str, status: &str| {
        json!({
            "id": id, "status": status, "target_user": { "id": user },
            "requestable_permissions": [permission("p-1", "app-1")]
        })
    };
    let requests = vec![
        request("r-1", "u-1", "PROVISIONED"),
        request("r-2", "u-2", "REVERTING"),
        request("r-3", "u-1", "COMPLETED"),
    ];
    lumos
        .serves("appstore/access_requests", Pages(requests))
        .await;
    let grants = lumos.grants(2).await.unwrap();
    let words: Vec<String> = grants
        .iter()
        .map(|one| {
            format!(
                "{} {} {:?}",
                one.account_key.as_str(),
                one.entitlement_key.as_str(),
                one.status
            )
        })
        .collect();
    assert_eq!(
        words[..3],
        ["u-1", "u-2", "u-3"]
            .map(|user| { format!(r#"["user","{user}"] ["group","g-1"] Active"#) })
    );
    assert_eq!(words[4], r#"["user","u-2"] ["permission","p-1"] Revoking"#);
    assert_eq!(grants[3].status, GrantStatus::Active);
    let asked = lumos.asked().await;
    let last = asked.last().unwrap();
    assert_eq!(
        last,
        "appstore/access_requests?statuses=PROVISIONED&statuses=COMPLETED&statuses=PENDING_DEPROVISIONING\
         &statuses=PENDING_MANUAL_DEPROVISIONING&statuses=REVERTING&sort=ASC&page=2&size=2"
    );
    let lister = lumos.adapter.grant_lister().unwrap();
    assert!(matches!(lister.completeness(), Completeness::Partial(_)));
}

#[tokio::test]
async fn what_cannot_be_read_of_a_group_or_an_app_is_never_taken_for_nothing() {
    for (status, trouble) in [
        (403, Trouble::AuthFailed),
        (404, Trouble::NotFound),
        (500, Trouble::Unavailable),
    ] {
        let lumos = Lumos::with_access().await;
        let area = "groups/g-1/users";
        lumos.answers(area, status, refusal("no")).await;
        let error = lumos.grants(10).await.unwrap_err();
        assert_eq!(error.trouble, trouble, "{status}");

        let area = "appstore/requestable_permissions";
        lumos.answers(area, status, refusal("no")).await;
        let lister = lumos.adapter.entitlement_lister().unwrap();
        let page = lister
            .list_entitlements(&lumos.call(), &ask(None, 10))
            .await;
        assert_eq!(page.unwrap_err().trouble, trouble, "{status}");
    }
}

#[tokio::test]
async fn what_is_read_alone_is_gone_only_when_its_like_is_listed_at_the_same_place() {
    let lumos = Lumos::with_access().await;
    lumos.serves("appstore/apps", Pages(Vec::new())).await;
    for area in ["apps/x", "groups/x", "appstore/requestable_permissions/x"] {
        lumos.answers(area, 404, refusal("not found")).await;
    }
    assert_eq!(lumos.find_app("x").await.unwrap(), None);
    for noun in ["group", "permission"] {
        let found = lumos.find_entitlement(&[noun, "x"]).await.unwrap();
        assert_eq!(found, None, "{noun}");
    }
    let moved = Lumos::start().await;
    let error = moved.find_app("x").await.unwrap_err();
    assert_eq!(error.trouble, Trouble::NotFound);
    for noun in ["group", "permission"] {
        let error = moved.find_entitlement(&[noun, "x"]).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::NotFound, "{noun}");
    }
}

#[tokio::test]
async fn another_thing_than_the_one_asked_for_is_no_answer() {
    let lumos = Lumos::start().await;
    lumos.answers("apps/app-1", 200, app("app-2")).await;
    lumos
        .answers("groups/g-1", 200, json!({ "id": "g-2" }))
        .await;
    let error = lumos.find_app("app-1").await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
    let error = lumos.find_entitlement(&["group", "g-1"]).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
    let error = lumos.find_entitlement(&["app", "app-1"]).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Invalid);
}

#[tokio::test]
async fn logs_come_first_and_changes_of_people_after_them() {
    let lumos = Lumos::start().await;
    let log = |n: u32, at: &str| json!({ "event_hash": format!("h-{n}"), "event_type": "USER_LOGGED_IN", "event_began_at": at });
    let logs = json!({
        "items": [log(1, "2031-05-03T00:00:00"), log(2, "2031-05-02T00:00:00"), log(3, "2031-04-01T00:00:00")],
        "total": 3, "limit": 10, "offset": 0
    });
    lumos.answers("activity_logs", 200, logs).await;
    let events = json!({
        "identity_events": [{ "id": "e-1", "changed_field": "team", "detected_time": "2031-05-02T00:00:00Z" }],
        "next_cursor": null, "total_count": 1
    });
    lumos.answers("identity_events", 200, events).await;
    let lister = lumos.adapter.activity_lister().unwrap();
    let since = "2031-05-01T00:00:00Z".parse().unwrap();
    let page = lister
        .list_activity(&lumos.call(), since, &ask(None, 10))
        .await
        .unwrap();
    let actions: Vec<_> = page.items.iter().map(|one| one.action.as_str()).collect();
    assert_eq!(actions, ["USER_LOGGED_IN"; 2], "what is older is left out");
    assert!(page.next.is_some());
    let page = lister
        .list_activity(&lumos.call(), since, &ask(page.next, 10))
        .await
        .unwrap();
    assert_eq!(page.items[0].action, "identity.team");
    assert_eq!(page.next, None);
    assert_eq!(
        lumos.asked().await,
        [
            "activity_logs?since=2031-05-01T00%3A00%3A00.000000Z&limit=10&offset=0",
            "identity_events?start_time=2031-05-01T00%3A00%3A00.000000Z&limit=10"
        ]
    );
}
