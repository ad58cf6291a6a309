use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::adapters::contract::Trouble;
use crate::domain::AccountKind;

fn settings() -> Settings {
    Settings::parse(&json!({ "base_url": "https://luna.example" })).unwrap()
}

fn new_account() -> NewAccount {
    NewAccount {
        operation_id: Uuid::nil(),
        login: Some("Ops@Example.org".to_owned()),
        email: None,
        display_name: Some("Ops team".to_owned()),
        given_name: None,
        family_name: None,
        kind: None,
        password: Some("s3cret-pass".into()),
        attributes: Map::new(),
        entitlements: Vec::new(),
    }
}

fn attributes(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[track_caller]
fn refused<T>(result: Result<T, AdapterError>, trouble: Trouble, pointer: &str) {
    let error = result.err().expect("it should be refused");
    assert_eq!(error.trouble, trouble, "{error}");
    assert_eq!(error.pointer.as_deref(), Some(pointer), "{error}");
}

#[test]
fn a_draft_has_defaults_and_a_lower_case_login() {
    let settings = settings();
    let new = new_account();
    let draft = draft(&settings, &new).unwrap();
    assert_eq!(draft.login, "ops@example.org");
    assert_eq!(draft.account_type, "user");
    assert_eq!(draft.description, Some("Ops team"));
}

#[test]
fn login_or_email_is_enough_and_both_must_agree() {
    let settings = settings();
    let mut new = new_account();
    new.login = None;
    new.email = Some("ops@example.org".to_owned());
    assert_eq!(draft(&settings, &new).unwrap().login, "ops@example.org");
    new.login = Some("OPS@example.org".to_owned());
    assert!(draft(&settings, &new).is_ok());
    new.login = Some("other@example.org".to_owned());
    refused(draft(&settings, &new), Trouble::Invalid, "/login");
    new.login = None;
    new.email = None;
    refused(draft(&settings, &new), Trouble::Invalid, "/login");
}

#[test]
fn the_login_pattern_is_the_documented_one() {
    for taken in ["a@b.co", "o'brien_1+x.y-z@host9.org", "A@B.CO"] {
        assert!(login(Some(taken), None).is_ok(), "{taken}");
    }
    for refused_login in [
        "",
        "a",
        "a@b",
        "a@b.c",
        "a@my-co.com",
        "a@sub.b.co",
        "ä@b.co",
        "a b@c.de",
        "@b.co",
        "a@b.co\n",
        "a@b.c0m",
    ] {
        refused(login(Some(refused_login), None), Trouble::Invalid, "/login");
        refused(login(None, Some(refused_login)), Trouble::Invalid, "/email");
    }
    let long = format!("{}@b.co", "a".repeat(124));
    refused(login(Some(&long), None), Trouble::Invalid, "/login");
    let error = login(Some("a@my-co.com"), None).unwrap_err();
    assert!(error.message.contains("not representable at this vendor"));
}

#[test]
fn nothing_is_dropped_silently() {
    let settings = settings();
    let with = |change: fn(&mut NewAccount)| {
        let mut new = new_account();
        change(&mut new);
        draft(&settings, &new).map(drop)
    };
    let unsupported = Trouble::Unsupported;
    refused(
        with(|new| new.given_name = Some("Ada".into())),
        unsupported,
        "/given_name",
    );
    refused(
        with(|new| new.family_name = Some("Lind".into())),
        unsupported,
        "/family_name",
    );
    refused(
        with(|new| new.kind = Some(AccountKind::Service)),
        unsupported,
        "/kind",
    );
    refused(
        with(|new| new.attributes = attributes(json!({ "a/b~c": 1 }))),
        unsupported,
        "/attributes/a~1b~0c",
    );
    assert!(with(|new| new.kind = Some(AccountKind::Unknown)).is_ok());
}

#[test]
fn limits_are_counted_in_characters() {
    let settings = settings();
    let mut new = new_account();
    new.display_name = Some("é".repeat(128));
    assert!(draft(&settings, &new).is_ok());
    new.display_name = Some("é".repeat(129));
    refused(draft(&settings, &new), Trouble::Invalid, "/display_name");
    new.display_name = None;
    for password in [Some("ab".to_owned()), Some("x".repeat(129)), None] {
        new.password = password.map(Into::into);
        refused(draft(&settings, &new), Trouble::Invalid, "/password");
    }
}

#[test]
fn the_account_type_is_one_of_three() {
    let settings = settings();
    let mut new = new_account();
    new.attributes = attributes(json!({ "account_type": "admin" }));
    assert_eq!(draft(&settings, &new).unwrap().account_type, "admin");
    new.attributes = attributes(json!({ "account_type": null }));
    assert_eq!(draft(&settings, &new).unwrap().account_type, "user");
    for wrong in [json!("root"), json!(1), json!("Admin")] {
        new.attributes = attributes(json!({ "account_type": wrong }));
        refused(
            draft(&settings, &new),
            Trouble::Invalid,
            "/attributes/account_type",
        );
    }
}

#[test]
fn a_draft_does_not_show_its_password() {
    let settings = settings();
    let new = new_account();
    assert!(!format!("{:?}", draft(&settings, &new).unwrap()).contains("s3cret"));
}

#[test]
fn an_edit_needs_something_that_luna_can_change() {
    let edit_of = |change: AccountChange| edit(&change).map(drop);
    refused(edit_of(AccountChange::default()), Trouble::Invalid, "");
    refused(
        edit_of(AccountChange {
            login: Some(None),
            ..AccountChange::default()
        }),
        Trouble::Invalid,
        "/login",
    );
    refused(
        edit_of(AccountChange {
            family_name: Some(None),
            ..AccountChange::default()
        }),
        Trouble::Unsupported,
        "/family_name",
    );
    refused(
        edit_of(AccountChange {
            attributes: attributes(json!({ "account_type": null })),
            ..AccountChange::default()
        }),
        Trouble::Invalid,
        "/attributes/account_type",
    );
}

#[test]
fn a_reading_shows_a_change_field_by_field() {
    let known = super::super::convert::record(json!({
        "account_id": "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11",
        "login": "ops@example.org", "account_type": "user", "description": "ops"
    }))
    .unwrap();
    let change = AccountChange {
        login: Some(Some("Dev@example.org".to_owned())),
        display_name: Some(None),
        attributes: attributes(json!({ "account_type": "admin" })),
        ..AccountChange::default()
    };
    let wanted = edit(&change).unwrap();
    assert!(!wanted.is_shown_by(&known));
    let after = wanted.applied_to(&known);
    assert!(wanted.is_shown_by(&after));
    assert_eq!(after.email.as_deref(), Some("dev@example.org"));
    assert_eq!(after.display_name, None);
    assert_eq!(
        wanted.replaces(&known),
        json!({ "login": "ops@example.org", "display_name": "ops", "account_type": "user" })
    );

    let password = AccountChange {
        password: Some("canary-pass".into()),
        ..AccountChange::default()
    };
    let wanted = edit(&password).unwrap();
    assert!(!wanted.is_shown_by(&known), "no reading shows a password");
    assert!(!wanted.is_contradicted_by(&known));
    assert_eq!(wanted.replaces(&known), json!({}));
}
