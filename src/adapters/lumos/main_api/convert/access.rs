//! Apps, what can be held in them, and who holds it.

use serde::Deserialize;
use serde_json::Value;

use super::{app_key, attributes, filled, group_key, known, odd, permission_key, usable, user_key};
use crate::adapters::lumos::main_api::wire;
use crate::domain::{
    Bounds, EntitlementKind, EntitlementRecord, ExternalKey, GrantRecord, GrantStatus,
    ResourceRecord, ThingStatus,
};

/// What is kept of an app besides our own fields.
const APP_ATTRIBUTES: [&str; 9] = [
    "app_class_id",
    "instance_id",
    "category",
    "website_url",
    "sources",
    "disconnected",
    "sync_status",
    "allow_multiple_permission_selection",
    "custom_attributes",
];
/// What is kept of a permission.
const PERMISSION_ATTRIBUTES: [&str; 3] = ["type", "app_class_id", "app_instance_id"];
/// What is kept of a group.
const GROUP_ATTRIBUTES: [&str; 3] = [
    "integration_specific_id",
    "group_lifecycle",
    "source_app_id",
];
/// What is kept of a request that gave something.
const REQUEST_ATTRIBUTES: [&str; 3] = ["requested_at", "expires_at", "expiration_in_seconds"];

/// An app of the tenant as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn app(raw: Value) -> Result<ResourceRecord, String> {
    let wire::App {
        id,
        user_friendly_label,
        description,
        status,
        disconnected,
    } = wire::App::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    Ok(ResourceRecord {
        external_key: app_key(&id),
        external_id: id,
        parent_key: None,
        kind: "app".to_owned(),
        name: filled(user_friendly_label),
        description: filled(description),
        status: match disconnected {
            // Only on record any more.
            Some(true) => ThingStatus::Inactive,
            _ => known(status.as_deref(), app_status).unwrap_or(ThingStatus::Unknown),
        },
        vendor_status: status,
        attributes: attributes(&raw, &APP_ATTRIBUTES),
        created_at: None,
        updated_at: None,
        raw,
    })
}

/// `DomainAppStatus` (§A7), which tells how far people are with judging an app; only two of its words put it out of use.
fn app_status(word: &str) -> Option<ThingStatus> {
    match word {
        "DISCOVERED" | "IN_REVIEW" | "NEEDS_REVIEW" | "APPROVED" => Some(ThingStatus::Active),
        "BLOCKLISTED" | "DEPRECATED" => Some(ThingStatus::Inactive),
        _ => None,
    }
}

/// A requestable permission as we keep it. It is asked for, never assigned: Lumos has no call for that (§A4).
///
/// # Errors
/// As [`app`].
pub(in super::super) fn permission(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Permission {
        id,
        label,
        app_id,
        request_config,
    } = wire::Permission::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let app_id = usable(app_id).ok_or_else(|| format!("permission {id} has no usable `app_id`"))?;
    let visibility = request_config.and_then(|config| config.appstore_visibility);
    let mut attributes = attributes(&raw, &PERMISSION_ATTRIBUTES);
    if let Some(visibility) = &visibility {
        attributes.insert("appstore_visibility".to_owned(), visibility.clone().into());
    }
    Ok(EntitlementRecord {
        name: filled(label).unwrap_or_else(|| id.clone()),
        resource_key: Some(app_key(&app_id)),
        // One that is hidden from the AppStore can't be chosen there.
        requestable: visibility.as_deref() != Some("HIDDEN"),
        attributes,
        ..held_thing(permission_key(&id), id, EntitlementKind::Permission, raw)
    })
}

/// The membership of a group as we keep it. Groups come from apps or are Lumos' own; members can't be put in (§A4).
///
/// # Errors
/// As [`app`].
pub(in super::super) fn group(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Group {
        id,
        app_id,
        integration_specific_id,
        name,
        description,
    } = wire::Group::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let name = filled(name).or_else(|| filled(integration_specific_id));
    Ok(EntitlementRecord {
        name: name.unwrap_or_else(|| id.clone()),
        description: filled(description),
        resource_key: usable(app_id).as_deref().map(app_key),
        attributes: attributes(&raw, &GROUP_ATTRIBUTES),
        ..held_thing(group_key(&id), id, EntitlementKind::Group, raw)
    })
}

fn held_thing(
    external_key: ExternalKey,
    external_id: String,
    kind: EntitlementKind,
    raw: Value,
) -> EntitlementRecord {
    EntitlementRecord {
        external_key,
        external_id,
        kind,
        name: String::new(),
        description: None,
        resource_key: None,
        assignable: false,
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: Bounds::default(),
        requirements: Default::default(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Default::default(),
        created_at: None,
        updated_at: None,
        raw,
    }
}

/// A member of a group: a user, as the group's listing shows it.
///
/// # Errors
/// As [`app`].
pub(in super::super) fn member(group: &str, raw: Value) -> Result<GrantRecord, String> {
    let wire::Named { id } = wire::Named::deserialize(&raw).map_err(|_| odd())?;
    let user = usable(id).ok_or("it has no usable `id`")?;
    Ok(GrantRecord::held(user_key(&user), group_key(group), raw))
}

/// What an access request gave: one grant for each of its permissions. One for the app itself gives none, and neither does one
/// that was not provisioned, or was and has ended.
///
/// # Errors
/// As [`app`].
pub(in super::super) fn request(raw: Value) -> Result<Vec<GrantRecord>, String> {
    let wire::AccessRequest {
        id,
        status,
        target_user,
        requestable_permissions,
    } = wire::AccessRequest::deserialize(&raw).map_err(|_| odd())?;
    let id = usable(id).ok_or("it has no usable `id`")?;
    let word = status
        .as_deref()
        .ok_or_else(|| format!("request {id} has no `status`"))?;
    let Some(given) = given(word) else {
        return Ok(Vec::new());
    };
    let user = usable(target_user.and_then(|user| user.id))
        .ok_or_else(|| format!("request {id} has no usable `target_user`"))?;
    let mut attributes = attributes(&raw, &REQUEST_ATTRIBUTES);
    attributes.insert("access_request_id".to_owned(), id.clone().into());
    let permissions = requestable_permissions.into_iter().flatten();
    permissions
        .map(|permission| {
            let permission = usable(permission.id)
                .ok_or_else(|| format!("request {id} has a permission without a usable `id`"))?;
            Ok(GrantRecord {
                status: given,
                vendor_status: status.clone(),
                attributes: attributes.clone(),
                ..GrantRecord::held(user_key(&user), permission_key(&permission), raw.clone())
            })
        })
        .collect()
}

/// The statuses (§A7) by which what was asked for is there, in the order in which they come; whoever lists asks for them.
pub(in super::super) const GIVEN: [&str; 5] = [
    "PROVISIONED",
    "COMPLETED",
    "PENDING_DEPROVISIONING",
    "PENDING_MANUAL_DEPROVISIONING",
    "REVERTING",
];

/// Where a grant of that status stands. Until access is proven to be taken away it is there.
fn given(word: &str) -> Option<GrantStatus> {
    match word {
        "PROVISIONED" | "COMPLETED" => Some(GrantStatus::Active),
        "PENDING_DEPROVISIONING" | "PENDING_MANUAL_DEPROVISIONING" | "REVERTING" => {
            Some(GrantStatus::Revoking)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
