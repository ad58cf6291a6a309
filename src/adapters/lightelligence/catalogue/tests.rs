use std::collections::BTreeSet;

use super::{API, Credential, IDENTITY};
use crate::adapters::contract::UpstreamOperation;

fn all() -> impl Iterator<Item = &'static UpstreamOperation> {
    IDENTITY.iter().chain(API)
}

/// The operations that have this mark, by their ids.
fn marked(mark: impl Fn(&UpstreamOperation) -> bool) -> Vec<&'static str> {
    let marked = all().filter(|operation| mark(operation));
    marked.map(|operation| operation.id).collect()
}

/// The path with its parameters made alike.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        parameter if parameter.starts_with('{') => "{}",
        literal => literal,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn every_documented_operation_is_there_once() {
    assert_eq!((IDENTITY.len(), API.len()), (10, 45));
    let count = IDENTITY.len() + API.len();
    let ids: BTreeSet<_> = all().map(|one| (one.api, one.id)).collect();
    let calls: BTreeSet<_> = all().map(|one| (one.method, shape(one.path))).collect();
    assert_eq!((ids.len(), calls.len()), (count, count));
    for (api, operations) in [("identity", IDENTITY), ("api", API)] {
        assert!(operations.iter().all(|one| one.api == api), "{api}");
    }
}

#[test]
fn what_a_write_did_is_shown_by_a_reading_of_the_same_api() {
    for write in all().filter(|one| one.writes) {
        let Some(id) = write.read_back_by else {
            assert_eq!(write.api, "identity", "{} has no reading", write.id);
            continue;
        };
        let shows = all().find(|one| (one.api, one.id) == (write.api, id));
        assert!(shows.is_some_and(|one| !one.writes), "{}", write.id);
    }
    assert!(all().all(|one| one.writes || one.read_back_by.is_none()));
}

#[test]
fn a_method_tells_whether_it_writes_but_for_the_realm_s() {
    let odd = marked(|one| one.writes == (one.method == "GET"));
    assert_eq!(
        odd,
        ["authorize_by_query", "introspect_token", "logout_by_query"]
    );
}

#[test]
fn what_needs_care_is_marked() {
    assert_eq!(
        marked(|one| one.legacy),
        ["list_roles_of_tenant", "replace_role_names_of_user"]
    );
    assert_eq!(
        marked(|one| one.secret_in_answer),
        [
            "authorize",
            "authorize_by_query",
            "create_token",
            "introspect_token",
            "create_client",
            "create_application",
            "regenerate_application_secret"
        ]
    );
    assert_eq!(
        marked(|one| one.dangerous),
        [
            "create_token",
            "logout",
            "logout_by_query",
            "delete_tenant",
            "delete_client",
            "delete_application",
            "regenerate_application_secret"
        ]
    );
    assert!(all().all(|one| Credential::of(one).word() == one.credential));
}
