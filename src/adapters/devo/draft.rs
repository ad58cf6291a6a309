//! From our words to Devo's: what a caller asks for, checked before anything is sent. Pure.
//!
//! The patterns are the intended ones: those printed in the vendor's documents lost their asterisks (§4).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::reach::Reach;
use super::roles::{self, ADMIN, NO_PRIVILEGES, OWNER};
use super::settings::Settings;
use crate::adapters::contract::{AdapterError, refusals};
use crate::domain::{AccountChange, AccountRecord, EntitlementRecord, NewAccount};

const VENDOR: &str = "Devo";

static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?(@[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?)?$")
});
static USER_NAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(([a-zA-Z0-9À-ÿ])+([ _'.@-])*)*([a-zA-Z0-9À-ÿ])$"));
/// The documented pattern of custom names allows no `_` at the ends; the basic role NO_PRIVILEGES fits it as well.
static ROLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(([a-zA-Z0-9])+([ _-])*)*([a-zA-Z0-9])$"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\+(?:[0-9] ?){6,14}[0-9]$"));
static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[^\s@/\\\x00-\x1f]+@[^\s@/\\\x00-\x1f]+$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is fixed")
}

/// A new user that Devo can represent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Draft<'a> {
    /// Where the user is to be.
    pub(super) domain: &'a str,
    pub(super) email: String,
    pub(super) user_name: Option<&'a str>,
    pub(super) role: String,
    pub(super) phone: Option<&'a str>,
    /// Makes it an external user.
    pub(super) external_id: Option<&'a str>,
}

impl Draft<'_> {
    /// Whether it is to own the domain.
    pub(super) fn is_owner(&self) -> bool {
        self.role == OWNER
    }

    /// The role that the user is shown with: OWNER is a word of creations only (§4).
    pub(super) fn shown_role(&self) -> &str {
        if self.is_owner() { ADMIN } else { &self.role }
    }
}

/// A change that Devo can represent; at least one field is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit<'a> {
    pub(super) user_name: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
}

/// Checks a new account.
pub(super) fn draft<'a>(
    settings: &'a Settings,
    new: &'a NewAccount,
) -> Result<Draft<'a>, AdapterError> {
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
            "Devo takes no password: a new user sets one through the mail that Devo sends",
        ));
    }
    refuse_names(given_name.is_some(), family_name.is_some())?;
    let role_name = attribute(attributes, "role")?;
    let domain = domain(&settings.reach, attributes)?;
    let draft = Draft {
        domain,
        email: address(login.as_deref(), email.as_deref())?,
        user_name: display_name.as_deref().map(user_name).transpose()?,
        role: first_role(settings, domain, role_name, entitlements)?,
        phone: attribute(attributes, "phone")?.map(phone).transpose()?,
        external_id: attribute(attributes, "externalId")?
            .map(external_id)
            .transpose()?,
    };
    if draft.is_owner() && draft.external_id.is_some() {
        return Err(AdapterError::invalid(
            "/attributes/externalId",
            "a domain's owner is an internal user of Devo's, who has no external id",
        ));
    }
    Ok(draft)
}

/// The domain of a new user: the connection's only one, or that which its creator names.
fn domain<'a>(
    reach: &'a Reach,
    attributes: &'a Map<String, Value>,
) -> Result<&'a str, AdapterError> {
    const FIELDS: [&str; 4] = ["role", "phone", "externalId", "domain"];
    let multitenant = match reach {
        Reach::Domain(name) => {
            refusals::attributes(VENDOR, attributes, &FIELDS[..3])?;
            return Ok(name);
        }
        Reach::Multitenant(name) => name,
    };
    refusals::attributes(VENDOR, attributes, &FIELDS)?;
    let refuse = |words: String| Err(AdapterError::invalid("/attributes/domain", words));
    match attribute(attributes, "domain")? {
        Some(named) if is_domain(named) && reach.covers(named) => Ok(named),
        Some(_) => refuse(format!(
            "this is no domain of {reach}, whose domains are called `name@{multitenant}`"
        )),
        None => refuse(format!(
            "say in which domain of {reach} the user is to be: `name@{multitenant}`"
        )),
    }
}

/// Checks a change of the account as we know it.
pub(super) fn edit<'a>(
    known: &AccountRecord,
    change: &'a AccountChange,
) -> Result<Edit<'a>, AdapterError> {
    let AccountChange {
        login,
        email,
        display_name,
        given_name,
        family_name,
        password,
        attributes,
    } = change;
    refuse_names(given_name.is_some(), family_name.is_some())?;
    if password.is_some() {
        return Err(AdapterError::unsupported(
            "/password",
            "Devo takes no password: users set their own",
        ));
    }
    for (pointer, wanted) in [("/login", login), ("/email", email)] {
        let Some(wanted) = wanted else { continue };
        let wanted = wanted.as_deref().unwrap_or_default();
        if wanted.to_lowercase() != known.external_id.to_lowercase() {
            return Err(AdapterError::unsupported(
                pointer,
                "Devo knows a user by the e-mail address, which can't be changed: make a new account and delete this one",
            ));
        }
    }
    if attributes.contains_key("role") || attributes.contains_key("roleList") {
        let name = if attributes.contains_key("role") {
            "role"
        } else {
            "roleList"
        };
        return Err(AdapterError::unsupported(
            &format!("/attributes/{name}"),
            "roles are not changed together with the account's fields",
        ));
    }
    refusals::attributes(VENDOR, attributes, &["phone"])?;
    let user_name = match display_name {
        Some(None) => {
            return Err(AdapterError::invalid(
                "/display_name",
                "a user name at Devo can't be made empty",
            ));
        }
        Some(Some(name)) => Some(user_name(name)?),
        None => None,
    };
    let phone = match attributes.get("phone") {
        None => None,
        Some(_) => Some(match attribute(attributes, "phone")? {
            Some(number) => phone(number)?,
            None => {
                return Err(AdapterError::invalid(
                    "/attributes/phone",
                    "a phone number at Devo can be replaced, not removed",
                ));
            }
        }),
    };
    if user_name.is_none() && phone.is_none() {
        return Err(AdapterError::invalid("", "there is nothing to change"));
    }
    Ok(Edit { user_name, phone })
}

impl Edit<'_> {
    /// Whether a reading shows every changed field as asked.
    pub(super) fn is_shown_by(&self, read: &AccountRecord) -> bool {
        (self.user_name.is_none() || self.user_name == read.display_name.as_deref())
            && (self.phone.is_none() || self.phone == shown_phone(read))
    }

    /// Whether a reading shows another value than asked for. The phone is not in every reading (§4).
    pub(super) fn is_contradicted_by(&self, read: &AccountRecord) -> bool {
        let differs = |wanted: Option<&str>, shown: Option<&str>| matches!((wanted, shown), (Some(wanted), Some(shown)) if wanted != shown);
        differs(self.user_name, read.display_name.as_deref())
            || differs(self.phone, shown_phone(read))
    }

    /// The account as this change leaves it, for when it can't be read again.
    pub(super) fn applied_to(&self, known: &AccountRecord) -> AccountRecord {
        let mut record = known.clone();
        if let Some(name) = self.user_name {
            record.display_name = Some(name.to_owned());
        }
        if let Some(number) = self.phone {
            record.attributes.insert("phone".to_owned(), number.into());
        }
        record
    }
}

fn shown_phone(record: &AccountRecord) -> Option<&str> {
    record.attributes.get("phone").and_then(Value::as_str)
}

/// Whether this is the name of a domain, with or without its multitenant.
pub(super) fn is_domain(name: &str) -> bool {
    DOMAIN.is_match(name)
}

/// A role that a user may be given at any time, basic ones in the documented upper case.
pub(super) fn role(name: &str, pointer: &str) -> Result<String, AdapterError> {
    if is_owner(name) {
        return Err(AdapterError::invalid(
            pointer,
            "OWNER would make the user the owner of the domain, who can't be deleted again; the gateway does not do that",
        ));
    }
    if !ROLE.is_match(name) {
        return Err(AdapterError::invalid(
            pointer,
            "a role's name at Devo has letters, digits, spaces, `_` and `-`, and begins and ends with a letter or digit; \
             exactly one can be named here",
        ));
    }
    let basic = [ADMIN, NO_PRIVILEGES]
        .into_iter()
        .find(|basic| name.eq_ignore_ascii_case(basic));
    Ok(basic.unwrap_or(name).to_owned())
}

fn is_owner(role: &str) -> bool {
    role.eq_ignore_ascii_case(OWNER)
}

/// The one role of a new user: the creation names exactly one (§4). Making an owner takes the multitenant's key and somebody
/// who asks for it in so many words.
fn first_role(
    settings: &Settings,
    domain: &str,
    named: Option<&str>,
    entitlements: &[EntitlementRecord],
) -> Result<String, AdapterError> {
    let refuse = |words: &str| Err(AdapterError::unsupported("/entitlement_ids", words));
    match (named, entitlements) {
        (None, []) => Ok(settings.default_role.clone()),
        (Some(name), []) if is_owner(name) && matches!(settings.reach, Reach::Multitenant(_)) => {
            Ok(OWNER.to_owned())
        }
        (Some(name), []) => role(name, "/attributes/role"),
        (Some(_), _) => Err(AdapterError::invalid(
            "/attributes/role",
            "the role of a new user is given here or in entitlement_ids, not in both",
        )),
        (None, [one]) => match roles::grantable(one, domain) {
            Ok(()) => role(&one.external_id, "/entitlement_ids"),
            Err(words) => refuse(&words),
        },
        (None, _) => {
            refuse("Devo takes exactly one role with a new user; grant the others afterwards")
        }
    }
}

/// The address, lower-cased: it is the user's key here, and readings must find it again as it was sent.
fn address(login: Option<&str>, email: Option<&str>) -> Result<String, AdapterError> {
    let Some((pointer, word)) = refusals::one_address(VENDOR, login, email)? else {
        return Err(AdapterError::invalid(
            "/email",
            "Devo needs an e-mail address, which is the login as well",
        ));
    };
    if word.len() > 254 || !EMAIL.is_match(word) {
        return Err(AdapterError::invalid(
            pointer,
            "this is not an e-mail address, which Devo needs",
        ));
    }
    Ok(word.to_lowercase())
}

fn user_name(name: &str) -> Result<&str, AdapterError> {
    if USER_NAME.is_match(name) {
        return Ok(name);
    }
    Err(AdapterError::invalid(
        "/display_name",
        "a user name at Devo has letters (A to Z, and those with Western European accents), digits, spaces and _ ' . @ -, and begins \
         and ends with a letter or digit",
    ))
}

fn phone(number: &str) -> Result<&str, AdapterError> {
    if PHONE.is_match(number) {
        return Ok(number);
    }
    Err(AdapterError::invalid(
        "/attributes/phone",
        "a phone number at Devo is a `+`, then 7 to 15 digits, with single spaces between them if wanted",
    ))
}

fn external_id(id: &str) -> Result<&str, AdapterError> {
    if !id.trim().is_empty() {
        return Ok(id);
    }
    Err(AdapterError::invalid(
        "/attributes/externalId",
        "an external id can't be empty",
    ))
}

fn refuse_names(given: bool, family: bool) -> Result<(), AdapterError> {
    let names = [("/given_name", given), ("/family_name", family)];
    refusals::fields(
        names,
        "Devo keeps one name for a user, not a given and a family name; use display_name",
    )
}

/// One of the vendor's own fields; null and missing alike.
fn attribute<'a>(
    attributes: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, AdapterError> {
    match attributes.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(AdapterError::invalid(
            &format!("/attributes/{name}"),
            "this field is text",
        )),
    }
}

#[cfg(test)]
mod tests;
