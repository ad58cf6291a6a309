use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::adapters::contract::Trouble;
use crate::domain::AccountKind;

fn settings() -> Settings {
    Settings::parse(&json!({ "base_url": "https://devo.example/probio", "domain": "acme@parent" }))
        .unwrap()
}

fn of_multitenant() -> Settings {
    Settings::parse(&json!({ "base_url": "https://devo.example/probio", "multitenant": "parent" }))
        .unwrap()
}

fn new_account() -> NewAccount {
    NewAccount {
        operation_id: Uuid::nil(),
        login: None,
        email: Some("Ada@Example.test".to_owned()),
        display_name: Some("Ada".to_owned()),
        given_name: None,
        family_name: None,
        kind: None,
        password: None,
        attributes: Map::new(),
        entitlements: Vec::new(),
    }
}

fn known() -> AccountRecord {
    super::super::convert::record(
        json!({ "email": "Ada@example.test", "userName": "Ada", "status": "active" }),
        "acme@parent",
    )
    .unwrap()
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
fn a_draft_has_defaults_and_a_lower_case_address() {
    let settings = settings();
    let mut new = new_account();
    let plain = Draft {
        domain: "acme@parent",
        email: "ada@example.test".to_owned(),
        user_name: Some("Ada"),
        role: "NO_PRIVILEGES".to_owned(),
        phone: None,
        external_id: None,
    };
    assert_eq!(draft(&settings, &new).unwrap(), plain);
    new.attributes = attributes(json!({ "role": null, "phone": null, "externalId": null }));
    assert_eq!(draft(&settings, &new).unwrap(), plain);
    new.attributes =
        attributes(json!({ "role": "admin", "phone": "+34 600 000 000", "externalId": "i" }));
    let full = draft(&settings, &new).unwrap();
    assert_eq!(full.role, "ADMIN");
    assert_eq!(
        (full.phone, full.external_id),
        (Some("+34 600 000 000"), Some("i"))
    );
}

#[test]
fn login_or_email_is_enough_and_both_must_agree() {
    let settings = settings();
    let mut new = new_account();
    new.login = Some("ADA@example.test".to_owned());
    assert!(draft(&settings, &new).is_ok());
    new.login = Some("bob@example.test".to_owned());
    refused(draft(&settings, &new), Trouble::Invalid, "/login");
    new.email = None;
    assert_eq!(draft(&settings, &new).unwrap().email, "bob@example.test");
    new.login = None;
    refused(draft(&settings, &new), Trouble::Invalid, "/email");
    for wrong in ["", "ada", "@x", "a@", "a b@c", "a@b@c", "../a@b", "a@b\n"] {
        new.email = Some(wrong.to_owned());
        refused(draft(&settings, &new), Trouble::Invalid, "/email");
    }
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
        with(|new| new.password = Some("canary".into())),
        unsupported,
        "/password",
    );
    refused(
        with(|new| new.given_name = Some("Ada".into())),
        unsupported,
        "/given_name",
    );
    refused(
        with(|new| new.family_name = Some("L".into())),
        unsupported,
        "/family_name",
    );
    refused(
        with(|new| new.kind = Some(AccountKind::Human)),
        unsupported,
        "/kind",
    );
    refused(
        with(|new| new.attributes = attributes(json!({ "team/x": 1 }))),
        unsupported,
        "/attributes/team~1x",
    );
}

#[test]
fn the_owner_is_never_made_by_us() {
    for word in ["OWNER", "owner", "Owner"] {
        refused(
            role(word, "/attributes/role"),
            Trouble::Invalid,
            "/attributes/role",
        );
    }
    assert_eq!(role("no_privileges", "").unwrap(), "NO_PRIVILEGES");
    assert_eq!(role("Reviewer 2-b", "").unwrap(), "Reviewer 2-b");
    for wrong in ["", " a", "a,b", "a ", "ä", "_a", "a/b"] {
        assert!(role(wrong, "").is_err(), "{wrong:?}");
    }
}

#[test]
fn the_intended_patterns_hold() {
    for taken in ["A", "Ada", "Ana María O'Neill-Ruiz", "a.b@c", "X 1"] {
        assert!(user_name(taken).is_ok(), "{taken}");
    }
    for wrong in ["", " Ada", "Ada ", "Ada!", "Łukasz", "Ada\n", "-a"] {
        assert!(user_name(wrong).is_err(), "{wrong:?}");
    }
    for taken in ["+1234567", "+34 600 000 000", "+123456789012345"] {
        assert!(phone(taken).is_ok(), "{taken}");
    }
    for wrong in [
        "",
        "34600000000",
        "+123456",
        "+1234567890123456",
        "+34  600000000",
        "+34600000000 ",
    ] {
        assert!(phone(wrong).is_err(), "{wrong:?}");
    }
    for taken in ["a", "acme", "ac-me_2@parent"] {
        assert!(is_domain(taken), "{taken}");
    }
    for wrong in ["", "1a", "acme-", "@parent", "a@b@c", "a/b", ".."] {
        assert!(!is_domain(wrong), "{wrong}");
    }
}

#[test]
fn a_long_name_is_judged_in_linear_time() {
    let name = format!("{}!", "a b".repeat(20_000));
    let start = std::time::Instant::now();
    assert!(user_name(&name).is_err());
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn an_edit_needs_something_that_devo_can_change() {
    let known = known();
    let with = |change: AccountChange| edit(&known, &change).map(drop);
    let default = AccountChange::default;
    refused(with(default()), Trouble::Invalid, "");
    let same = Some(Some("ada@EXAMPLE.test".to_owned()));
    refused(
        with(AccountChange {
            email: same,
            ..default()
        }),
        Trouble::Invalid,
        "",
    );
    let other = Some(Some("bob@example.test".to_owned()));
    refused(
        with(AccountChange {
            email: other,
            ..default()
        }),
        Trouble::Unsupported,
        "/email",
    );
    refused(
        with(AccountChange {
            login: Some(None),
            ..default()
        }),
        Trouble::Unsupported,
        "/login",
    );
    refused(
        with(AccountChange {
            display_name: Some(None),
            ..default()
        }),
        Trouble::Invalid,
        "/display_name",
    );
    for (fields, trouble, pointer) in [
        (
            json!({ "role": "ADMIN" }),
            Trouble::Unsupported,
            "/attributes/role",
        ),
        (
            json!({ "roleList": [] }),
            Trouble::Unsupported,
            "/attributes/roleList",
        ),
        (
            json!({ "externalId": "x" }),
            Trouble::Unsupported,
            "/attributes/externalId",
        ),
        (
            json!({ "phone": null }),
            Trouble::Invalid,
            "/attributes/phone",
        ),
        (json!({ "phone": 7 }), Trouble::Invalid, "/attributes/phone"),
    ] {
        let change = AccountChange {
            attributes: attributes(fields),
            ..default()
        };
        refused(with(change), trouble, pointer);
    }
}

#[test]
fn a_reading_shows_a_change_field_by_field() {
    let known = known();
    let change = AccountChange {
        display_name: Some(Some("Ada L".to_owned())),
        attributes: attributes(json!({ "phone": "+1234567" })),
        ..AccountChange::default()
    };
    let wanted = edit(&known, &change).unwrap();
    assert!(!wanted.is_shown_by(&known) && wanted.is_contradicted_by(&known));
    let mut after = wanted.applied_to(&known);
    assert!(wanted.is_shown_by(&after) && !wanted.is_contradicted_by(&after));
    after.attributes.remove("phone");
    assert!(!wanted.is_shown_by(&after), "a missing phone is not shown");
    assert!(!wanted.is_contradicted_by(&after), "nor is it another one");
}

#[test]
fn a_new_user_begins_with_one_role() {
    let settings = settings();
    let roles = roles::Roles::read(
        vec![
            json!({ "id": 1, "name": "Administrator", "type": "ADMIN" }),
            json!({ "id": 2, "name": "No Privileges", "type": "NO_PRIVILEGES" }),
            json!({ "id": 3, "name": "reviewer", "type": "CUSTOM" }),
        ],
        "acme@parent",
    );
    let role = |word: &str| roles.called(word).unwrap().clone().record("acme@parent");
    let with = |entitlements: Vec<EntitlementRecord>| NewAccount {
        entitlements,
        ..new_account()
    };
    let drafted = |new: &NewAccount| draft(&settings, new).map(|draft| draft.role);
    assert_eq!(drafted(&with(vec![role("reviewer")])).unwrap(), "reviewer");
    assert_eq!(drafted(&with(vec![role("ADMIN")])).unwrap(), "ADMIN");
    let at = "/entitlement_ids";
    for wrong in [
        vec![role("reviewer"), role("ADMIN")],
        vec![role("NO_PRIVILEGES")],
        vec![roles::owner("acme@parent")],
        vec![roles::owner("beta@parent")],
    ] {
        refused(drafted(&with(wrong)), Trouble::Unsupported, at);
    }
    let mut both = with(vec![role("reviewer")]);
    both.attributes = attributes(json!({ "role": "ADMIN" }));
    refused(drafted(&both), Trouble::Invalid, "/attributes/role");
}

/// A new account with these attributes.
fn given(fields: Value) -> NewAccount {
    NewAccount {
        attributes: attributes(fields),
        ..new_account()
    }
}

#[test]
fn a_user_of_a_multitenant_needs_a_domain_of_it() {
    let settings = of_multitenant();
    for name in ["acme@parent", "parent"] {
        let new = given(json!({ "domain": name }));
        assert_eq!(draft(&settings, &new).unwrap().domain, name);
    }
    let at = "/attributes/domain";
    for wrong in [
        json!({}),
        json!({ "domain": null }),
        json!({ "domain": 7 }),
        json!({ "domain": "acme" }),
        json!({ "domain": "acme@other" }),
        json!({ "domain": "../x@parent" }),
    ] {
        refused(draft(&settings, &given(wrong)), Trouble::Invalid, at);
    }
    let only = self::settings();
    let named = given(json!({ "domain": "acme@parent" }));
    refused(draft(&only, &named), Trouble::Unsupported, at);
}

#[test]
fn an_owner_is_made_in_a_multitenant_by_those_who_say_so() {
    let settings = of_multitenant();
    let owner = given(json!({ "domain": "acme@parent", "role": "Owner" }));
    let drafted = draft(&settings, &owner).unwrap();
    assert!(drafted.is_owner());
    assert_eq!(
        (drafted.role.as_str(), drafted.shown_role()),
        (OWNER, ADMIN)
    );
    let external = given(json!({ "domain": "acme@parent", "role": "OWNER", "externalId": "x" }));
    let at = "/attributes/externalId";
    refused(draft(&settings, &external), Trouble::Invalid, at);
    let only = self::settings();
    let owner = given(json!({ "role": "OWNER" }));
    refused(draft(&only, &owner), Trouble::Invalid, "/attributes/role");
}

#[test]
fn a_new_user_begins_with_a_role_of_its_own_domain() {
    let settings = of_multitenant();
    let raw = json!({ "id": 3, "name": "reviewer", "type": "CUSTOM" });
    let role = roles::Role::read(raw, "beta@parent").unwrap();
    let with = |domain: &str| NewAccount {
        attributes: attributes(json!({ "domain": domain })),
        entitlements: vec![role.clone().record("beta@parent")],
        ..new_account()
    };
    let drafted = with("beta@parent");
    assert_eq!(draft(&settings, &drafted).unwrap().role, "reviewer");
    let (drafted, at) = (with("acme@parent"), "/entitlement_ids");
    refused(draft(&settings, &drafted), Trouble::Unsupported, at);
}
