//! The types that an account can be of, and the permissions that tokens know. Pure.
//!
//! Both come from the contract, not from the service, which lists neither: the three words of `account_type` (§3), and of the
//! standard resources of tokens those that are known to exist in this version of the service (§6), each with its four verbs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings::ACCOUNT_TYPES;
use crate::adapters::contract::Page;
use crate::domain::{
    AccountRecord, Bounds, EntitlementKind, EntitlementRecord, ExternalKey, GrantRecord,
    ThingStatus,
};

/// The first part of a type's key, and the group of which an account holds one member.
const ACCOUNT_TYPE: &str = "account_type";
const PERMISSION: &str = "permission";

/// Standard resources known to exist (§6).
const RESOURCES: [&str; 5] = ["account", "face", "handler", "lambdas", "list"];
/// Verbs with what they stand for (§6).
const VERBS: [(&str, &str); 4] = [
    ("creation", "POST"),
    ("view", "GET"),
    ("modification", "PUT and PATCH"),
    ("deletion", "DELETE"),
];

/// Everything that can be held, by a connection with this default type.
pub(super) fn all(default_type: &str) -> Vec<EntitlementRecord> {
    let types = ACCOUNT_TYPES.into_iter().map(|word| EntitlementRecord {
        kind: EntitlementKind::AccountType,
        assignable: true,
        exclusive_group: Some(ACCOUNT_TYPE.to_owned()),
        is_rest: word == default_type,
        ..bare(type_key(word), word)
    });
    let permissions = RESOURCES.into_iter().flat_map(|resource| {
        VERBS.into_iter().map(move |(verb, methods)| {
            let word = format!("{resource}:{verb}");
            EntitlementRecord {
                kind: EntitlementKind::Permission,
                description: Some(format!(
                    "{methods} on `{resource}`; a token holds it, not an account"
                )),
                ..bare(ExternalKey::new(&[PERMISSION, &word]), &word)
            }
        })
    });
    types.chain(permissions).collect()
}

/// The key of an account type.
pub(super) fn type_key(word: &str) -> ExternalKey {
    ExternalKey::new(&[ACCOUNT_TYPE, word])
}

/// The type in a key that [`type_key`] made of a documented word.
pub(super) fn type_word(key: &ExternalKey) -> Option<&'static str> {
    match <[String; 2]>::try_from(key.parts()) {
        Ok([noun, word]) if noun == ACCOUNT_TYPE => known(&word),
        _ => None,
    }
}

/// Whether this is the key of a permission.
pub(super) fn is_permission(key: &ExternalKey) -> bool {
    key.parts().first().is_some_and(|noun| noun == PERMISSION)
}

/// The type that an account shows, as far as it is documented.
///
/// # Errors
/// Why it can't be told, in words that are safe to show.
pub(super) fn of(account: &AccountRecord) -> Result<&'static str, String> {
    let id = &account.external_id;
    let shown = account.attributes.get(ACCOUNT_TYPE).and_then(Value::as_str);
    let shown = shown.ok_or_else(|| format!("account {id} has no `account_type`"))?;
    known(shown).ok_or_else(|| {
        format!("account {id} is of the type `{shown}`, which is not among the documented ones")
    })
}

/// That the account is of its type.
///
/// # Errors
/// As [`of`].
pub(super) fn grant(account: &AccountRecord) -> Result<GrantRecord, String> {
    let word = of(account)?;
    let raw = serde_json::json!({ "account_id": account.external_id, "account_type": word });
    Ok(GrantRecord::held(
        account.external_key.clone(),
        type_key(word),
        raw,
    ))
}

/// What the accounts of a page hold.
pub(super) fn held(accounts: Page<AccountRecord>) -> Page<GrantRecord> {
    let Page {
        items,
        next,
        total,
        mut defects,
    } = accounts;
    let mut grants = Vec::with_capacity(items.len());
    for account in &items {
        match grant(account) {
            Ok(grant) => grants.push(grant),
            Err(defect) => defects.push(defect),
        }
    }
    Page {
        items: grants,
        next,
        total,
        defects,
    }
}

fn known(word: &str) -> Option<&'static str> {
    ACCOUNT_TYPES.into_iter().find(|known| *known == word)
}

fn bare(external_key: ExternalKey, word: &str) -> EntitlementRecord {
    EntitlementRecord {
        external_key,
        external_id: word.to_owned(),
        kind: EntitlementKind::Permission,
        name: word.to_owned(),
        description: None,
        resource_key: None,
        assignable: false,
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: Bounds::default(),
        requirements: BTreeMap::new(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Map::new(),
        created_at: None,
        updated_at: None,
        raw: Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::adapters::luna::convert;

    fn account(account_type: Value) -> AccountRecord {
        convert::record(json!({
            "account_id": "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11", "login": "a@b.co", "account_type": account_type
        }))
        .unwrap()
    }

    #[test]
    fn types_can_be_granted_and_permissions_not() {
        let all = all("user");
        assert_eq!(all.len(), 3 + 5 * 4);
        let keys: BTreeSet<_> = all.iter().map(|one| one.external_key.as_str()).collect();
        assert_eq!(keys.len(), all.len());
        for one in &all {
            let is_type = one.kind == EntitlementKind::AccountType;
            assert_eq!(one.assignable, is_type, "{}", one.name);
            assert_eq!(one.exclusive_group.is_some(), is_type, "{}", one.name);
            assert_eq!(one.is_rest, one.name == "user", "{}", one.name);
            assert_eq!(is_permission(&one.external_key), !is_type, "{}", one.name);
        }
        assert!(keys.contains(r#"["permission","lambdas:modification"]"#));
    }

    #[test]
    fn an_account_holds_the_type_that_it_shows() {
        let grant = grant(&account(json!("advanced_user"))).unwrap();
        assert_eq!(grant.entitlement_key, type_key("advanced_user"));
        assert_eq!(type_word(&grant.entitlement_key), Some("advanced_user"));
        for (shown, words) in [
            (json!(null), "no `account_type`"),
            (json!("root"), "`root`"),
        ] {
            let defect = of(&account(shown)).unwrap_err();
            assert!(defect.contains(words), "{defect}");
        }
    }
}
