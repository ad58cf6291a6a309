//! What was asked for, as the activity tells it (§7.13).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{filled, members, read};
use crate::adapters::apono::wire;
use crate::domain::{ActivityRecord, ExternalKey, calendar};

const KEPT: [&str; 10] = [
    "request_id",
    "integration",
    "resource_type",
    "resources",
    "permissions",
    "justification",
    "status",
    "trigger_type",
    "access_flow",
    "extension_count",
];

/// A report as we keep it. A request that comes again in another state is another report: all of them have the time at which it
/// was made, for there is no other.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn report(raw: Value) -> Result<ActivityRecord, String> {
    let wire::Report {
        request_id,
        request_date,
        requestor_name,
        requestor_email,
        integration,
        resource_type,
        resources,
        status,
    } = read(&raw)?;
    let happened_at = request_date
        .as_ref()
        .and_then(moment)
        .ok_or("its `request_date` is no time")?;
    let status = filled(status);
    let parts = [integration, resource_type, status.clone()].map(Option::unwrap_or_default);
    let [place, kind, word] = &parts;
    let external_key = match filled(request_id) {
        Some(id) => ExternalKey::new(&[&id, place, kind, word]),
        None => ExternalKey::new(&["hash", &hash(&raw)]),
    };
    let target = resources.unwrap_or_default().join(", ");
    Ok(ActivityRecord {
        external_key,
        happened_at,
        action: "access_request".to_owned(),
        outcome: status,
        account_key: None,
        actor_email: filled(requestor_email),
        actor_name: filled(requestor_name),
        resource_key: None,
        target: filled(Some(target)).or_else(|| filled(Some(place.clone()))),
        is_use: false,
        attributes: members(&raw, &KEPT),
        raw,
    })
}

/// A text in the form of the current API, or the seconds of the legacy one, as a number or a text: the type says nothing (§2).
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => return calendar::sensible(at.to_utc()),
            Err(_) => text.parse().ok()?,
        },
        other => other.as_f64()?,
    };
    // As far as whole microseconds are exact.
    let micros = seconds * 1e6;
    if !micros.is_finite() || micros.abs() > 9e15 {
        return None;
    }
    DateTime::from_timestamp_micros(micros.round() as i64)
}

fn hash(raw: &Value) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, raw.to_string().as_bytes()))
}
