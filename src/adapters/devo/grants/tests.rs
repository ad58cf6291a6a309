use super::*;

fn roles() -> Roles {
    Roles::read(
        vec![
            json!({ "id": 1, "name": "Administrator", "type": "ADMIN" }),
            json!({ "id": 2, "name": "No Privileges", "type": "NO_PRIVILEGES" }),
            json!({ "id": 3, "name": "reviewer", "type": "CUSTOM" }),
        ],
        "acme",
    )
}

fn keys(users: Vec<Value>) -> (Vec<String>, Vec<String>) {
    let page = held(users, &roles(), "acme");
    let keys = page.items.iter().map(|grant| {
        format!(
            "{} {}",
            grant.account_key.as_str(),
            grant.entitlement_key.as_str()
        )
    });
    (keys.collect(), page.defects)
}

#[test]
fn users_hold_their_roles_and_no_privileges_is_none() {
    let (held, defects) = keys(vec![
        json!({ "email": "A@b.co", "owner": true, "roleList": ["ADMIN"] }),
        json!({ "email": "c@d.co", "role": "Reviewer,NO_PRIVILEGES,reviewer" }),
        json!({ "email": "e@f.co", "roleList": ["no privileges"] }),
    ]);
    assert_eq!(
        held,
        [
            r#"["acme","a@b.co"] ["role","acme","1"]"#,
            r#"["acme","a@b.co"] ["role","acme","OWNER"]"#,
            r#"["acme","c@d.co"] ["role","acme","3"]"#,
        ]
    );
    assert!(defects.is_empty(), "{defects:?}");
}

#[test]
fn what_cannot_be_told_is_a_defect_in_words() {
    let (held, defects) = keys(vec![
        json!({ "userName": "nobody" }),
        json!({ "email": "a@b.co" }),
        json!({ "email": "c@d.co", "roleList": ["reviewer", "pilot"] }),
        json!({ "email": "C@d.co", "roleList": ["reviewer"] }),
        json!({ "email": "e@f.co", "roleList": [], "owner": null }),
    ]);
    assert_eq!(held.len(), 1);
    let starts = [
        "user 1:",
        "user 2:",
        "user 3 has the role `pilot`",
        "user 4 is listed twice",
        "user 5:",
    ];
    assert_eq!(defects.len(), starts.len());
    for (defect, start) in defects.iter().zip(starts) {
        assert!(defect.starts_with(start), "{defect}");
    }
}

#[test]
fn admin_stays_alone() {
    let roles = roles();
    let check = |word: &str, held: &[&str]| {
        let held: Vec<String> = held.iter().map(|word| (*word).to_owned()).collect();
        check_alone(&roles, roles.called(word).unwrap(), &held)
    };
    assert!(check("ADMIN", &[]).is_ok() && check("reviewer", &["pilot"]).is_ok());
    for (word, held) in [
        ("ADMIN", "reviewer"),
        ("ADMIN", "pilot"),
        ("reviewer", "Administrator"),
    ] {
        let error = check(word, &[held]).unwrap_err();
        assert_eq!(error.trouble, Trouble::Conflict);
        assert!(error.message.contains(held), "{error}");
    }
}
