//! Integrations, what is in them, and access scopes.

use serde_json::{Value, json};

use super::{filled, members, read, time, usable};
use crate::adapters::apono::wire;
use crate::domain::{ExternalKey, ResourceRecord, ThingStatus};

/// What is kept of an integration besides our own fields, by the vendor's names. Its configuration is not among them.
const INTEGRATION: [&str; 8] = [
    "type",
    "category",
    "connector_id",
    "last_sync_time",
    "connected_resource_types",
    "custom_access_details",
    "owner",
    "owners_mapping",
];

const INTEGRATION_PART: &str = "integration";
const RESOURCE_PART: &str = "resource";
const SCOPE_PART: &str = "access_scope";

/// What a key of ours names.
#[derive(Debug, PartialEq)]
pub(in super::super) enum ResourceKey {
    /// An integration by its id.
    Integration(String),
    /// What is in an integration: the integration's id, and its own.
    Resource(String, String),
    /// An access scope by its id.
    Scope(String),
}

impl ResourceKey {
    pub(in super::super) fn read(key: &ExternalKey) -> Option<Self> {
        let parts = key.parts();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts[..] {
            [INTEGRATION_PART, id] => Some(Self::Integration(id.to_owned())),
            [RESOURCE_PART, integration, id] => {
                Some(Self::Resource(integration.to_owned(), id.to_owned()))
            }
            [SCOPE_PART, id] => Some(Self::Scope(id.to_owned())),
            _ => None,
        }
    }
}

/// The key of a resource in an integration.
pub(in super::super) fn resource_key(integration_id: &str, id: &str) -> ExternalKey {
    ExternalKey::new(&[RESOURCE_PART, integration_id, id])
}

fn integration_key(id: &str) -> ExternalKey {
    ExternalKey::new(&[INTEGRATION_PART, id])
}

/// Whether an integration gives people rather than resources (§4).
pub(in super::super) fn is_source(record: &ResourceRecord) -> bool {
    record.attributes.get("category") == Some(&json!("USER-INFORMATION"))
}

/// An integration as we keep it. Its secrets are not kept, wherever the vendor shows them.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn integration(mut raw: Value) -> Result<ResourceRecord, String> {
    let wire::Integration { id, name, status } = read(&raw)?;
    let id = usable(id)?;
    let vendor_status = filled(status);
    // The values of Apono's own store are secrets, and nobody promises that they come masked (§7.6).
    if let Some(store) = raw.pointer_mut("/secret_store_config/apono") {
        *store = Value::Null;
    }
    Ok(ResourceRecord {
        external_key: integration_key(&id),
        external_id: id,
        parent_key: None,
        kind: "integration".to_owned(),
        name: filled(name),
        description: None,
        status: integration_status(vendor_status.as_deref()),
        vendor_status,
        attributes: members(&raw, &INTEGRATION),
        created_at: None,
        updated_at: None,
        raw,
    })
}

/// The current API promises neither words nor their case (§4).
fn integration_status(word: Option<&str>) -> ThingStatus {
    match word.map(str::to_lowercase).as_deref() {
        None | Some("active" | "connected" | "refreshing" | "warning" | "initializing") => {
            ThingStatus::Active
        }
        Some("error" | "disabled" | "disconnected") => ThingStatus::Inactive,
        Some(_) => unknown("integration"),
    }
}

fn unknown(noun: &str) -> ThingStatus {
    tracing::warn!(
        vendor = "apono",
        "Met a status of an {noun} that is not documented"
    );
    ThingStatus::Unknown
}

/// A resource of an integration as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn resource(
    raw: Value,
    integration_id: &str,
) -> Result<ResourceRecord, String> {
    let wire::Resource {
        id,
        name,
        kind,
        status,
    } = read(&raw)?;
    let id = usable(id)?;
    let status = status.unwrap_or_default();
    let vendor_status = filled(status.status);
    let mut attributes = members(&raw, &["type"]);
    if let Some(message) = filled(status.message) {
        attributes.insert("message".to_owned(), message.into());
    }
    Ok(ResourceRecord {
        external_key: resource_key(integration_id, &id),
        external_id: id,
        parent_key: Some(integration_key(integration_id)),
        kind: kind_of(kind),
        name: filled(name),
        description: None,
        status: match vendor_status.as_deref() {
            None | Some("Active") => ThingStatus::Active,
            Some("Error") => ThingStatus::Inactive,
            Some("Deleted") => ThingStatus::Deleted,
            Some(_) => unknown("inventory's resource"),
        },
        vendor_status,
        attributes,
        created_at: None,
        updated_at: None,
        raw,
    })
}

/// The vendor's type in lower snake case: `postgresql-database` is `postgresql_database`.
fn kind_of(kind: Option<String>) -> String {
    let sign = |sign: char| match sign.is_ascii_alphanumeric() {
        true => sign.to_ascii_lowercase(),
        false => '_',
    };
    let kind: String = kind.unwrap_or_default().chars().map(sign).collect();
    match kind.trim_matches('_') {
        "" => "resource".to_owned(),
        kind => kind.to_owned(),
    }
}

/// An access scope as we keep it: a resource that stands for many.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn access_scope(raw: Value) -> Result<ResourceRecord, String> {
    let wire::Scope {
        id,
        name,
        description,
        creation_date,
        update_date,
    } = read(&raw)?;
    let id = usable(id)?;
    Ok(ResourceRecord {
        external_key: ExternalKey::new(&[SCOPE_PART, &id]),
        external_id: id,
        parent_key: None,
        kind: "access_scope".to_owned(),
        name: filled(name),
        description: filled(description),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: members(&raw, &["query"]),
        created_at: time(creation_date),
        updated_at: time(update_date),
        raw,
    })
}
