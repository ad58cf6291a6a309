//! From our words to the vendor's: what a caller asks for, checked before anything is sent. Pure.

use std::sync::LazyLock;

use regex::Regex;

use crate::adapters::contract::{AdapterError, refusals};
use crate::domain::NewAccount;

const VENDOR: &str = "Lightelligence";

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^\s@/\\\x00-\x1f]+@[^\s@/\\\x00-\x1f]+$").expect("the pattern is fixed")
});

/// The address to invite: all that an invite keeps of a person. Lower-cased, for it is looked for again.
pub(super) fn draft(new: &NewAccount) -> Result<String, AdapterError> {
    let NewAccount {
        operation_id: _,
        login,
        email,
        display_name,
        given_name,
        family_name,
        kind,
        password,
        attributes,
        entitlements,
    } = new;
    refusals::kind(VENDOR, *kind)?;
    refusals::entitlements(VENDOR, entitlements)?;
    if password.is_some() {
        return Err(AdapterError::unsupported(
            "/password",
            "Lightelligence takes no password: whoever is invited has a login or registers one",
        ));
    }
    let names = [
        ("/display_name", display_name.is_some()),
        ("/given_name", given_name.is_some()),
        ("/family_name", family_name.is_some()),
    ];
    refusals::fields(
        names,
        "Lightelligence invites an address; the name is what the person gave at the registration",
    )?;
    refusals::attributes(VENDOR, attributes, &[])?;
    let (pointer, address) = refusals::one_address(VENDOR, login.as_deref(), email.as_deref())?
        .ok_or_else(|| {
            AdapterError::invalid(
                "/email",
                "Lightelligence needs an e-mail address, to which it sends the invite",
            )
        })?;
    if address.len() > 254 || !EMAIL.is_match(address) {
        return Err(AdapterError::invalid(
            pointer,
            "this is not an e-mail address, which Lightelligence needs",
        ));
    }
    Ok(address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::adapters::contract::Trouble;
    use crate::domain::AccountKind;

    fn bare() -> NewAccount {
        NewAccount {
            operation_id: Uuid::nil(),
            login: None,
            email: Some("New.One@Example.test".to_owned()),
            display_name: None,
            given_name: None,
            family_name: None,
            kind: None,
            password: None,
            attributes: serde_json::Map::new(),
            entitlements: Vec::new(),
        }
    }

    #[test]
    fn one_address_is_enough_and_two_must_agree() {
        assert_eq!(draft(&bare()).unwrap(), "new.one@example.test");
        let by_login = NewAccount {
            login: bare().email,
            email: None,
            ..bare()
        };
        assert_eq!(draft(&by_login).unwrap(), "new.one@example.test");
        let both = NewAccount {
            login: Some("new.one@EXAMPLE.test".to_owned()),
            ..bare()
        };
        assert_eq!(draft(&both).unwrap(), "new.one@example.test");
        let other = NewAccount {
            login: Some("somebody@example.test".to_owned()),
            ..bare()
        };
        assert_eq!(
            draft(&other).unwrap_err().pointer.as_deref(),
            Some("/login")
        );
        for address in ["no-mail", "a@b@c", "a b@c.de", "../x@y.z", ""] {
            let bad = NewAccount {
                email: Some(address.to_owned()),
                ..bare()
            };
            let error = draft(&bad).unwrap_err();
            assert_eq!(
                (error.trouble, error.pointer.as_deref()),
                (Trouble::Invalid, Some("/email")),
                "{address}"
            );
        }
    }

    #[test]
    fn what_an_invite_can_not_keep_is_refused_by_its_pointer() {
        let name = || Some("Ada".to_owned());
        for (new, pointer) in [
            (
                NewAccount {
                    display_name: name(),
                    ..bare()
                },
                "/display_name",
            ),
            (
                NewAccount {
                    given_name: name(),
                    ..bare()
                },
                "/given_name",
            ),
            (
                NewAccount {
                    family_name: name(),
                    ..bare()
                },
                "/family_name",
            ),
            (
                NewAccount {
                    password: Some("x".into()),
                    ..bare()
                },
                "/password",
            ),
            (
                NewAccount {
                    kind: Some(AccountKind::Service),
                    ..bare()
                },
                "/kind",
            ),
            (
                NewAccount {
                    attributes: json!({ "a/b": 1 }).as_object().unwrap().clone(),
                    ..bare()
                },
                "/attributes/a~1b",
            ),
        ] {
            let error = draft(&new).unwrap_err();
            assert_eq!(
                (error.trouble, error.pointer.as_deref()),
                (Trouble::Unsupported, Some(pointer))
            );
        }
        assert!(
            draft(&NewAccount {
                kind: Some(AccountKind::Unknown),
                ..bare()
            })
            .is_ok()
        );
    }
}
