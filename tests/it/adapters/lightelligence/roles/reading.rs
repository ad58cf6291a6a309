//! What is listed and found, and what a check tells of it.

use super::*;

#[tokio::test]
async fn the_tenant_is_the_one_resource_that_all_belongs_to() {
    let stand = stand().await;
    let lister = stand.adapter.resource_lister().unwrap();
    let page = PageRequest {
        cursor: None,
        size: 10,
    };
    let listed = lister
        .list_resources(&stand.reading(), &page)
        .await
        .unwrap();
    let [tenant] = &listed.items[..] else {
        panic!("{:?}", listed.items);
    };
    assert_eq!((tenant.kind.as_str(), listed.next), ("tenant", None));
    assert_eq!(tenant.name.as_deref(), Some("Acme Lighting"));
    let key = Some(tenant.external_key.clone());
    for account in stand.everybody(100).await {
        assert_eq!(account.resource_key, key);
    }
    for one in entitlements(&stand, 100).await {
        let at = (one.kind == EntitlementKind::Role).then(|| tenant.external_key.clone());
        assert_eq!(one.resource_key, at, "{}", one.name);
    }
    let reader = stand.adapter.resource_reader().unwrap();
    let read = reader
        .find_resource(&stand.reading(), &tenant.external_key)
        .await;
    assert_eq!(read.unwrap().as_ref(), Some(tenant));
    // Whether it is gone or hidden nobody can tell.
    stand
        .vendor
        .faults([on("GET", "/tenants/", hidden()).times(0)]);
    let read = reader
        .find_resource(&stand.reading(), &tenant.external_key)
        .await;
    assert_eq!(read.unwrap_err().trouble, Trouble::AuthFailed);
    let other = ExternalKey::new(&["tenant", &Uuid::nil().to_string()]);
    let read = reader.find_resource(&stand.reading(), &other).await;
    assert_eq!(read.unwrap_err().trouble, Trouble::Unsupported);
}

#[tokio::test]
async fn roles_and_permissions_are_listed_at_every_page_size() {
    let stand = stand().await;
    let all = entitlements(&stand, 100).await;
    let roles = all.iter().filter(|one| one.kind == EntitlementKind::Role);
    assert_eq!(
        roles.clone().count(),
        stand.vendor.state().entitlements.len()
    );
    assert!(roles.clone().all(|role| role.assignable));
    assert_eq!(
        all.iter().filter(|one| !one.assignable).count(),
        12,
        "the permissions"
    );
    for size in [1, 3, 12] {
        assert_eq!(entitlements(&stand, size).await, all, "{size}");
    }
    let reader = stand.adapter.entitlement_reader().unwrap();
    for one in [&all[0], &all[all.len() - 1]] {
        let read = reader
            .find_entitlement(&stand.reading(), &one.external_key)
            .await;
        assert_eq!(read.unwrap().as_ref(), Some(one));
    }
    for kind in ["role", "permission"] {
        let nothing = ExternalKey::new(&[kind, &Uuid::nil().to_string()]);
        let read = reader.find_entitlement(&stand.reading(), &nothing).await;
        assert_eq!(read, Ok(None), "{kind}");
    }
    // A 404 for one that is listed proves no absence.
    let path = format!("/roles/{}", all[0].external_id);
    stand.vendor.faults([on("GET", &path, hidden())]);
    let read = reader
        .find_entitlement(&stand.reading(), &all[0].external_key)
        .await;
    assert!(read.unwrap().is_some());
}

#[tokio::test]
async fn grants_are_what_the_users_hold_however_the_rows_show_it() {
    for (rows, sizes) in [
        ("whole", &[1, 7, 100][..]),
        ("names", &[100]),
        ("nothing", &[4, 100]),
    ] {
        let stand = Stand::start(LIGHTELLIGENCE, &[("role_rows", rows)], |_| {}).await;
        for size in sizes {
            let listed = grants(&stand, *size).await;
            assert_eq!(pairs(&listed), held(&stand), "{rows} {size}");
            assert_eq!(pairs(&listed).len(), listed.len(), "each once");
        }
    }
    let old = old_stand().await;
    assert_eq!(pairs(&grants(&old, 100).await), held(&old));
}

#[tokio::test]
async fn roles_that_can_not_be_read_fail_the_page() {
    let stand = Stand::start(LIGHTELLIGENCE, &[("role_rows", "nothing")], |_| {}).await;
    stand
        .vendor
        .faults([on("GET", "/roles", hidden()).after(5).times(0)]);
    let lister = stand.adapter.grant_lister().unwrap();
    let page = PageRequest {
        cursor: None,
        size: 100,
    };
    let listed = lister.list_grants(&stand.reading(), &page).await;
    assert_eq!(listed.unwrap_err().trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_check_tells_what_a_lesser_login_can_not_do() {
    let stand = stand().await;
    let can = |report: iam_gateway::adapters::contract::CheckReport| {
        let can = report.capabilities.expect("some").into_iter();
        can.map(|one| one.as_str()).collect::<Vec<_>>()
    };
    let all: Vec<&str> = stand
        .adapter
        .capabilities()
        .into_iter()
        .map(|one| one.as_str())
        .collect();
    assert_eq!(can(stand.check().await), all);
    // An auditor sees users and roles, and changes nothing.
    let login = user(&stand, "owner@example.org").await;
    drift(
        &stand,
        json!([{"op": "change", "kind": "account", "id": login.external_id, "value": {"roleNames": ["auditor"]}}]),
    );
    let report = stand.check().await;
    assert!(
        report.findings[0]
            .detail
            .contains("tenant_user_management:write")
    );
    let reads = all
        .iter()
        .filter(|word| word.ends_with(".list") || word.ends_with(".read"));
    assert_eq!(can(report), reads.copied().collect::<Vec<_>>());
}
