//! Groups, bundles, and permissions on resources; and who is in a group.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{filled, members, read, resource_key, time, usable};
use crate::adapters::apono::wire;
use crate::domain::{
    Bounds, EntitlementKind, EntitlementRecord, ExternalKey, GrantRecord, ThingStatus,
};

const GROUP_PART: &str = "group";
const BUNDLE_PART: &str = "bundle";

/// What a key of ours names. A permission on a resource is named by both ids and nothing else.
#[derive(Debug, PartialEq)]
pub(in super::super) enum EntitlementKey {
    /// A group by its id.
    Group(String),
    /// A bundle by its id.
    Bundle(String),
    /// A permission on a resource.
    Pair,
}

impl EntitlementKey {
    pub(in super::super) fn read(key: &ExternalKey) -> Option<Self> {
        let parts = key.parts();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts[..] {
            [GROUP_PART, id] => Some(Self::Group(id.to_owned())),
            [BUNDLE_PART, id] => Some(Self::Bundle(id.to_owned())),
            [_, _] => Some(Self::Pair),
            _ => None,
        }
    }
}

/// The key of a permission on a resource, the same whichever list shows it.
fn entitlement_key(resource_id: &str, permission_id: &str) -> Result<ExternalKey, String> {
    // Their keys begin so.
    if [GROUP_PART, BUNDLE_PART].contains(&resource_id) {
        return Err("the `id` of its resource is a word that names something else".to_owned());
    }
    Ok(ExternalKey::new(&[resource_id, permission_id]))
}

fn record(
    key: ExternalKey,
    id: String,
    kind: EntitlementKind,
    name: String,
    raw: Value,
) -> EntitlementRecord {
    EntitlementRecord {
        external_key: key,
        external_id: id,
        kind,
        name,
        description: None,
        resource_key: None,
        assignable: false,
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: Bounds::default(),
        requirements: BTreeMap::new(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Map::new(),
        created_at: None,
        updated_at: None,
        raw,
    }
}

/// The membership of a group as we keep it. Only groups that were made in Apono can be given members: those of a directory are
/// changed there (§7.10).
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn group(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Group { id, name } = read(&raw)?;
    let id = usable(id)?;
    let name = filled(name).unwrap_or_else(|| id.clone());
    Ok(EntitlementRecord {
        assignable: is_own_group(&raw),
        attributes: members(
            &raw,
            &[
                "source_id",
                "source_integration_id",
                "source_integration_name",
            ],
        ),
        ..record(
            ExternalKey::new(&[GROUP_PART, &id]),
            id,
            EntitlementKind::Group,
            name,
            raw,
        )
    })
}

/// Whether a group was made in Apono: such ones have no source.
fn is_own_group(raw: &Value) -> bool {
    [
        "source_id",
        "source_integration_id",
        "source_integration_name",
    ]
    .into_iter()
    .all(|name| matches!(raw.get(name), None | Some(Value::Null)))
}

/// A bundle as we keep it: a set of permissions that is asked for as one.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn bundle(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Bundle {
        id,
        name,
        creation_date,
        update_date,
    } = read(&raw)?;
    let id = usable(id)?;
    let name = filled(name).unwrap_or_else(|| id.clone());
    let mut attributes = members(&raw, &["access_targets"]);
    attributes.insert("type".to_owned(), "bundle".into());
    Ok(EntitlementRecord {
        requestable: true,
        attributes,
        created_at: time(creation_date),
        updated_at: time(update_date),
        ..record(
            ExternalKey::new(&[BUNDLE_PART, &id]),
            id,
            EntitlementKind::Role,
            name,
            raw,
        )
    })
}

/// A permission on a resource that the owner of the personal token may ask for (§7.2).
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn available(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Available {
        integration,
        resource,
        permission,
    } = read(&raw)?;
    let named = |noun: &str, id: Option<String>| {
        usable(id).map_err(|_| format!("its {noun} has no usable `id`"))
    };
    let integration_id = named("integration", integration.unwrap_or_default().id)?;
    let resource_id = named("resource", resource.unwrap_or_default().id)?;
    let permission = permission.unwrap_or_default();
    let permission_id = named("permission", permission.id)?;
    let name = filled(permission.name).unwrap_or_else(|| permission_id.clone());
    Ok(EntitlementRecord {
        requestable: true,
        resource_key: Some(resource_key(&integration_id, &resource_id)),
        attributes: members(&raw, &["integration", "resource", "permission"]),
        ..record(
            entitlement_key(&resource_id, &permission_id)?,
            permission_id,
            EntitlementKind::Permission,
            name,
            raw,
        )
    })
}

/// The same from the inventory (§7.6), which does not tell who may ask for what: `None` where the permission is of another type
/// than the resource, or where the vendor calls the resource deleted.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn inventory_pair(
    integration: &Value,
    resource: &Value,
    permission: &Value,
) -> Result<Option<EntitlementRecord>, String> {
    let wire::Integration {
        id: integration_id, ..
    } = read(integration)?;
    let on: wire::Resource = read(resource)?;
    let allowed: wire::Permission = read(permission)?;
    let is_gone = on.status.unwrap_or_default().status.as_deref() == Some("Deleted");
    if on.kind != allowed.resource_type || is_gone {
        return Ok(None);
    }
    let integration_id = usable(integration_id)?;
    let resource_id = usable(on.id)?;
    let permission_id = usable(allowed.id)?;
    let name = filled(allowed.name).unwrap_or_else(|| permission_id.clone());
    // Shaped as the list of what is available has it.
    let raw = json!({
        "integration": { "id": integration_id, "name": integration["name"] },
        "resource": resource,
        "permission": permission,
    });
    Ok(Some(EntitlementRecord {
        resource_key: Some(resource_key(&integration_id, &resource_id)),
        attributes: members(&raw, &["integration", "resource", "permission"]),
        ..record(
            entitlement_key(&resource_id, &permission_id)?,
            permission_id,
            EntitlementKind::Permission,
            name,
            raw,
        )
    }))
}

/// That an account is a member of a group.
pub(in super::super) fn member(
    account_key: ExternalKey,
    group: &EntitlementRecord,
    email: &str,
) -> GrantRecord {
    let raw = json!({
        "group": { "id": group.external_id, "name": group.name },
        "member": { "email": email },
    });
    GrantRecord::held(account_key, group.external_key.clone(), raw)
}
