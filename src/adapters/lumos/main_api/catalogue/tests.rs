//! The list against itself.

use std::collections::BTreeSet;

use super::*;

fn all() -> impl Iterator<Item = &'static UpstreamOperation> {
    TENANT.iter().chain(APPSTORE).chain(WORK)
}

fn parameters(path: &str) -> BTreeSet<&str> {
    path.split('/')
        .filter(|part| part.starts_with('{'))
        .collect()
}

#[test]
fn all_of_them_are_there() {
    assert_eq!(all().count(), 86);
    let by = |method: &str| all().filter(|one| one.method == method).count();
    let counts = ["GET", "POST", "PATCH", "PUT", "DELETE"].map(by);
    assert_eq!(counts, [44, 22, 7, 3, 10]);
    assert!(all().all(|one| one.api == API && one.path.starts_with('/')));
}

#[test]
fn each_has_a_name_and_a_place_of_its_own() {
    let names: BTreeSet<_> = all().map(|one| one.id).collect();
    assert_eq!(names.len(), 86);
    let places: BTreeSet<_> = all().map(|one| (one.method, one.path)).collect();
    assert_eq!(places.len(), 86);
}

#[test]
fn what_reads_is_a_get_and_nothing_else_is() {
    for one in all() {
        assert_eq!(one.writes, one.method != "GET", "{}", one.id);
        assert!(one.writes || one.idempotent, "{}", one.id);
        assert!(!(one.writes && one.normalized.is_some()), "{}", one.id);
    }
}

#[test]
fn what_a_write_did_is_shown_by_a_reading_with_no_more_parameters() {
    for one in all() {
        let Some(shown_by) = one.read_back_by else {
            continue;
        };
        let reading = all().find(|other| other.id == shown_by).unwrap();
        assert!(one.writes && !reading.writes, "{}", one.id);
        assert!(
            parameters(reading.path).is_subset(&parameters(one.path)),
            "{}",
            one.id
        );
    }
    let silent: Vec<_> = all()
        .filter(|one| one.writes && one.read_back_by.is_none())
        .map(|one| one.id)
        .collect();
    assert_eq!(
        silent,
        [
            "process_airbase_milestone_event",
            "process_vendr_request_completed",
            "create_found_document"
        ]
    );
}

#[test]
fn only_signs_of_life_and_inbound_webhooks_need_no_token() {
    let open: Vec<_> = all()
        .filter(|one| one.credential != TOKEN)
        .map(|one| one.path.split('/').nth(1).unwrap())
        .collect();
    assert_eq!(open, ["art", "info", "webhooks", "webhooks"]);
}
