//! The fields of a request body, checked by the intended patterns (contract §4).

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use url::form_urlencoded;

use super::errors::Error;

static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?$").expect("a valid pattern")
});
static USER_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(([a-zA-Z0-9À-ÿ])+([ _'.@-])*)*([a-zA-Z0-9À-ÿ])$").expect("a valid pattern")
});
static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(([a-zA-Z0-9])+([ _-])*)*([a-zA-Z0-9])$").expect("a valid pattern")
});
static PHONE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\+(?:[0-9] ?){6,14}[0-9]$").expect("a valid pattern"));
static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[^\s@]+@[^\s@]+\.[^\s@]+$").expect("a valid pattern"));

/// A body that adds a user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewUser {
    pub(super) domain: String,
    pub(super) user_name: Option<String>,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) phone: Option<String>,
    pub(super) external_id: Option<String>,
}

/// A body that changes a user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) user_name: Option<String>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "present")]
    pub(super) phone: Option<Option<String>>,
}

/// Serde alone reads null and missing alike.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

impl NewUser {
    pub(super) fn read(body: &[u8]) -> Result<Self, Error> {
        let new: NewUser = read(body)?;
        ensure(is_domain(&new.domain), "domain")?;
        ensure(EMAIL.is_match(&new.email), "email")?;
        check_role(&new.role)?;
        check_user_name(new.user_name.as_deref())?;
        check_phone(new.phone.as_deref())?;
        Ok(new)
    }
}

impl Change {
    pub(super) fn read(body: &[u8]) -> Result<Self, Error> {
        let change: Change = read(body)?;
        check_user_name(change.user_name.as_deref())?;
        check_phone(change.phone.as_ref().and_then(Option::as_deref))?;
        Ok(change)
    }
}

/// `name` or `name@multitenant`.
pub(super) fn is_domain(text: &str) -> bool {
    text.splitn(2, '@').all(|part| DOMAIN.is_match(part))
}

/// Whether a new user may skip the mail validation; both spellings of the parameter are about (contract §4).
pub(super) fn skips_validation(query: Option<&str>) -> Result<bool, Error> {
    let mut skips = false;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if ["skipValidation", "skipMailValidation"].contains(&&*name) {
            skips = value
                .parse()
                .map_err(|_| Error::generic(format!("Parameter {name} is not valid")))?;
        }
    }
    Ok(skips)
}

/// The name of a role.
pub(super) fn check_role(name: &str) -> Result<(), Error> {
    ensure(ROLE.is_match(name), "role")
}

fn check_user_name(user_name: Option<&str>) -> Result<(), Error> {
    ensure(
        user_name.is_none_or(|name| USER_NAME.is_match(name)),
        "userName",
    )
}

fn check_phone(phone: Option<&str>) -> Result<(), Error> {
    ensure(phone.is_none_or(|phone| PHONE.is_match(phone)), "phone")
}

pub(super) fn ensure(is_good: bool, field: &str) -> Result<(), Error> {
    if is_good {
        return Ok(());
    }
    Err(Error::generic(format!("Field {field} is not valid")))
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|why| Error::generic(format!("The request body is not valid: {why}")))
}
