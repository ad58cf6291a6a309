//! What was done in Lumos, and what changed of people.

use serde::Deserialize;
use serde_json::Value;

use super::{attributes, filled, full_name, odd, time, usable, user_key};
use crate::adapters::lumos::main_api::wire;
use crate::domain::{ActivityRecord, ExternalKey};

/// What is kept of a log besides our own fields.
const LOG_ATTRIBUTES: [&str; 4] = [
    "event_type_user_friendly",
    "actor",
    "targets",
    "event_metadata",
];
/// What is kept of a change.
const EVENT_ATTRIBUTES: [&str; 3] = ["changed_field", "old_field_value", "new_field_value"];

/// An entry of the activity log as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn log(raw: Value) -> Result<ActivityRecord, String> {
    let wire::ActivityLog {
        event_hash,
        event_type,
        outcome,
        event_began_at,
        actor,
        targets,
    } = wire::ActivityLog::deserialize(&raw).map_err(|_| odd())?;
    let hash = filled(event_hash).ok_or("it has no `event_hash`")?;
    let action = filled(event_type).ok_or("it has no `event_type`")?;
    let happened_at = event_began_at.as_deref().and_then(time);
    let happened_at = happened_at.ok_or("it has no usable `event_began_at`")?;
    let outcome = filled(outcome);
    let said = |thing: &Value, name: &str| filled(thing[name].as_str().map(str::to_owned));
    let (given, family) = (said(&actor, "given_name"), said(&actor, "family_name"));
    let user = usable(said(&actor, "id"));
    let target = said(&targets[0], "name").or_else(|| said(&targets[0], "target_type"));
    Ok(ActivityRecord {
        external_key: ExternalKey::new(&["log", &hash]),
        happened_at,
        is_use: is_sign_in(&action) && outcome.as_deref().is_none_or(is_success),
        action,
        outcome,
        account_key: user.as_deref().map(user_key),
        actor_email: said(&actor, "email"),
        actor_name: full_name(given.as_deref(), family.as_deref()),
        resource_key: None,
        target,
        attributes: attributes(&raw, &LOG_ATTRIBUTES),
        raw,
    })
}

/// Whether somebody came in: a type one of whose words is `LOGIN`, or that says that somebody is logged or signed in. No document
/// lists the types, and everything else that people do in Lumos may be done for them by rules and tokens.
fn is_sign_in(kind: &str) -> bool {
    let kind = kind.to_ascii_uppercase();
    let words: Vec<&str> = kind.split(['_', '.', ' ']).collect();
    words.contains(&"LOGIN")
        || words
            .windows(2)
            .any(|pair| matches!(pair, ["LOGGED" | "SIGNED", "IN"]))
}

/// The vendor says `Succeeded`; the case and the tense are not to be relied on.
fn is_success(outcome: &str) -> bool {
    outcome.to_ascii_lowercase().starts_with("succe")
}

/// A changed field of a user as we keep it. Nobody says who changed it, so it is nobody's use of anything.
///
/// # Errors
/// As [`log`].
pub(in super::super) fn identity_event(raw: Value) -> Result<ActivityRecord, String> {
    let wire::IdentityEvent {
        id,
        user_id,
        detected_time,
        changed_field,
    } = wire::IdentityEvent::deserialize(&raw).map_err(|_| odd())?;
    let id = filled(id).ok_or("it has no `id`")?;
    let happened_at = detected_time.as_deref().and_then(time);
    let happened_at = happened_at.ok_or("it has no usable `detected_time`")?;
    let field = filled(changed_field).ok_or("it has no `changed_field`")?;
    Ok(ActivityRecord {
        external_key: ExternalKey::new(&["identity_event", &id]),
        happened_at,
        action: format!("identity.{field}"),
        outcome: None,
        account_key: None,
        actor_email: None,
        actor_name: None,
        resource_key: None,
        target: filled(user_id),
        is_use: false,
        attributes: attributes(&raw, &EVENT_ATTRIBUTES),
        raw,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn a_log() -> Value {
        json!({
            "event_hash": "5f0c", "event_type": "SOD_POLICY_DELETED", "event_type_user_friendly": "A user deleted a policy",
            "outcome": "Succeeded", "event_began_at": "2031-03-12T16:09:14", "event_metadata": {},
            "actor": { "actor_type": "Lumos user", "email": "ada.lind@example.org", "given_name": "Ada", "family_name": "Lind" },
            "targets": [{ "name": "No admins", "target_type": "SOD Policy" }]
        })
    }

    fn an_event() -> Value {
        json!({
            "id": "e-1", "user_id": "u-1", "detected_time": "2031-03-12T16:09:14Z", "changed_field": "team",
            "old_field_value": null, "new_field_value": "core"
        })
    }

    fn with(mut payload: Value, name: &str, value: Value) -> Value {
        payload[name] = value;
        payload
    }

    #[test]
    fn a_log_keeps_what_lumos_says() {
        let record = log(a_log()).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["log","5f0c"]"#);
        assert_eq!(record.happened_at.to_rfc3339(), "2031-03-12T16:09:14+00:00");
        assert_eq!(record.action, "SOD_POLICY_DELETED");
        assert_eq!(record.outcome.as_deref(), Some("Succeeded"));
        assert_eq!(record.actor_email.as_deref(), Some("ada.lind@example.org"));
        assert_eq!(record.actor_name.as_deref(), Some("Ada Lind"));
        assert_eq!((record.account_key, record.is_use), (None, false));
        assert_eq!(record.target.as_deref(), Some("No admins"));
        assert_eq!(record.attributes["actor"]["actor_type"], "Lumos user");
        let known = with(a_log(), "actor", json!({ "id": "u-1" }));
        assert_eq!(log(known).unwrap().account_key, Some(user_key("u-1")));
    }

    #[test]
    fn only_coming_in_is_use_and_only_when_it_worked() {
        for (kind, outcome, is_use) in [
            ("USER_LOGGED_IN", json!("Succeeded"), true),
            ("user.login", json!("SUCCESS"), true),
            ("SIGNED_IN_WITH_OKTA", Value::Null, true),
            ("USER_LOGGED_IN", json!("Failed"), false),
            ("USER_LOGGED_OUT", json!("Succeeded"), false),
            ("LOGINS_EXPORTED", json!("Succeeded"), false),
            ("ACCESS_REQUEST_CREATED", json!("Succeeded"), false),
        ] {
            let payload = with(a_log(), "event_type", json!(kind));
            let record = log(with(payload, "outcome", outcome)).unwrap();
            assert_eq!(record.is_use, is_use, "{kind}");
        }
    }

    #[test]
    fn a_change_of_a_person_is_about_them_and_by_nobody() {
        let record = identity_event(an_event()).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["identity_event","e-1"]"#);
        assert_eq!(record.action, "identity.team");
        assert_eq!(record.target.as_deref(), Some("u-1"));
        assert_eq!((record.account_key, record.is_use), (None, false));
        assert_eq!(record.attributes["new_field_value"], "core");
        assert!(!record.attributes.contains_key("old_field_value"));
    }

    #[test]
    fn what_has_no_key_or_no_time_is_a_defect_that_names_the_field() {
        for (name, value) in [
            ("event_hash", json!("")),
            ("event_type", Value::Null),
            ("event_began_at", Value::Null),
            ("event_began_at", json!("yesterday")),
        ] {
            let defect = log(with(a_log(), name, value)).unwrap_err();
            assert!(defect.contains(name), "{defect}");
        }
        for name in ["id", "detected_time", "changed_field"] {
            let defect = identity_event(with(an_event(), name, Value::Null)).unwrap_err();
            assert!(defect.contains(name), "{defect}");
        }
    }
}
