//! From the connector's words to ours. Pure.

mod access;
mod activity;
mod non_human;

use serde_json::{Map, Value};

use super::settings::AbsentStatus;
use super::wire::FoundAccount;
use crate::domain::{AccountKind, AccountRecord, AccountStatus, Effect, ExternalKey};

pub(super) use access::{
    Thing, association, custom_attribute, entitlement, resource, resource_key,
};
pub(super) use activity::{activity, last_activity};
pub(super) use non_human::{FIRST_PART as NON_HUMAN, non_human};

/// One account of a listing. `Err` says in words what is wrong with it.
pub(super) fn account(item: &Value, absent: AbsentStatus) -> Result<AccountRecord, String> {
    let found: FoundAccount = FoundAccount::deserialize_from(item)?;
    let id = found.integration_specific_id;
    let given_name = filled(found.given_name);
    let family_name = filled(found.family_name);
    Ok(AccountRecord {
        external_key: key(&id),
        login: filled(found.username),
        email: filled(found.email),
        display_name: full_name(given_name.as_deref(), family_name.as_deref()),
        given_name,
        family_name,
        kind: kind(found.account_type.as_deref()),
        status: status_or(found.user_status.as_deref(), absent),
        vendor_status: found.user_status,
        attributes: attributes(
            [("resource_id", filled(found.resource_id).into())],
            found.extra_data,
            found.custom_attributes,
        ),
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        raw: item.clone(),
        external_id: id,
        resource_key: None,
        succeeds: None,
    })
}

impl FoundAccount {
    fn deserialize_from(item: &Value) -> Result<Self, String> {
        let found: Self = serde::Deserialize::deserialize(item)
            // serde's own words repeat values of the item, which may be personal.
            .map_err(|_| match item.get("integration_specific_id") {
                Some(Value::String(_)) => {
                    "an account has a field of the wrong JSON type".to_owned()
                }
                _ => "an account has no `integration_specific_id`".to_owned(),
            })?;
        if found.integration_specific_id.is_empty() {
            return Err("an account's `integration_specific_id` is empty".into());
        }
        Ok(found)
    }
}

/// The key of an account. For ever: the id is unique within the connection's tenant.
pub(super) fn key(id: &str) -> ExternalKey {
    ExternalKey::new(&[id])
}

/// The connector's status words (contract §B8). `None` when the word is none of them.
pub(super) fn known_status(word: &str) -> Option<AccountStatus> {
    match word {
        "ACTIVE" => Some(AccountStatus::Active),
        "INACTIVE" => Some(AccountStatus::Inactive),
        "SUSPENDED" => Some(AccountStatus::Suspended),
        "DEPROVISIONED" => Some(AccountStatus::Deprovisioned),
        "PENDING" => Some(AccountStatus::Pending),
        "DELETED" => Some(AccountStatus::Deleted),
        _ => None,
    }
}

/// The status that a word names; `absent` decides where there is no word.
pub(super) fn status_or(word: Option<&str>, absent: AbsentStatus) -> AccountStatus {
    let Some(word) = word else {
        return absent.into();
    };
    known_status(word).unwrap_or_else(|| {
        tracing::warn!(
            vendor = "lumos",
            status = word,
            "Unknown account status {word}"
        );
        AccountStatus::Unknown
    })
}

/// Types are lower case where statuses are upper case (contract §B7).
fn kind(word: Option<&str>) -> AccountKind {
    match word {
        Some("user") => AccountKind::Human,
        Some("service") => AccountKind::Service,
        Some(other) => {
            tracing::warn!(
                vendor = "lumos",
                account_type = other,
                "Unknown account type {other}"
            );
            AccountKind::Unknown
        }
        None => AccountKind::Unknown,
    }
}

/// The effect that an execution summary names.
pub(super) fn effect(word: &str) -> Option<Effect> {
    match word {
        "created" => Some(Effect::Created),
        "updated" => Some(Effect::Updated),
        "deleted" => Some(Effect::Deleted),
        "noop" => Some(Effect::Noop),
        other => {
            tracing::warn!(vendor = "lumos", effect = other, "Unknown effect {other}");
            None
        }
    }
}

/// A connector has no name of its own for show: the two names joined.
pub(super) fn full_name(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = given.into_iter().chain(family).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What else the connector says, in one flat object, so that a field reads back under the name it is written with.
/// Where names meet, the custom attribute wins: it was asked for by that name.
fn attributes<const N: usize>(
    own: [(&str, Value); N],
    extra_data: Option<Map<String, Value>>,
    custom_attributes: Option<Map<String, Value>>,
) -> Map<String, Value> {
    own.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(extra_data.unwrap_or_default())
        .chain(custom_attributes.unwrap_or_default())
        .filter(|(_, value)| !value.is_null())
        .collect()
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Value {
        json!({
            "integration_specific_id": "00u1ada", "resource_id": null, "email": "ada@example.com",
            "given_name": "Ada", "family_name": "Lind", "username": "ada", "user_status": "ACTIVE",
            "extra_data": {"department": "R&D", "cost_center": null}, "custom_attributes": {"manager": "bo"},
            "account_type": "user"
        })
    }

    #[test]
    fn an_account_reads_as_documented() {
        let record = account(&ada(), AbsentStatus::Unknown).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["00u1ada"]"#);
        assert_eq!(record.external_id, "00u1ada");
        assert_eq!(record.login.as_deref(), Some("ada"));
        assert_eq!(record.email.as_deref(), Some("ada@example.com"));
        assert_eq!(record.display_name.as_deref(), Some("Ada Lind"));
        assert_eq!(record.kind, AccountKind::Human);
        assert_eq!(record.status, AccountStatus::Active);
        assert_eq!(record.vendor_status.as_deref(), Some("ACTIVE"));
        assert_eq!(
            Value::Object(record.attributes),
            json!({"department": "R&D", "manager": "bo"})
        );
        assert_eq!(record.raw, ada());
    }

    #[test]
    fn null_and_absent_are_alike() {
        let absent = json!({"integration_specific_id": "1"});
        let mut nulls = ada();
        for (name, value) in nulls.as_object_mut().unwrap() {
            *value = if name == "integration_specific_id" {
                "1".into()
            } else {
                Value::Null
            };
        }
        let mut absent = account(&absent, AbsentStatus::Unknown).unwrap();
        let nulls = account(&nulls, AbsentStatus::Unknown).unwrap();
        absent.raw = nulls.raw.clone();
        assert_eq!(absent, nulls);
        assert_eq!(absent.status, AccountStatus::Unknown);
        assert_eq!(absent.kind, AccountKind::Unknown);
    }

    #[test]
    fn a_system_without_states_can_be_told_to_show_active() {
        let item = json!({"integration_specific_id": "1"});
        let record = account(&item, AbsentStatus::Active).unwrap();
        assert_eq!(
            (record.status, record.vendor_status),
            (AccountStatus::Active, None)
        );
    }

    #[test]
    fn an_unknown_status_keeps_its_word() {
        let item = json!({"integration_specific_id": "1", "user_status": "active"});
        let record = account(&item, AbsentStatus::Active).unwrap();
        assert_eq!(record.status, AccountStatus::Unknown);
        assert_eq!(record.vendor_status.as_deref(), Some("active"));
    }

    #[test]
    fn what_has_no_id_is_a_defect_that_repeats_no_value() {
        for item in [
            json!({"email": "ada@example.com"}),
            json!({"integration_specific_id": ""}),
            json!({"integration_specific_id": 7, "email": "ada@example.com"}),
            json!({"integration_specific_id": "1", "email": ["ada@example.com"]}),
            json!("ada@example.com"),
        ] {
            let defect = account(&item, AbsentStatus::Unknown).unwrap_err();
            assert!(!defect.contains("ada"), "{defect}");
        }
    }
}
