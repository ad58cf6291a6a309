//! Strict reading of bodies and ids: what Luna doesn't know it refuses (contract §3 and §4).

use std::sync::LazyLock;

use axum::http::{HeaderMap, header::CONTENT_TYPE};
use regex::Regex;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    errors::Error,
    state::{AccountType, Changes, NewAccount, Password},
};

const LOGIN: &str = r"^[a-z0-9_'\+\-\.]+@[a-z0-9]+\.[a-z]{2,}$";
static LOGIN_PATTERN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(LOGIN).expect("a valid pattern"));
static UUID_PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$")
        .expect("a valid pattern")
});

/// Lower case only, any version.
pub(super) fn uuid(text: &str) -> Result<Uuid, Error> {
    if !UUID_PATTERN.is_match(text) {
        return Err(Error::NotAUuid);
    }
    Uuid::parse_str(text).map_err(|_| Error::NotAUuid)
}

/// The account that `Luna-Account-Id` names (contract §2).
pub(super) fn account_id(headers: &HeaderMap) -> Result<Option<Uuid>, Error> {
    let given = headers.get("luna-account-id");
    given
        .map(|value| uuid(value.to_str().map_err(|_| Error::NotAUuid)?))
        .transpose()
}

pub(super) fn is_login(text: &str) -> bool {
    (3..=128).contains(&text.chars().count()) && LOGIN_PATTERN.is_match(text)
}

/// A JSON object whose fields are taken out one by one.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body; fields outside `known` are refused before anything else is looked at.
    pub(super) fn read(headers: &HeaderMap, body: &[u8], known: &[&str]) -> Result<Self, Error> {
        if body.is_empty() {
            return Err(Error::NoData);
        }
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Error::BadContentType);
        }
        let fields = match serde_json::from_slice(body).map_err(|_| Error::NotJson)? {
            Value::Object(fields) => fields,
            _ => return Err(Error::BadBody("value is not a valid dict".to_owned())),
        };
        if let Some(extra) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Error::field(extra, "extra fields not permitted"));
        }
        Ok(Fields(fields))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whatever is there.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// A string that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Error> {
        self.optional(name)?
            .ok_or_else(|| Error::field(name, "field required"))
    }

    pub(super) fn optional(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Null) => Err(Error::field(name, "none is not an allowed value")),
            Some(_) => Err(Error::field(name, "str type expected")),
        }
    }
}

const ACCOUNT_FIELDS: [&str; 4] = ["login", "password", "account_type", "description"];

pub(super) fn new_account(headers: &HeaderMap, body: &[u8]) -> Result<NewAccount, Error> {
    let mut fields = Fields::read(headers, body, &ACCOUNT_FIELDS)?;
    Ok(NewAccount {
        login: login(fields.required("login")?)?,
        password: Some(password(fields.required("password")?)?),
        account_type: account_type(fields.required("account_type")?)?,
        description: fields
            .optional("description")?
            .map(description)
            .transpose()?
            .unwrap_or_default(),
    })
}

pub(super) fn changes(headers: &HeaderMap, body: &[u8]) -> Result<Changes, Error> {
    let mut fields = Fields::read(headers, body, &ACCOUNT_FIELDS)?;
    if fields.is_empty() {
        return Err(Error::EmptyJson);
    }
    Ok(Changes {
        login: fields.optional("login")?.map(login).transpose()?,
        password: fields.optional("password")?.map(password).transpose()?,
        account_type: fields
            .optional("account_type")?
            .map(account_type)
            .transpose()?,
        description: fields
            .optional("description")?
            .map(description)
            .transpose()?,
    })
}

fn login(text: String) -> Result<String, Error> {
    length("login", &text, 3..=128)?;
    if !is_login(&text) {
        return Err(Error::field(
            "login",
            format!("string does not match regex \"{LOGIN}\""),
        ));
    }
    Ok(text)
}

fn password(text: String) -> Result<Password, Error> {
    length("password", &text, 3..=128)?;
    Ok(Password::new(&text))
}

pub(super) fn description(text: String) -> Result<String, Error> {
    length("description", &text, 0..=128)?;
    Ok(text)
}

fn account_type(text: String) -> Result<AccountType, Error> {
    AccountType::from_word(&text).ok_or_else(|| {
        let permitted = AccountType::ALL
            .map(|kind| format!("'{}'", kind.word()))
            .join(", ");
        Error::field(
            "account_type",
            format!("value is not a valid enumeration member; permitted: {permitted}"),
        )
    })
}

fn length(name: &str, text: &str, allowed: std::ops::RangeInclusive<usize>) -> Result<(), Error> {
    let chars = text.chars().count();
    if chars < *allowed.start() {
        let least = allowed.start();
        return Err(Error::field(
            name,
            format!("ensure this value has at least {least} characters"),
        ));
    }
    if chars > *allowed.end() {
        let most = allowed.end();
        return Err(Error::field(
            name,
            format!("ensure this value has at most {most} characters"),
        ));
    }
    Ok(())
}
