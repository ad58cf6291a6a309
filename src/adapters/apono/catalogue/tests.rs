use std::collections::BTreeSet;

use super::*;

fn all() -> impl Iterator<Item = &'static UpstreamOperation> {
    OPERATIONS.iter().copied().flatten()
}

fn named(id: &str) -> &'static UpstreamOperation {
    let mut found = all().filter(|one| one.id == id);
    let one = found.next().unwrap_or_else(|| panic!("no operation {id}"));
    assert_eq!(found.next(), None, "{id} is there twice");
    one
}

#[test]
fn there_are_as_many_as_apono_documents() {
    let below = |start: &str| all().filter(|one| one.path.starts_with(start)).count();
    assert_eq!(all().count(), 95);
    assert_eq!((below("/api/admin/"), below("/api/user/")), (41, 14));
    assert!(all().all(|one| one.api == API && one.path.starts_with("/api/")));
}

#[test]
fn each_is_there_once() {
    let ids: BTreeSet<_> = all().map(|one| one.id).collect();
    let places: BTreeSet<_> = all().map(|one| (one.method, one.path)).collect();
    assert_eq!((ids.len(), places.len()), (95, 95));
}

#[test]
fn what_is_no_get_writes_and_names_a_reading_that_shows_it() {
    for one in all() {
        assert_eq!(one.writes, one.method != "GET", "{}", one.id);
        assert_eq!(one.idempotent, one.method != "POST", "{}", one.id);
        assert_eq!(one.read_back_by.is_some(), one.writes, "{}", one.id);
        if let Some(reading) = one.read_back_by {
            assert!(!named(reading).writes, "{} by {reading}", one.id);
        }
    }
}

#[test]
fn each_asks_for_the_token_of_its_part() {
    for one in all() {
        let credential = match one.path.split('/').nth(2) {
            Some("admin") => ACCOUNT,
            Some("user") => PERSONAL,
            _ => ADMINISTRATOR,
        };
        assert_eq!(one.credential, credential, "{}", one.id);
    }
}

#[test]
fn nothing_that_has_no_newer_sibling_is_legacy() {
    let legacy = all().filter(|one| one.legacy).count();
    assert_eq!(legacy, 28);
    for id in [
        "list_integration_configs",
        "get_integration_resources",
        "list_activity",
        "list_identities",
        "list_attributes_for_identities",
        "refresh_integration_v2",
    ] {
        assert!(!named(id).legacy, "{id}");
    }
}

#[test]
fn credentials_in_answers_are_told() {
    for one in all() {
        let path = one.path;
        let holds = path.ends_with("/access-details")
            || (one.method != "DELETE"
                && [
                    "/api/admin/v4/integrations",
                    "/api/admin/v4/integrations/{id}",
                    "/api/v2/integrations",
                    "/api/v2/integrations/{id}",
                ]
                .contains(&path));
        assert_eq!(one.secret_in_answer, holds, "{}", one.id);
    }
}

#[test]
fn the_writes_of_groups_and_attributes_are_the_only_ones_that_are_normalized() {
    let mut writes: Vec<_> = all()
        .filter(|one| one.writes)
        .filter_map(|one| Some((one.id, one.normalized?)))
        .collect();
    writes.sort_unstable();
    assert_eq!(
        writes,
        [
            ("add_group_member_v1", "create_grant"),
            ("bulk_delete_attributes_form_identities", "update_accounts"),
            ("bulk_upsert_attributes_for_identities", "update_accounts"),
            ("remove_group_member_v1", "delete_grant"),
            ("update_group_members_v1", "replace_grants"),
            ("update_group_v1", "update_entitlement"),
        ]
    );
}
