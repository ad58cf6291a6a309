//! From the main API's words to ours. Pure. Users, accounts and keys here, the other nouns in files of their own.

mod access;
mod activity;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use access::{GIVEN, app, group, member, permission, request};
pub(super) use activity::{identity_event, log};

use super::wire;
use crate::domain::{AccountKind, AccountRecord, AccountStatus, ExternalKey, calendar};

/// What is kept of an account besides our own fields, by the vendor's names.
const ACCOUNT_ATTRIBUTES: [&str; 6] = [
    "account_type",
    "app_id",
    "user_id",
    "sources",
    "discovered_at",
    "last_login",
];

/// A user of the tenant as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(super) fn user(raw: Value) -> Result<AccountRecord, String> {
    let wire::User {
        id,
        email,
        given_name,
        family_name,
        status,
    } = wire::User::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let email = filled(email);
    let (given_name, family_name) = (filled(given_name), filled(family_name));
    Ok(AccountRecord {
        external_key: user_key(&id),
        external_id: id,
        // People sign in to Lumos by their address.
        login: email.clone(),
        email,
        display_name: full_name(given_name.as_deref(), family_name.as_deref()),
        given_name,
        family_name,
        kind: AccountKind::Human,
        status: known(status.as_deref(), user_status).unwrap_or(AccountStatus::Unknown),
        vendor_status: status,
        attributes: attributes(&raw, &["custom_attributes"]),
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        resource_key: None,
        succeeds: None,
        raw,
    })
}

/// An account in one of the tenant's apps as we keep it.
///
/// # Errors
/// As [`user`].
pub(super) fn account(raw: Value) -> Result<AccountRecord, String> {
    let wire::Account {
        id,
        app_id,
        account_type,
        status,
        unique_identifier,
        email,
        last_login,
        last_activity,
    } = wire::Account::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let app_id = usable(app_id).ok_or_else(|| format!("account {id} has no usable `app_id`"))?;
    let seen = |text: Option<String>| text.as_deref().and_then(time);
    Ok(AccountRecord {
        external_key: account_key(&app_id, &id),
        external_id: id,
        login: filled(unique_identifier),
        email: filled(email),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: kind(account_type.as_deref()),
        status: known(status.as_deref(), account_status).unwrap_or(AccountStatus::Unknown),
        vendor_status: status,
        attributes: attributes(&raw, &ACCOUNT_ATTRIBUTES),
        last_activity_at: seen(last_activity).max(seen(last_login)),
        // When Lumos found it is not when it was made.
        created_at: None,
        updated_at: None,
        resource_key: Some(app_key(&app_id)),
        succeeds: None,
        raw,
    })
}

/// The key of a user.
pub(super) fn user_key(id: &str) -> ExternalKey {
    ExternalKey::new(&["user", id])
}

/// The key of an account.
pub(super) fn account_key(app_id: &str, id: &str) -> ExternalKey {
    ExternalKey::new(&["account", app_id, id])
}

/// The key of an app.
pub(super) fn app_key(id: &str) -> ExternalKey {
    ExternalKey::new(&["app", id])
}

/// The key of a requestable permission.
pub(super) fn permission_key(id: &str) -> ExternalKey {
    ExternalKey::new(&["permission", id])
}

/// The key of a group.
pub(super) fn group_key(id: &str) -> ExternalKey {
    ExternalKey::new(&["group", id])
}

/// What a key of ours names, by id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A user.
    User(String),
    /// An account in an app.
    Account,
    /// An app.
    App(String),
    /// A requestable permission.
    Permission(String),
    /// A group.
    Group(String),
}

/// What a key names that one of the functions above made.
pub(super) fn named(key: &ExternalKey) -> Option<Named> {
    match key.parts().as_slice() {
        [noun, _, _] if noun == "account" => Some(Named::Account),
        [noun, id] => match noun.as_str() {
            "user" => Some(Named::User(id.clone())),
            "app" => Some(Named::App(id.clone())),
            "permission" => Some(Named::Permission(id.clone())),
            "group" => Some(Named::Group(id.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn odd() -> String {
    "it is not an object with the documented types".to_owned()
}

/// An id that can stand in a path.
pub(super) fn usable(id: Option<String>) -> Option<String> {
    id.filter(|id| !matches!(id.as_str(), "" | "." | ".."))
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn full_name(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let names: Vec<&str> = given.into_iter().chain(family).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// The status of a word; none for a missing one and one that no document names.
fn known<T>(word: Option<&str>, map: fn(&str) -> Option<T>) -> Option<T> {
    let word = word?;
    let status = map(word);
    if status.is_none() {
        tracing::warn!(vendor = "lumos", word, "Met an unknown status");
    }
    status
}

/// `UserLifecycleStatus` (§A7).
fn user_status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" => Some(AccountStatus::Active),
        "STAGED" => Some(AccountStatus::Pending),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "INACTIVE" => Some(AccountStatus::Inactive),
        _ => None,
    }
}

/// `AccountLifecycleStatus` (§A7). Two of its words say nothing of whether the account may be used.
fn account_status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" | "ACCESS_CREATED" => Some(AccountStatus::Active),
        "STAGED" | "DISCOVERED" => Some(AccountStatus::Pending),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "DEPROVISIONED" | "ARCHIVED" | "MANUALLY_REMOVED" | "ACCESS_REMOVED" => {
            Some(AccountStatus::Deprovisioned)
        }
        "NON_CORPORATE_ACCOUNT" | "WAITING_MANUAL_REMOVAL" => Some(AccountStatus::Unknown),
        _ => None,
    }
}

/// A role is neither a person's nor a machine's: whoever takes it on acts through it.
fn kind(word: Option<&str>) -> AccountKind {
    match word {
        Some("USER") => AccountKind::Human,
        Some("SERVICE") => AccountKind::Service,
        _ => AccountKind::Unknown,
    }
}

/// These members as they came, without nulls.
fn attributes(raw: &Value, names: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| {
        let value = raw.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    };
    names.iter().filter_map(member).collect()
}

/// A time with a zone, or without one: then it is UTC (§A4).
fn time(text: &str) -> Option<DateTime<Utc>> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let time = zoned.or_else(|_| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|time| time.and_utc())
    });
    let time = time.ok().and_then(calendar::sensible);
    if time.is_none() {
        tracing::warn!(vendor = "lumos", "Left out a time that makes no sense");
    }
    time
}

#[cfg(test)]
mod tests;
