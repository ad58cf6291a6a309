//! The operations that Luna-Accounts documents (§5 to §8). The service itself asks for no credential (§2); a connection that
//! has one sends it all the same, for the gateway or proxy in front.

use crate::adapters::contract::UpstreamOperation;

const API: &str = "accounts";

const fn read(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path).by("none")
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, method, path).by("none")
}

/// Every operation of the service.
pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    write("create_account", "POST", "/1/accounts")
        .read_back_by("get_accounts")
        .normalized("create_account"),
    read("get_accounts", "/1/accounts").normalized("list_accounts"),
    read("get_account", "/1/accounts/{account_id}").normalized("find_account"),
    write("patch_account", "PATCH", "/1/accounts/{account_id}")
        .idempotent()
        .read_back_by("get_account")
        .normalized("update_account"),
    write("delete_account", "DELETE", "/1/accounts/{account_id}")
        .idempotent()
        .read_back_by("get_account")
        .normalized("delete_account"),
    read("get_accounts_count", "/1/accounts/count"),
    write("create_token", "POST", "/1/tokens")
        .read_back_by("get_tokens")
        .secret(),
    // Its items are whole tokens, as far as is known: with their JWT.
    read("get_tokens", "/1/tokens").secret(),
    read("get_token", "/1/tokens/{token_id}").secret(),
    write("replace_token", "PUT", "/1/tokens/{token_id}")
        .idempotent()
        .read_back_by("get_token")
        .secret(),
    write("delete_token", "DELETE", "/1/tokens/{token_id}")
        .idempotent()
        .read_back_by("get_token"),
    // Its body names credentials; nothing is changed by it.
    UpstreamOperation::read(API, "verify_credentials", "POST", "/1/verifier").by("none"),
    read("get_version", "/version").normalized("check_connection"),
    read("healthcheck", "/healthcheck").normalized("check_connection"),
    read("get_metrics", "/metrics"),
    read("get_config", "/config"),
    read("get_docs_spec", "/docs/spec"),
    read("get_docs_dev", "/docs/dev"),
    read("get_plugins", "/1/plugins"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_documented_operation_is_there_once() {
        // 6 of §5, 5 of §6, 1 of §7, 7 of §8.
        assert_eq!(OPERATIONS.len(), 19);
        let ids: BTreeSet<_> = OPERATIONS.iter().map(|one| one.id).collect();
        let paths: BTreeSet<_> = OPERATIONS
            .iter()
            .map(|one| (one.method, one.path))
            .collect();
        assert_eq!((ids.len(), paths.len()), (19, 19));
        assert!(OPERATIONS.iter().all(|one| one.api == API));
    }

    #[test]
    fn only_the_verifier_reads_by_another_method() {
        for one in OPERATIONS {
            let reads = one.method == "GET" || one.path == "/1/verifier";
            assert_eq!(one.writes, !reads, "{}", one.id);
        }
    }

    #[test]
    fn a_write_is_shown_by_a_reading() {
        for one in OPERATIONS {
            assert_eq!(one.read_back_by.is_some(), one.writes, "{}", one.id);
            let Some(id) = one.read_back_by else { continue };
            let shown = OPERATIONS.iter().find(|other| other.id == id);
            assert!(shown.is_some_and(|other| !other.writes), "{}", one.id);
        }
    }

    #[test]
    fn what_shows_a_jwt_is_marked() {
        for one in OPERATIONS {
            let shows = one.path.starts_with("/1/tokens") && one.method != "DELETE";
            assert_eq!(one.secret_in_answer, shows, "{}", one.id);
        }
    }
}
