//! The operations that Devo documents: §4 and §5 below the provisioning base, §6 below the host.
//!
//! Words for the credential (§2): `any` takes a token or a signature; `hmac` is about the multitenant, which takes signatures
//! only; `bearer` takes a token in the `Authorization` header.

mod credentials;
mod domains;
mod users;

pub(super) use credentials::OPERATIONS as CREDENTIALS;
pub(super) use domains::OPERATIONS as DOMAINS;
pub(super) use users::OPERATIONS as USERS;

/// The API of users, domains and roles; paths are below `base_url`.
pub(super) const PROVISIONING_API: &str = "provisioning";
/// The API of tokens; paths are below the host, and the connection's settings say how they are sent.
pub(super) const CREDENTIALS_API: &str = "credentials";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::adapters::contract::UpstreamOperation;

    fn all() -> Vec<&'static UpstreamOperation> {
        [USERS, DOMAINS, CREDENTIALS]
            .into_iter()
            .flatten()
            .collect()
    }

    #[test]
    fn every_documented_operation_is_there() {
        let count = |api: &str| all().iter().filter(|one| one.api == api).count();
        // 15 of §4 and 30 of §5, its compound rows spelled out; 7 of §6.
        assert_eq!((USERS.len(), DOMAINS.len()), (15, 30));
        assert_eq!((count(PROVISIONING_API), count(CREDENTIALS_API)), (45, 7));
    }

    #[test]
    fn an_operation_is_named_once_and_found_once() {
        let ids: BTreeSet<_> = all().iter().map(|one| (one.api, one.id)).collect();
        let paths: BTreeSet<_> = all()
            .iter()
            .map(|one| (one.api, one.method, one.path))
            .collect();
        assert_eq!((ids.len(), paths.len()), (all().len(), all().len()));
    }

    #[test]
    fn a_write_is_shown_by_a_reading_of_the_same_api() {
        for one in all() {
            assert_eq!(one.writes, one.method != "GET", "{}", one.id);
            assert_eq!(one.read_back_by.is_some(), one.writes, "{}", one.id);
            let Some(id) = one.read_back_by else { continue };
            let shown = all()
                .into_iter()
                .find(|other| (other.api, other.id) == (one.api, id));
            assert!(shown.is_some_and(|other| !other.writes), "{}", one.id);
        }
    }

    #[test]
    fn what_shows_keys_and_tokens_is_marked() {
        let marked: BTreeSet<_> = all()
            .iter()
            .filter(|one| one.secret_in_answer)
            .map(|one| one.id)
            .collect();
        let expected = [
            "create_token",
            "disable_token",
            "enable_token",
            "get_domain_key",
            "get_token",
            "list_domain_keys",
            "rename_token",
        ];
        assert_eq!(marked, BTreeSet::from(expected));
    }

    #[test]
    fn what_takes_a_whole_domain_away_is_dangerous() {
        let marked = all().into_iter().filter(|one| one.dangerous);
        let marked: Vec<_> = marked.map(|one| one.id).collect();
        assert_eq!(marked, ["delete_domain", "disable_domain"]);
    }
}
