//! From our words to Luna's: what a caller asks for, checked before anything is sent. Pure.

use std::sync::LazyLock;

use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::settings::{ACCOUNT_TYPES, Settings};
use super::types;
use crate::adapters::contract::{AdapterError, refusals};
use crate::domain::{AccountChange, AccountRecord, EntitlementRecord, NewAccount};

const VENDOR: &str = "Luna";

/// The logins that Luna takes (§3). Upper case, hyphenated domains and sub-domains are not among them.
static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9_'+\-.]+@[a-z0-9]+\.[a-z]{2,}$").expect("the pattern is fixed")
});

/// A new account that Luna can represent.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) login: String,
    pub(super) password: &'a SecretString,
    pub(super) account_type: &'a str,
    pub(super) description: Option<&'a str>,
}

/// A change that Luna can represent; at least one field is there.
#[derive(Debug)]
pub(super) struct Edit<'a> {
    pub(super) login: Option<String>,
    pub(super) password: Option<&'a SecretString>,
    pub(super) account_type: Option<&'a str>,
    /// Empty text where the description shall be removed.
    pub(super) description: Option<&'a str>,
}

/// Checks a new account.
pub(super) fn draft<'a>(
    settings: &'a Settings,
    new: &'a NewAccount,
) -> Result<Draft<'a>, AdapterError> {
    let NewAccount {
        operation_id: _,
        login: wanted_login,
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
    refuse_names(given_name.is_some(), family_name.is_some())?;
    let login = login(wanted_login.as_deref(), email.as_deref())?.ok_or_else(|| {
        AdapterError::invalid(
            "/login",
            "Luna needs a login, or an e-mail address that becomes it",
        )
    })?;
    let password = password.as_ref().ok_or_else(|| {
        AdapterError::invalid("/password", "Luna needs a password for a new account")
    })?;
    check_password(password)?;
    let account_type = first_type(account_type(attributes)?.flatten(), entitlements)?;
    Ok(Draft {
        login,
        password,
        account_type: account_type.unwrap_or(&settings.default_account_type),
        description: display_name.as_deref().map(description).transpose()?,
    })
}

/// Checks a change.
pub(super) fn edit(change: &AccountChange) -> Result<Edit<'_>, AdapterError> {
    let AccountChange {
        login: wanted_login,
        email,
        display_name,
        given_name,
        family_name,
        password,
        attributes,
    } = change;
    refuse_names(given_name.is_some(), family_name.is_some())?;
    for (pointer, field) in [("/login", wanted_login), ("/email", email)] {
        if matches!(field, Some(None)) {
            return Err(AdapterError::invalid(
                pointer,
                "at Luna the login is the e-mail address, and an account can't be without one",
            ));
        }
    }
    if let Some(password) = password {
        check_password(password)?;
    }
    let account_type = match account_type(attributes)? {
        Some(None) => {
            return Err(AdapterError::invalid(
                "/attributes/account_type",
                "an account at Luna always has a type",
            ));
        }
        given => given.flatten(),
    };
    let edit = Edit {
        login: login(
            wanted_login.as_ref().and_then(Option::as_deref),
            email.as_ref().and_then(Option::as_deref),
        )?,
        password: password.as_ref(),
        account_type,
        description: display_name
            .as_ref()
            .map(|text| description(text.as_deref().unwrap_or_default()))
            .transpose()?,
    };
    match edit {
        Edit {
            login: None,
            password: None,
            account_type: None,
            description: None,
        } => Err(AdapterError::invalid("", "there is nothing to change")),
        edit => Ok(edit),
    }
}

impl Edit<'_> {
    /// Whether a reading shows every changed field as asked; a password is never shown.
    pub(super) fn is_shown_by(&self, read: &AccountRecord) -> bool {
        self.password.is_none() && !self.is_contradicted_by(read)
    }

    /// Whether a reading shows another value than asked for.
    pub(super) fn is_contradicted_by(&self, read: &AccountRecord) -> bool {
        let differs = |wanted: Option<&str>, shown: Option<&str>| {
            wanted.is_some_and(|wanted| wanted != shown.unwrap_or_default())
        };
        differs(self.login.as_deref(), read.login.as_deref())
            || differs(self.description, read.display_name.as_deref())
            || differs(self.account_type, shown_type(read))
    }

    /// The account as this change leaves it, for when it can't be read again.
    pub(super) fn applied_to(&self, known: &AccountRecord) -> AccountRecord {
        let mut record = known.clone();
        if let Some(login) = &self.login {
            record.login = Some(login.clone());
            record.email = Some(login.clone());
        }
        if let Some(text) = self.description {
            record.display_name = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
        if let Some(word) = self.account_type {
            record
                .attributes
                .insert("account_type".to_owned(), word.into());
        }
        record
    }

    /// The values that are about to be replaced, for the ledger.
    pub(super) fn replaces(&self, known: &AccountRecord) -> Value {
        let mut before = Map::new();
        if self.login.is_some() {
            before.insert("login".to_owned(), known.login.as_deref().into());
        }
        if self.description.is_some() {
            before.insert(
                "display_name".to_owned(),
                known.display_name.as_deref().into(),
            );
        }
        if self.account_type.is_some() {
            before.insert("account_type".to_owned(), shown_type(known).into());
        }
        Value::Object(before)
    }
}

fn shown_type(record: &AccountRecord) -> Option<&str> {
    record
        .attributes
        .get("account_type")
        .and_then(Value::as_str)
}

/// The login, lower-cased: Luna keeps one word for login and e-mail, and takes no upper case (§3).
fn login(login: Option<&str>, email: Option<&str>) -> Result<Option<String>, AdapterError> {
    let Some((pointer, word)) = refusals::one_address(VENDOR, login, email)? else {
        return Ok(None);
    };
    let word = word.to_ascii_lowercase();
    if !(3..=128).contains(&word.len()) || !LOGIN.is_match(&word) {
        return Err(AdapterError::invalid(
            pointer,
            "this login is not representable at this vendor: Luna takes name@domain.tld with a domain of letters and \
             digits only (no hyphen, no sub-domain), a top-level domain of letters, and 3 to 128 characters in all",
        ));
    }
    Ok(Some(word))
}

fn check_password(password: &SecretString) -> Result<(), AdapterError> {
    if (3..=128).contains(&password.expose_secret().chars().count()) {
        return Ok(());
    }
    Err(AdapterError::invalid(
        "/password",
        "Luna takes passwords of 3 to 128 characters",
    ))
}

fn description(text: &str) -> Result<&str, AdapterError> {
    if text.chars().count() <= 128 {
        return Ok(text);
    }
    Err(AdapterError::invalid(
        "/display_name",
        "Luna keeps the display name as its description, which takes at most 128 characters",
    ))
}

fn refuse_names(given: bool, family: bool) -> Result<(), AdapterError> {
    let names = [("/given_name", given), ("/family_name", family)];
    refusals::fields(
        names,
        "Luna keeps no given or family name; use display_name",
    )
}

/// The one type of a new account, by its own field or as an entitlement.
fn first_type<'a>(
    named: Option<&'a str>,
    entitlements: &[EntitlementRecord],
) -> Result<Option<&'a str>, AdapterError> {
    let refuse = |words| Err(AdapterError::unsupported("/entitlement_ids", words));
    let [one] = entitlements else {
        return match entitlements {
            [] => Ok(named),
            _ => refuse("an account at Luna has exactly one type; give one"),
        };
    };
    if named.is_some() {
        return Err(AdapterError::invalid(
            "/attributes/account_type",
            "the type of a new account is given here or in entitlement_ids, not in both",
        ));
    }
    match types::type_word(&one.external_key) {
        Some(word) => Ok(Some(word)),
        None => refuse("a new account at Luna can be given an account type and nothing else"),
    }
}

/// The type among the vendor's own fields. Outer `None`: not named; inner `None`: named and null.
fn account_type(attributes: &Map<String, Value>) -> Result<Option<Option<&str>>, AdapterError> {
    refusals::attributes(VENDOR, attributes, &["account_type"])?;
    match attributes.get("account_type") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(word)) if ACCOUNT_TYPES.contains(&word.as_str()) => Ok(Some(Some(word))),
        Some(_) => Err(AdapterError::invalid(
            "/attributes/account_type",
            format!("Luna's account types are {}", ACCOUNT_TYPES.join(", ")),
        )),
    }
}

#[cfg(test)]
mod tests;
