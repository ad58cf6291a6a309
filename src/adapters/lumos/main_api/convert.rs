//! From the main API's words to ours. Pure.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::wire;
use crate::domain::{AccountKind, AccountRecord, AccountStatus, ExternalKey};

/// What is kept of an account besides our own fields, by the vendor's names.
const ACCOUNT_ATTRIBUTES: [&str; 6] = [
    "account_type",
    "app_id",
    "user_id",
    "sources",
    "discovered_at",
    "last_login",
];

/// A user of the tenant as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(super) fn user(raw: Value) -> Result<AccountRecord, String> {
    let wire::User {
        id,
        email,
        given_name,
        family_name,
        status,
    } = wire::User::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let email = filled(email);
    let (given_name, family_name) = (filled(given_name), filled(family_name));
    Ok(AccountRecord {
        external_key: user_key(&id),
        external_id: id,
        // People sign in to Lumos by their address.
        login: email.clone(),
        email,
        display_name: full_name(given_name.as_deref(), family_name.as_deref()),
        given_name,
        family_name,
        kind: AccountKind::Human,
        status: known(status.as_deref(), user_status),
        vendor_status: status,
        attributes: attributes(&raw, &["custom_attributes"]),
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        succeeds: None,
        raw,
    })
}

/// An account in one of the tenant's apps as we keep it.
///
/// # Errors
/// As [`user`].
pub(super) fn account(raw: Value) -> Result<AccountRecord, String> {
    let wire::Account {
        id,
        app_id,
        account_type,
        status,
        unique_identifier,
        email,
        last_login,
        last_activity,
    } = wire::Account::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let app_id = usable(app_id).ok_or_else(|| format!("account {id} has no usable `app_id`"))?;
    let seen = |text: Option<String>| text.as_deref().and_then(time);
    Ok(AccountRecord {
        external_key: account_key(&app_id, &id),
        external_id: id,
        login: filled(unique_identifier),
        email: filled(email),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: kind(account_type.as_deref()),
        status: known(status.as_deref(), account_status),
        vendor_status: status,
        attributes: attributes(&raw, &ACCOUNT_ATTRIBUTES),
        last_activity_at: seen(last_activity).max(seen(last_login)),
        // When Lumos found it is not when it was made.
        created_at: None,
        updated_at: None,
        succeeds: None,
        raw,
    })
}

/// The key of a user.
pub(super) fn user_key(id: &str) -> ExternalKey {
    ExternalKey::new(&["user", id])
}

/// The key of an account.
pub(super) fn account_key(app_id: &str, id: &str) -> ExternalKey {
    ExternalKey::new(&["account", app_id, id])
}

/// What a key of ours names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A user, by id.
    User(String),
    /// An account in an app.
    Account,
}

/// What a key names that [`user_key`] or [`account_key`] made.
pub(super) fn named(key: &ExternalKey) -> Option<Named> {
    match key.parts().as_slice() {
        [noun, id] if noun == "user" => Some(Named::User(id.clone())),
        [noun, _, _] if noun == "account" => Some(Named::Account),
        _ => None,
    }
}

fn odd() -> String {
    "it is not an object with the documented types".to_owned()
}

/// An id that can stand in a path.
fn usable(id: Option<String>) -> Option<String> {
    id.filter(|id| !matches!(id.as_str(), "" | "." | ".."))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn full_name(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let names: Vec<&str> = given.into_iter().chain(family).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The status of a word; a missing one and one that no document names are unknown.
fn known(word: Option<&str>, map: fn(&str) -> Option<AccountStatus>) -> AccountStatus {
    let Some(word) = word else {
        return AccountStatus::Unknown;
    };
    map(word).unwrap_or_else(|| {
        tracing::warn!(vendor = "lumos", word, "Met an unknown status");
        AccountStatus::Unknown
    })
}

/// `UserLifecycleStatus` (§A7).
fn user_status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" => Some(AccountStatus::Active),
        "STAGED" => Some(AccountStatus::Pending),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "INACTIVE" => Some(AccountStatus::Inactive),
        _ => None,
    }
}

/// `AccountLifecycleStatus` (§A7). Two of its words say nothing of whether the account may be used.
fn account_status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" | "ACCESS_CREATED" => Some(AccountStatus::Active),
        "STAGED" | "DISCOVERED" => Some(AccountStatus::Pending),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "DEPROVISIONED" | "ARCHIVED" | "MANUALLY_REMOVED" | "ACCESS_REMOVED" => {
            Some(AccountStatus::Deprovisioned)
        }
        "NON_CORPORATE_ACCOUNT" | "WAITING_MANUAL_REMOVAL" => Some(AccountStatus::Unknown),
        _ => None,
    }
}

/// A role is neither a person's nor a machine's: whoever takes it on acts through it.
fn kind(word: Option<&str>) -> AccountKind {
    match word {
        Some("USER") => AccountKind::Human,
        Some("SERVICE") => AccountKind::Service,
        _ => AccountKind::Unknown,
    }
}

/// These members as they came, without nulls.
fn attributes(raw: &Value, names: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| {
        let value = raw.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    };
    names.iter().filter_map(member).collect()
}

/// A time with a zone, or without one: then it is UTC (§A4).
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let time = zoned.or_else(|_| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc())
    });
    if time.is_err() {
        tracing::warn!(vendor = "lumos", "Left out a time that makes no sense");
    }
    time.ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn a_user() -> Value {
        json!({
            "id": "u-1", "email": "ada.lind@example.org", "given_name": "Ada", "family_name": "Lind",
            "status": "ACTIVE", "custom_attributes": { "Team": { "type": "TEXT", "value": "Core" } },
            "a_field_of_a_later_version": 1
        })
    }

    fn an_account() -> Value {
        json!({
            "id": "a-1", "app_id": "app-1", "account_type": "USER", "status": "ACTIVE", "app": null,
            "unique_identifier": "ada", "email": "ada.lind@example.org", "user_id": "u-1",
            "discovered_at": "2031-05-02T07:08:09", "last_login": "2031-06-01T00:00:00Z",
            "last_activity": "2031-06-02T10:00:00.5", "sources": ["OKTA"]
        })
    }

    /// A payload with one member changed.
    fn with(mut payload: Value, name: &str, value: Value) -> Value {
        payload[name] = value;
        payload
    }

    #[test]
    fn a_user_keeps_what_lumos_says() {
        let record = user(a_user()).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["user","u-1"]"#);
        assert_eq!(named(&record.external_key), Some(Named::User("u-1".into())));
        assert_eq!(record.external_id, "u-1");
        assert_eq!(record.login.as_deref(), Some("ada.lind@example.org"));
        assert_eq!(record.email, record.login);
        assert_eq!(record.display_name.as_deref(), Some("Ada Lind"));
        assert_eq!(record.kind, AccountKind::Human);
        assert_eq!(record.status, AccountStatus::Active);
        assert_eq!(record.vendor_status.as_deref(), Some("ACTIVE"));
        assert_eq!(
            record.attributes["custom_attributes"]["Team"]["value"],
            "Core"
        );
        assert_eq!(record.raw, a_user());
    }

    #[test]
    fn an_account_keeps_what_lumos_says() {
        let record = account(an_account()).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["account","app-1","a-1"]"#);
        assert_eq!(named(&record.external_key), Some(Named::Account));
        assert_eq!(record.login.as_deref(), Some("ada"));
        assert_eq!(record.email.as_deref(), Some("ada.lind@example.org"));
        let last = record.last_activity_at.unwrap().to_rfc3339();
        assert_eq!(last, "2031-06-02T10:00:00.500+00:00");
        assert_eq!(record.created_at, None);
        assert_eq!(record.attributes["app_id"], "app-1");
        assert_eq!(record.attributes["user_id"], "u-1");
        assert_eq!(record.attributes["sources"], json!(["OKTA"]));
    }

    #[test]
    fn an_account_without_an_address_or_a_user_is_kept() {
        let mut bare = an_account();
        for name in [
            "email",
            "user_id",
            "last_login",
            "last_activity",
            "discovered_at",
        ] {
            bare[name] = Value::Null;
        }
        let record = account(bare).unwrap();
        assert_eq!((record.email, record.last_activity_at), (None, None));
        assert!(!record.attributes.contains_key("user_id"));
    }

    #[test]
    fn every_documented_status_has_its_meaning_and_another_word_is_kept() {
        for (word, status) in [
            ("ACTIVE", AccountStatus::Active),
            ("STAGED", AccountStatus::Pending),
            ("SUSPENDED", AccountStatus::Suspended),
            ("INACTIVE", AccountStatus::Inactive),
            ("active", AccountStatus::Unknown),
            ("ON_LEAVE", AccountStatus::Unknown),
        ] {
            let record = user(with(a_user(), "status", json!(word))).unwrap();
            assert_eq!(record.status, status, "{word}");
            assert_eq!(record.vendor_status.as_deref(), Some(word));
        }
        for (word, status) in [
            ("DISCOVERED", AccountStatus::Pending),
            ("STAGED", AccountStatus::Pending),
            ("ACCESS_CREATED", AccountStatus::Active),
            ("ACTIVE", AccountStatus::Active),
            ("ARCHIVED", AccountStatus::Deprovisioned),
            ("SUSPENDED", AccountStatus::Suspended),
            ("DEPROVISIONED", AccountStatus::Deprovisioned),
            ("MANUALLY_REMOVED", AccountStatus::Deprovisioned),
            ("ACCESS_REMOVED", AccountStatus::Deprovisioned),
            ("NON_CORPORATE_ACCOUNT", AccountStatus::Unknown),
            ("WAITING_MANUAL_REMOVAL", AccountStatus::Unknown),
            ("INACTIVE", AccountStatus::Unknown),
        ] {
            let record = account(with(an_account(), "status", json!(word))).unwrap();
            assert_eq!(record.status, status, "{word}");
            assert_eq!(record.vendor_status.as_deref(), Some(word));
        }
        let silent = user(with(a_user(), "status", Value::Null)).unwrap();
        assert_eq!(silent.status, AccountStatus::Unknown);
        assert_eq!(silent.vendor_status, None);
    }

    #[test]
    fn a_role_is_neither_a_person_nor_a_machine() {
        for (word, kind) in [
            ("USER", AccountKind::Human),
            ("SERVICE", AccountKind::Service),
            ("ROLE", AccountKind::Unknown),
            ("ROBOT", AccountKind::Unknown),
        ] {
            let record = account(with(an_account(), "account_type", json!(word))).unwrap();
            assert_eq!(record.kind, kind, "{word}");
            assert_eq!(record.attributes["account_type"], word);
        }
    }

    #[test]
    fn one_name_is_a_whole_name() {
        let name = |given: Value, family: Value| {
            let payload = with(with(a_user(), "given_name", given), "family_name", family);
            user(payload).unwrap().display_name
        };
        assert_eq!(name(json!("Ada"), Value::Null).as_deref(), Some("Ada"));
        assert_eq!(name(json!(""), json!("Lind")).as_deref(), Some("Lind"));
        assert_eq!(name(Value::Null, json!("")), None);
    }

    #[test]
    fn what_has_no_id_is_a_defect_in_words() {
        for (payload, words) in [
            (with(a_user(), "id", Value::Null), "`id`"),
            (with(a_user(), "id", json!("..")), "`id`"),
            (with(a_user(), "id", json!(7)), "documented"),
            (json!("text"), "documented"),
        ] {
            let defect = user(payload.clone()).unwrap_err();
            assert!(defect.contains(words), "{payload}: {defect}");
        }
        let homeless = account(with(an_account(), "app_id", json!(""))).unwrap_err();
        assert!(homeless.contains("app_id"), "{homeless}");
    }

    #[test]
    fn a_key_of_something_else_names_nothing() {
        for parts in [
            vec!["u-1"],
            vec!["group", "g"],
            vec!["user", "a", "b"],
            vec![],
        ] {
            assert_eq!(named(&ExternalKey::new(&parts)), None, "{parts:?}");
        }
    }

    /// Any JSON, a few levels deep.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..4).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(value in any_json(), text in ".*", name in 0usize..8) {
            let _ = user(value.clone());
            let _ = account(value.clone());
            let names = ["id", "app_id", "status", "last_login", "email", "custom_attributes", "sources", "account_type"];
            for payload in [a_user(), an_account()] {
                let odd = with(payload.clone(), names[name], value.clone());
                let _ = (user(odd.clone()), account(odd));
                let odd = with(payload, names[name], json!(text.clone()));
                let _ = (user(odd.clone()), account(odd));
            }
            let _ = named(&ExternalKey::from_stored(text));
        }
    }
}
