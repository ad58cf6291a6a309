//! Refusals that several vendors have in common: nothing that a caller says is dropped silently.

use serde_json::{Map, Value};

use super::AdapterError;
use crate::domain::{AccountKind, EntitlementRecord};

/// Refuses to be told whether an account is a person's or a service's, at a vendor that does not keep it.
///
/// # Errors
/// Names `/kind`.
pub fn kind(vendor: &str, kind: Option<AccountKind>) -> Result<(), AdapterError> {
    match kind {
        None | Some(AccountKind::Unknown) => Ok(()),
        Some(AccountKind::Human | AccountKind::Service) => Err(AdapterError::unsupported(
            "/kind",
            format!(
                "{vendor} does not keep whether an account is a person's or a service's; leave it out"
            ),
        )),
    }
}

/// Refuses the first of these fields that is given.
///
/// # Errors
/// Names it.
pub fn fields<const N: usize>(given: [(&str, bool); N], words: &str) -> Result<(), AdapterError> {
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((pointer, _)) => Err(AdapterError::unsupported(pointer, words)),
        None => Ok(()),
    }
}

/// Refuses entitlements for a new account, at a vendor that can't be given any with it.
///
/// # Errors
/// Names `/entitlement_ids`.
pub fn entitlements(vendor: &str, given: &[EntitlementRecord]) -> Result<(), AdapterError> {
    if given.is_empty() {
        return Ok(());
    }
    Err(AdapterError::unsupported(
        "/entitlement_ids",
        format!("{vendor} takes no entitlements with a new account; grant them afterwards"),
    ))
}

/// Refuses the vendor's own fields other than those that it can be given.
///
/// # Errors
/// Names the first of them.
pub fn attributes(
    vendor: &str,
    given: &Map<String, Value>,
    known: &[&str],
) -> Result<(), AdapterError> {
    let Some(name) = given.keys().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let takes = match known {
        [] => "it takes none".to_owned(),
        known => format!("it takes {}", known.join(", ")),
    };
    Err(AdapterError::unsupported(
        &pointer("/attributes", name),
        format!("{vendor} can't be given this field here; {takes}"),
    ))
}

/// The pointer of a member of the object at `at`.
pub fn pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The one word of an account whose login is its e-mail, with the pointer of the field that says it.
///
/// # Errors
/// When both are given and differ by more than their case.
pub fn one_address<'a>(
    vendor: &str,
    login: Option<&'a str>,
    email: Option<&'a str>,
) -> Result<Option<(&'static str, &'a str)>, AdapterError> {
    match (login, email) {
        (None, None) => Ok(None),
        (Some(login), Some(email)) if login.to_lowercase() != email.to_lowercase() => {
            Err(AdapterError::invalid(
                "/login",
                format!(
                    "at {vendor} the login is the e-mail address, so both must agree; one of them is enough"
                ),
            ))
        }
        (_, Some(email)) => Ok(Some(("/email", email))),
        (Some(login), None) => Ok(Some(("/login", login))),
    }
}
