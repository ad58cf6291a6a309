//! What accounts did, and when they were last used.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;

use super::access::resource_key;
use super::{filled, key};
use crate::adapters::lumos::connector::wire::{FoundActivity, LastActivity};
use crate::domain::{ActivityRecord, ExternalKey, calendar};

/// The one activity that the contract names (§B8); it shows that the account was used.
const LOGIN: &str = "ACCOUNT_LOGIN";

/// One record of a listing. `Err` says in words what is wrong with it.
pub(in super::super) fn activity(item: &Value) -> Result<ActivityRecord, String> {
    // serde's own words repeat values of the item, which may be personal.
    let found: FoundActivity = serde_json::from_value(item.clone()).map_err(|_| {
        "an activity record lacks a field that it must have, or has one of the wrong JSON type"
            .to_owned()
    })?;
    if found.id.is_empty() || found.activity_type.is_empty() {
        return Err("an activity record has an empty `id` or `activity_type`".to_owned());
    }
    let happened_at = moment(&found.timestamp)
        .ok_or_else(|| "an activity record's `timestamp` is no time".to_owned())?;
    let actor = found.actor.and_then(|actor| filled(actor.account_id));
    let targets = found.targets.unwrap_or_default();
    let at = targets.iter().find_map(|target| {
        let entitlement = target.entitlement.as_ref()?;
        let kind = entitlement.resource_type.as_deref()?;
        let id = entitlement.resource_id.as_deref()?;
        (!kind.is_empty() && !id.is_empty()).then(|| resource_key(kind, id))
    });
    let target = targets.iter().find_map(|target| {
        let entitlement = target.entitlement.as_ref();
        let entitlement = entitlement.and_then(|entitlement| entitlement.id.clone());
        filled(target.account_id.clone()).or_else(|| filled(entitlement))
    });
    Ok(ActivityRecord {
        external_key: ExternalKey::new(&[&found.id]),
        happened_at,
        is_use: found.activity_type == LOGIN,
        action: found.activity_type,
        outcome: None,
        account_key: actor.as_deref().map(key),
        actor_email: None,
        actor_name: actor,
        resource_key: at,
        target,
        attributes: found.metadata.unwrap_or_default(),
        raw: item.clone(),
    })
}

/// Whose use it was, and when; `None` for what can't be read, which takes nothing else away.
pub(in super::super) fn last_activity(item: &Value) -> Option<(String, DateTime<Utc>)> {
    let found: Option<LastActivity> = serde_json::from_value(item.clone()).ok();
    let read = found.and_then(|found| Some((found.account_id, moment(&found.happened_at)?)));
    if read.is_none() {
        tracing::warn!(
            vendor = "lumos",
            "A connector's last activity can't be read"
        );
    }
    read
}

/// A time in ISO 8601, by convention only (contract §B7). One without a zone is taken for UTC.
pub(in super::super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return calendar::sensible(time.to_utc());
    }
    let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
    let day = || {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()?
            .and_hms_opt(0, 0, 0)
    };
    calendar::sensible(plain.ok().or_else(day)?.and_utc())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_login_reads_as_documented() {
        let item = json!({
            "id": "act-1", "activity_type": "ACCOUNT_LOGIN", "timestamp": "2026-03-01T10:00:00+01:00",
            "actor": {"account_id": "00u1"}, "metadata": {"client": "browser"},
            "targets": [{"account_id": null, "entitlement":
                {"id": "member", "type": "workspace_role", "resource_id": "1", "resource_type": "workspace"}}]
        });
        let record = activity(&item).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["act-1"]"#);
        assert_eq!(record.happened_at.to_rfc3339(), "2026-03-01T09:00:00+00:00");
        assert_eq!(record.account_key, Some(key("00u1")));
        assert_eq!(record.resource_key, Some(resource_key("workspace", "1")));
        assert_eq!(
            (record.target.as_deref(), record.is_use),
            (Some("member"), true)
        );
        let mut other = item;
        other["activity_type"] = "PASSWORD_RESET".into();
        other["targets"] = Value::Null;
        let record = activity(&other).unwrap();
        assert_eq!((record.resource_key, record.is_use), (None, false));
        other["timestamp"] = "yesterday".into();
        assert!(activity(&other).is_err());
    }

    #[test]
    fn times_are_read_in_every_usual_spelling() {
        for text in [
            "2026-03-01T10:00:00Z",
            "2026-03-01T10:00:00.000",
            "2026-03-01 10:00:00",
            "2026-03-01T12:00:00+02:00",
        ] {
            assert_eq!(
                moment(text).unwrap().to_rfc3339(),
                "2026-03-01T10:00:00+00:00",
                "{text}"
            );
        }
        assert!(moment("2026-03-01").is_some());
        assert_eq!(moment("1772359200"), None);
    }
}
