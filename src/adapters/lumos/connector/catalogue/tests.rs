use std::collections::BTreeSet;

use super::*;

/// The contract's list (§B7) without the one operation that lies beside the connectors.
const CAPABILITIES: usize = 52;

#[test]
fn every_capability_of_the_contract_is_there_once() {
    let ids: BTreeSet<_> = OPERATIONS.iter().map(|one| one.id).collect();
    let paths: BTreeSet<_> = OPERATIONS.iter().map(|one| one.path).collect();
    assert_eq!(OPERATIONS.len(), CAPABILITIES + 1);
    assert_eq!(
        (ids.len(), paths.len()),
        (OPERATIONS.len(), OPERATIONS.len())
    );
    assert!(
        OPERATIONS
            .iter()
            .all(|one| one.method == "POST" && one.api == "connector")
    );
}

#[test]
fn a_path_ends_in_the_word_of_its_capability() {
    for one in OPERATIONS {
        let word = match one.id {
            "list_connector_app_ids" => continue,
            // The two places where the contract's id and path differ (§B1).
            "get_connected_info" => "connected_info",
            id => id,
        };
        assert_eq!(one.path, format!("/{{connector_id}}/{word}"));
    }
    assert!(
        OPERATIONS
            .iter()
            .any(|one| one.path == "/list-connector-app-ids")
    );
}

#[test]
fn what_only_looks_is_no_write() {
    let writes: Vec<_> = OPERATIONS.iter().filter(|one| one.writes).collect();
    assert_eq!(writes.len(), 18);
    for one in OPERATIONS {
        let looks = ["list_", "get_", "find_", "validate_", "probe_"]
            .iter()
            .any(|word| one.id.starts_with(word));
        let tells = ["info", "app_info"].contains(&one.id);
        assert_eq!(one.writes, !looks && !tells, "{}", one.id);
    }
}

#[test]
fn what_shows_a_write_exists_and_writes_nothing() {
    for one in OPERATIONS {
        let Some(shown_by) = one.read_back_by else {
            continue;
        };
        assert!(one.writes, "{}", one.id);
        let reading = OPERATIONS.iter().find(|other| other.id == shown_by);
        assert!(reading.is_some_and(|reading| !reading.writes), "{shown_by}");
    }
}

#[test]
fn credentials_come_out_only_where_it_is_said() {
    let named = |pick: fn(&UpstreamOperation) -> bool| -> Vec<_> {
        let picked = OPERATIONS.iter().filter(|one| pick(one));
        picked.map(|one| one.id).collect()
    };
    assert_eq!(
        named(|one| one.dangerous),
        [
            "fulfill_arbitrary_endpoint",
            "handle_authorization_callback",
            "handle_client_credentials_request",
            "refresh_access_token"
        ]
    );
    assert_eq!(
        named(|one| one.secret_in_answer),
        [
            "fulfill_arbitrary_endpoint",
            "get_authorization_url",
            "handle_authorization_callback",
            "handle_client_credentials_request",
            "refresh_access_token"
        ]
    );
    assert_eq!(
        named(|one| one.credential == NONE),
        [
            "list_connector_app_ids",
            "app_info",
            "get_authorization_url",
            "handle_authorization_callback",
            "handle_client_credentials_request",
            "info",
            "refresh_access_token"
        ]
    );
}
