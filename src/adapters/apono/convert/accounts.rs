//! Users.

use serde_json::Value;

use super::{filled, members, read, usable};
use crate::adapters::apono::wire;
use crate::domain::{AccountKind, AccountRecord, AccountStatus, ExternalKey};

/// What is kept of a user besides our own fields, by the vendor's names.
const ATTRIBUTES: [&str; 5] = [
    "roles",
    "email_aliases",
    "source_integration_id",
    "source_integration_name",
    "attributes",
];

/// A user as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn user(raw: Value) -> Result<AccountRecord, String> {
    let wire::User {
        id,
        email,
        first_name,
        last_name,
        active,
    } = read(&raw)?;
    let id = usable(id)?;
    let (status, vendor_status) = status(active);
    let email = filled(email);
    let (given_name, family_name) = (filled(first_name), filled(last_name));
    Ok(AccountRecord {
        external_key: key(&id),
        external_id: id,
        // People sign in by their address.
        login: email.clone(),
        email,
        display_name: full_name(given_name.as_deref(), family_name.as_deref()),
        given_name,
        family_name,
        kind: AccountKind::Human,
        status,
        vendor_status,
        attributes: members(&raw, &ATTRIBUTES),
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        resource_key: None,
        succeeds: None,
        raw,
    })
}

/// The key of the user with this id, the same in both APIs.
fn key(id: &str) -> ExternalKey {
    ExternalKey::new(&[id])
}

/// The id in a key that [`key`] made.
pub(in super::super) fn id(key: &ExternalKey) -> Option<String> {
    let [id] = key.parts().try_into().ok()?;
    Some(id)
}

/// Apono has no word for the state, only a flag. What is no flag is kept as if it were a word.
fn status(active: Option<Value>) -> (AccountStatus, Option<String>) {
    match active {
        Some(Value::Bool(true)) => (AccountStatus::Active, None),
        Some(Value::Bool(false)) => (AccountStatus::Inactive, None),
        None | Some(Value::Null) => (AccountStatus::Unknown, None),
        Some(odd) => {
            tracing::warn!(vendor = "apono", "Met a user whose `active` is no flag");
            let word = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
            (AccountStatus::Unknown, Some(word))
        }
    }
}

fn full_name(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let names: Vec<&str> = given.into_iter().chain(family).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The addresses by which a list may name an account, in lower case: its own, and its aliases.
pub(in super::super) fn emails(account: &AccountRecord) -> Vec<String> {
    let aliases = account.attributes.get("email_aliases");
    let aliases = aliases.and_then(Value::as_array).into_iter().flatten();
    let aliases = aliases.filter_map(Value::as_str);
    let all = account.email.as_deref().into_iter().chain(aliases);
    all.filter(|email| !email.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn full() -> Value {
        json!({
            "id": "usr-1", "email": "ada.lind@example.org", "email_aliases": ["ada@example.org"],
            "first_name": "Ada", "last_name": "Lind", "active": true, "roles": ["Admin", "Power User"],
            "source_integration_id": "int-1", "source_integration_name": "Okta",
            "attributes": { "department": "Core" }, "a_field_of_a_later_version": [1]
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut payload = full();
        payload[name] = value;
        payload
    }

    #[test]
    fn a_user_keeps_what_apono_says() {
        let record = user(full()).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["usr-1"]"#);
        assert_eq!(id(&record.external_key).as_deref(), Some("usr-1"));
        assert_eq!(record.external_id, "usr-1");
        assert_eq!(record.login.as_deref(), Some("ada.lind@example.org"));
        assert_eq!(record.email, record.login);
        assert_eq!(record.display_name.as_deref(), Some("Ada Lind"));
        assert_eq!(record.given_name.as_deref(), Some("Ada"));
        assert_eq!(record.family_name.as_deref(), Some("Lind"));
        assert_eq!(record.kind, AccountKind::Human);
        assert_eq!(
            (record.status, record.vendor_status),
            (AccountStatus::Active, None)
        );
        assert_eq!(record.attributes["roles"], json!(["Admin", "Power User"]));
        assert_eq!(record.attributes["attributes"]["department"], "Core");
        assert_eq!(record.attributes.len(), 5);
        assert_eq!(record.raw, full());
    }

    #[test]
    fn a_legacy_user_is_the_same_account_with_less_in_it() {
        let legacy = json!({
            "id": "usr-1", "email": "ada.lind@example.org", "first_name": "Ada", "last_name": "Lind", "active": false
        });
        let record = user(legacy).unwrap();
        assert_eq!(record.external_key, user(full()).unwrap().external_key);
        assert_eq!(record.status, AccountStatus::Inactive);
        assert!(record.attributes.is_empty());
    }

    #[test]
    fn a_flag_that_is_none_is_unknown_and_kept() {
        let told = |active: Value| {
            let record = user(with("active", active)).unwrap();
            (record.status, record.vendor_status)
        };
        assert_eq!(told(Value::Null), (AccountStatus::Unknown, None));
        let word = Some("on_leave".to_owned());
        assert_eq!(told(json!("on_leave")), (AccountStatus::Unknown, word));
        let word = Some("1".to_owned());
        assert_eq!(told(json!(1)), (AccountStatus::Unknown, word));
    }

    #[test]
    fn null_absent_and_empty_read_alike() {
        let bare = user(json!({ "id": "x", "active": true })).unwrap();
        let nulls = user(json!({
            "id": "x", "active": true, "email": null, "first_name": "", "last_name": null, "attributes": null,
            "source_integration_id": null
        }))
        .unwrap();
        let without_raw = |record: AccountRecord| AccountRecord {
            raw: Value::Null,
            ..record
        };
        assert_eq!(without_raw(bare), without_raw(nulls));
    }

    #[test]
    fn what_has_no_id_is_a_defect_in_words() {
        for (payload, words) in [
            (with("id", Value::Null), "`id`"),
            (with("id", json!("")), "`id`"),
            (with("id", json!("..")), "`id`"),
            (with("id", json!(7)), "documented"),
            (json!("text"), "documented"),
        ] {
            let defect = user(payload.clone()).unwrap_err();
            assert!(defect.contains(words), "{payload}: {defect}");
        }
    }
}
