//! From our words to the vendor's: what a caller asks for, checked before anything is sent. Pure.

use std::sync::LazyLock;

use regex::Regex;
use uuid::Uuid;

use super::convert::{self, Key};
use crate::adapters::contract::{AdapterError, refusals};
use crate::domain::{EntitlementRecord, NewAccount};

const VENDOR: &str = "Lightelligence";

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^\s@/\\\x00-\x1f]+@[^\s@/\\\x00-\x1f]+$").expect("the pattern is fixed")
});

/// What an invite keeps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Draft {
    /// The address to invite: all that it keeps of a person. Lower-cased, for it is looked for again.
    pub(super) email: String,
    /// The roles that it offers, by id and name; empty where the setting decides.
    pub(super) roles: Vec<(Uuid, String)>,
}

/// What a caller asks for, as an invite to this tenant.
pub(super) fn draft(new: &NewAccount, tenant: Uuid) -> Result<Draft, AdapterError> {
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
    Ok(Draft {
        email: address.to_lowercase(),
        roles: roles(entitlements, tenant)?,
    })
}

/// The roles among what a new account shall hold, each once; an invite can offer nothing else.
fn roles(
    entitlements: &[EntitlementRecord],
    tenant: Uuid,
) -> Result<Vec<(Uuid, String)>, AdapterError> {
    let mut roles: Vec<(Uuid, String)> = Vec::new();
    let tenant = convert::tenant_key(tenant);
    for (index, entitlement) in entitlements.iter().enumerate() {
        let pointer = format!("/entitlement_ids/{index}");
        let Some(Key::Role(id)) = convert::key(&entitlement.external_key) else {
            return Err(AdapterError::unsupported(
                &pointer,
                "Lightelligence invites to roles only: choose one that has this permission",
            ));
        };
        if entitlement.resource_key.as_ref() != Some(&tenant) {
            return Err(AdapterError::invalid(
                &pointer,
                "this is a role of another tenant than the connection's: choose one of its own",
            ));
        }
        if roles.iter().all(|(known, _)| *known != id) {
            roles.push((id, entitlement.name.clone()));
        }
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::contract::Trouble;
    use crate::domain::AccountKind;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn drafted(new: &NewAccount) -> Result<Draft, AdapterError> {
        draft(new, TENANT)
    }

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
        assert_eq!(drafted(&bare()).unwrap().email, "new.one@example.test");
        let by_login = NewAccount {
            login: bare().email,
            email: None,
            ..bare()
        };
        assert_eq!(drafted(&by_login).unwrap().email, "new.one@example.test");
        let both = NewAccount {
            login: Some("new.one@EXAMPLE.test".to_owned()),
            ..bare()
        };
        assert_eq!(drafted(&both).unwrap().email, "new.one@example.test");
        let other = NewAccount {
            login: Some("somebody@example.test".to_owned()),
            ..bare()
        };
        assert_eq!(
            drafted(&other).unwrap_err().pointer.as_deref(),
            Some("/login")
        );
        for address in ["no-mail", "a@b@c", "a b@c.de", "../x@y.z", ""] {
            let bad = NewAccount {
                email: Some(address.to_owned()),
                ..bare()
            };
            let error = drafted(&bad).unwrap_err();
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
            let error = drafted(&new).unwrap_err();
            assert_eq!(
                (error.trouble, error.pointer.as_deref()),
                (Trouble::Unsupported, Some(pointer))
            );
        }
        assert!(
            drafted(&NewAccount {
                kind: Some(AccountKind::Unknown),
                ..bare()
            })
            .is_ok()
        );
    }

    #[test]
    fn an_invite_offers_each_role_once_and_nothing_but_roles() {
        let role = |n: u128, tenant: Uuid| {
            let raw = json!({ "id": Uuid::from_u128(n), "name": format!("role-{n}") });
            convert::role(tenant, raw).unwrap()
        };
        let with = |entitlements| NewAccount {
            entitlements,
            ..bare()
        };
        let twice = with(vec![role(1, TENANT), role(2, TENANT), role(1, TENANT)]);
        let named = |n: u128| (Uuid::from_u128(n), format!("role-{n}"));
        assert_eq!(drafted(&twice).unwrap().roles, [named(1), named(2)]);
        assert_eq!(drafted(&bare()).unwrap().roles, []);

        let foreign = with(vec![role(1, TENANT), role(2, Uuid::nil())]);
        let raw = json!({ "id": Uuid::from_u128(3), "alias": "tenant:read" });
        let permission = with(vec![convert::permission(raw).unwrap()]);
        for (new, trouble, pointer) in [
            (foreign, Trouble::Invalid, "/entitlement_ids/1"),
            (permission, Trouble::Unsupported, "/entitlement_ids/0"),
        ] {
            let error = drafted(&new).unwrap_err();
            assert_eq!(
                (error.trouble, error.pointer.as_deref()),
                (trouble, Some(pointer))
            );
        }
    }
}
