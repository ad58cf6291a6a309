//! From Luna's words to ours. Pure.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::wire;
use crate::domain::{AccountKind, AccountRecord, AccountStatus, ExternalKey, calendar};

/// An account as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(super) fn record(mut raw: Value) -> Result<AccountRecord, String> {
    let wire::Account {
        account_id,
        login,
        account_type,
        description,
        create_time,
        last_update_time,
    } = wire::Account::deserialize(&raw)
        .map_err(|_| "it is not an object with the documented types".to_owned())?;
    let id = account_id
        .and_then(|id| Uuid::parse_str(&id).ok())
        .ok_or("it has no usable `account_id`")?;
    let login = login
        .filter(|login| !login.is_empty())
        .ok_or_else(|| format!("account {id} has no `login`"))?;
    // The contract says that a password never comes back; should it, it goes no further.
    if let Some(payload) = raw.as_object_mut() {
        payload.remove("password");
    }
    let mut attributes = Map::new();
    if let Some(account_type) = account_type {
        attributes.insert("account_type".to_owned(), Value::String(account_type));
    }
    Ok(AccountRecord {
        external_key: key(id),
        external_id: id.to_string(),
        email: Some(login.clone()),
        login: Some(login),
        display_name: description.filter(|text| !text.is_empty()),
        given_name: None,
        family_name: None,
        kind: AccountKind::Unknown,
        status: AccountStatus::Active,
        vendor_status: None,
        attributes,
        last_activity_at: None,
        created_at: create_time.as_deref().and_then(time),
        updated_at: last_update_time.as_deref().and_then(time),
        raw,
        resource_key: None,
        succeeds: None,
    })
}

/// The key of the account with this id.
pub(super) fn key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[&id.to_string()])
}

/// The id in a key that [`key`] made.
pub(super) fn id(key: &ExternalKey) -> Option<Uuid> {
    match key.parts().as_slice() {
        [id] => Uuid::parse_str(id).ok(),
        _ => None,
    }
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text).ok();
    let time = parsed.and_then(|time| calendar::sensible(time.to_utc()));
    if time.is_none() {
        tracing::warn!(vendor = "luna", "Left out a time that is not RFC 3339");
    }
    time
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";

    fn full() -> Value {
        json!({
            "account_id": ID,
            "login": "ops@example.org",
            "account_type": "advanced_user",
            "description": "ops team",
            "create_time": "2031-05-02T07:08:09.123Z",
            "last_update_time": "2031-05-02T08:00:00.000Z",
            "a_field_of_a_later_version": [1, 2]
        })
    }

    #[test]
    fn an_account_keeps_everything_that_luna_says() {
        let record = record(full()).unwrap();
        assert_eq!(record.external_key.as_str(), format!("[\"{ID}\"]"));
        assert_eq!(id(&record.external_key).unwrap().to_string(), ID);
        assert_eq!(record.external_id, ID);
        assert_eq!(record.login.as_deref(), Some("ops@example.org"));
        assert_eq!(record.email, record.login);
        assert_eq!(record.display_name.as_deref(), Some("ops team"));
        assert_eq!(record.kind, AccountKind::Unknown);
        assert_eq!(record.status, AccountStatus::Active);
        assert_eq!(record.vendor_status, None);
        assert_eq!(record.attributes["account_type"], "advanced_user");
        let created = record.created_at.unwrap();
        assert_eq!(created.timestamp_millis() % 1000, 123);
        assert_eq!(record.raw, full());
    }

    #[test]
    fn null_absent_and_empty_read_alike() {
        let bare = record(json!({ "account_id": ID, "login": "a@b.co" })).unwrap();
        let nulls = record(json!({
            "account_id": ID, "login": "a@b.co", "account_type": null, "description": "",
            "create_time": null, "last_update_time": null
        }))
        .unwrap();
        assert_eq!(bare.display_name, None);
        assert_eq!(
            AccountRecord {
                raw: Value::Null,
                ..bare
            },
            AccountRecord {
                raw: Value::Null,
                ..nulls
            }
        );
    }

    #[test]
    fn a_password_never_reaches_the_payload_that_we_keep() {
        let mut payload = full();
        payload["password"] = json!("canary");
        assert!(!format!("{:?}", record(payload).unwrap()).contains("canary"));
    }

    #[test]
    fn what_has_no_id_or_login_is_a_defect_in_words() {
        for (payload, words) in [
            (json!({ "login": "a@b.co" }), "account_id"),
            (
                json!({ "account_id": "../x", "login": "a@b.co" }),
                "account_id",
            ),
            (json!({ "account_id": ID }), "login"),
            (json!({ "account_id": 7, "login": "a@b.co" }), "documented"),
            (json!(null), "documented"),
            (json!("text"), "documented"),
        ] {
            let defect = record(payload.clone()).unwrap_err();
            assert!(defect.contains(words), "{payload}: {defect}");
        }
    }

    #[test]
    fn a_time_that_makes_no_sense_costs_only_the_time() {
        let mut payload = full();
        payload["create_time"] = json!("yesterday");
        let record = record(payload).unwrap();
        assert_eq!(record.created_at, None);
        assert!(record.updated_at.is_some());
    }
}
