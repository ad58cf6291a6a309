use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::adapters::contract::any_json;

fn roles() -> Roles {
    Roles::read(
        vec![
            json!({ "id": 332, "name": "Administrator", "type": "ADMIN", "policies": ["*"] }),
            json!({ "id": 333, "name": "No Privileges", "type": "NO_PRIVILEGES" }),
            json!({ "id": 334, "name": "reviewer", "type": "CUSTOM", "description": "reads" }),
            json!({ "id": 335, "name": "Reviewer", "type": "CUSTOM" }),
            json!({ "name": "Bare" }),
        ],
        "acme",
    )
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_word_means_a_name_or_the_type_of_a_basic_role() {
    let roles = roles();
    let meant = |word: &str| {
        roles
            .called(word)
            .map(|role| role.key().as_str().to_owned())
    };
    for (word, id) in [
        ("ADMIN", "332"),
        ("administrator", "332"),
        ("no privileges", "333"),
        ("NO_PRIVILEGES", "333"),
        ("reviewer", "334"),
        ("Reviewer", "335"),
        ("bare", "name:bare"),
    ] {
        let key = format!(r#"["role","acme","{id}"]"#);
        assert_eq!(meant(word), Some(key), "{word}");
    }
    assert_eq!(
        meant("CUSTOM"),
        None,
        "a type that many roles have means none of them"
    );
    assert_eq!(meant("OWNER"), None);
}

#[test]
fn a_role_becomes_an_entitlement_at_its_domain() {
    let all = roles();
    let record = |word: &str| all.called(word).unwrap().clone().record("acme");
    let admin = record("ADMIN");
    assert_eq!(
        (admin.external_id.as_str(), admin.name.as_str()),
        ("ADMIN", "Administrator")
    );
    assert_eq!(admin.exclusive_group.as_deref(), Some("ADMIN of acme"));
    assert_eq!(admin.resource_key, Some(convert::domain_key("acme")));
    assert_eq!(admin.attributes["policies"], json!(["*"]));
    assert!(admin.assignable && !admin.is_rest);
    let rest = record("NO_PRIVILEGES");
    assert!(!rest.assignable && rest.is_rest);
    let custom = record("reviewer");
    assert_eq!(
        (custom.exclusive_group, custom.description.as_deref()),
        (None, Some("reads"))
    );
    assert!(custom.assignable);
    let owner = owner("acme");
    assert!(!owner.assignable && !owner.is_rest);
}

#[test]
fn what_cannot_be_granted_is_told_in_words() {
    let all = roles();
    let record = |word: &str| all.called(word).unwrap().clone().record("acme");
    assert_eq!(grantable(&record("ADMIN"), "acme"), Ok(()));
    assert!(
        grantable(&record("ADMIN"), "beta")
            .unwrap_err()
            .contains("acme")
    );
    assert!(
        grantable(&owner("acme"), "acme")
            .unwrap_err()
            .contains("one owner")
    );
    assert!(
        grantable(&record("no privileges"), "acme")
            .unwrap_err()
            .contains("NO_PRIVILEGES")
    );
    let mut other = record("ADMIN");
    other.external_key = ExternalKey::new(&["account_type", "user"]);
    assert!(grantable(&other, "acme").is_err());
}

#[test]
fn sets_are_compared_by_what_they_mean() {
    let roles = roles();
    let same = |one: &[&str], other: &[&str]| roles.are_same(&words(one), &words(other));
    assert!(same(&["Administrator"], &["admin"]));
    assert!(same(
        &["reviewer", "bare"],
        &["Bare", "reviewer", "NO_PRIVILEGES"]
    ));
    assert!(same(&[], &["No Privileges"]));
    assert!(
        !same(&["reviewer"], &["Reviewer"]),
        "two roles whose names differ in case"
    );
    assert!(!same(&["reviewer"], &[]));
    assert!(
        same(&["Elsewhere"], &["elsewhere"]),
        "roles that the list lacks count by their word"
    );
}

#[test]
fn a_bad_role_costs_itself_only() {
    let roles = Roles::read(
        vec![
            json!({ "id": 1, "name": "" }),
            json!(7),
            json!({ "id": 1, "name": "one" }),
            json!({ "id": "1", "name": "again" }),
        ],
        "acme",
    );
    assert_eq!(roles.known.len(), 1);
    assert_eq!(roles.defects.len(), 3, "{:?}", roles.defects);
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(raw in any_json(), name in ".*", kind in ".*", word in ".*") {
        let _ = Role::read(raw, "acme");
        let roles = Roles::read(vec![json!({ "name": name, "type": kind })], "acme");
        let _ = roles.called(&word);
        let _ = roles.are_same(std::slice::from_ref(&word), &[name]);
        let _ = domain(&ExternalKey::from_stored(word));
    }
}
