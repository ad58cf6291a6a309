//! What becomes of what Lumos says.
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
    assert_eq!(record.resource_key, Some(app_key("app-1")));
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
        vec!["role", "g"],
        vec!["user", "a", "b"],
        vec![],
    ] {
        assert_eq!(named(&ExternalKey::new(&parts)), None, "{parts:?}");
    }
}
