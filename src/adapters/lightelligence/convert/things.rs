//! The tenant, its roles, and the platform's permissions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{NO_OBJECT, OWNER, permission_key, role_key, tenant_key, text, time, uuid};
use crate::adapters::lightelligence::wire;
use crate::domain::{
    Bounds, EntitlementKind, EntitlementRecord, ExternalKey, ResourceRecord, ThingStatus,
};

/// The tenant as we keep it. How it pays is nobody's business here.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn tenant(mut raw: Value) -> Result<ResourceRecord, String> {
    let wire::Tenant {
        id,
        name,
        package,
        created_at,
        updated_at,
    } = wire::Tenant::deserialize(&raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    if let Some(members) = raw.as_object_mut() {
        members.remove("payment");
    }
    Ok(ResourceRecord {
        external_key: tenant_key(id),
        external_id: id.to_string(),
        parent_key: None,
        kind: "tenant".to_owned(),
        name: text(name),
        description: None,
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: said([("package", package)]),
        created_at: created_at.as_deref().and_then(time),
        updated_at: updated_at.as_deref().and_then(time),
        raw,
    })
}

/// A role of the tenant as we keep it. How many hold it is told by the grants, and here it would change with each of them.
///
/// # Errors
/// As [`tenant`].
pub(in super::super) fn role(tenant: Uuid, mut raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Role {
        id,
        name,
        display_name,
        description,
        locked,
        permission_ids,
        created_at,
        updated_at,
    } = wire::Role::deserialize(&raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    let name = text(name).ok_or_else(|| format!("the role {id} has no `name`"))?;
    if let Some(members) = raw.as_object_mut() {
        members.remove("usersCount");
    }
    Ok(EntitlementRecord {
        resource_key: Some(tenant_key(tenant)),
        assignable: true,
        attributes: said([
            ("displayName", text(display_name).map(Value::from)),
            ("locked", locked.map(Value::from)),
            ("permissionIds", permission_ids.map(|ids| json!(ids))),
        ]),
        created_at: created_at.as_deref().and_then(time),
        updated_at: updated_at.as_deref().and_then(time),
        ..entitlement(
            EntitlementKind::Role,
            role_key(id),
            id,
            name,
            description,
            raw,
        )
    })
}

/// Whether it is the role `owner`.
pub(in super::super) fn is_role_of_owners(entitlement: &EntitlementRecord) -> bool {
    entitlement.kind == EntitlementKind::Role && entitlement.name == OWNER
}

/// A permission as we keep it: it comes with roles, and is the same in every tenant.
///
/// # Errors
/// As [`tenant`].
pub(in super::super) fn permission(raw: Value) -> Result<EntitlementRecord, String> {
    let wire::Permission {
        id,
        alias,
        category,
        name,
        description,
    } = wire::Permission::deserialize(&raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    let alias = text(alias);
    let name = text(name)
        .or_else(|| alias.clone())
        .ok_or_else(|| format!("the permission {id} has neither `name` nor `alias`"))?;
    Ok(EntitlementRecord {
        attributes: said([
            ("alias", alias.map(Value::from)),
            ("category", text(category).map(Value::from)),
        ]),
        ..entitlement(
            EntitlementKind::Permission,
            permission_key(id),
            id,
            name,
            description,
            raw,
        )
    })
}

/// What roles and permissions have in common.
fn entitlement(
    kind: EntitlementKind,
    external_key: ExternalKey,
    id: Uuid,
    name: String,
    description: Option<String>,
    raw: Value,
) -> EntitlementRecord {
    EntitlementRecord {
        external_key,
        external_id: id.to_string(),
        kind,
        name,
        description: text(description),
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

/// What is said, by the vendor's names.
fn said<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let said = members.into_iter();
    said.filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

#[cfg(test)]
mod tests {

    use super::*;

    const TENANT: Uuid = Uuid::from_u128(7);
    const ID: &str = "44444444-4444-4444-8444-444444444444";

    #[test]
    fn a_role_is_assignable_in_its_tenant() {
        let raw = json!({
            "id": ID, "name": "writer", "displayName": "Writer", "description": "read and write", "locked": true,
            "usersCount": 3, "permissionIds": ["p-1"], "createdAt": "2019-10-01T08:00:00.000Z"
        });
        let record = role(TENANT, raw).unwrap();
        assert_eq!(record.external_key.as_str(), format!("[\"role\",\"{ID}\"]"));
        assert_eq!(record.resource_key, Some(tenant_key(TENANT)));
        assert!(record.assignable && !record.requestable);
        assert_eq!(record.name, "writer");
        assert_eq!(record.description.as_deref(), Some("read and write"));
        assert_eq!(
            Value::Object(record.attributes),
            json!({ "displayName": "Writer", "locked": true, "permissionIds": ["p-1"] })
        );
        assert_eq!(record.raw.get("usersCount"), None);
    }

    #[test]
    fn a_permission_comes_with_roles_only() {
        let raw = json!({ "id": ID, "alias": "tenant:read", "category": "tenant", "name": "", "description": "See" });
        let record = permission(raw).unwrap();
        assert_eq!(
            record.external_key.as_str(),
            format!("[\"permission\",\"{ID}\"]")
        );
        assert_eq!(
            (record.name.as_str(), record.assignable),
            ("tenant:read", false)
        );
        assert_eq!(record.resource_key, None);
        assert_eq!(record.attributes["alias"], "tenant:read");
    }

    #[test]
    fn a_tenant_is_kept_without_its_payment() {
        let raw = json!({ "id": ID, "name": "Acme", "payment": { "token": "canary" }, "package": { "id": "p" } });
        let record = tenant(raw).unwrap();
        assert_eq!(
            (record.kind.as_str(), record.name.as_deref()),
            ("tenant", Some("Acme"))
        );
        assert_eq!(record.attributes["package"], json!({ "id": "p" }));
        assert!(!record.raw.to_string().contains("canary"));
    }

    #[test]
    fn what_can_not_be_kept_is_a_defect_in_words() {
        for (payload, words) in [
            (json!({ "name": "writer" }), "`id`"),
            (json!({ "id": "../x", "name": "writer" }), "`id`"),
            (json!({ "id": ID }), "`name`"),
            (json!({ "id": ID, "name": 7 }), "documented"),
            (json!(["text"]), "documented"),
        ] {
            let defect = role(TENANT, payload.clone()).unwrap_err();
            assert!(defect.contains(words), "{payload}: {defect}");
        }
        assert!(
            permission(json!({ "id": ID }))
                .unwrap_err()
                .contains("alias")
        );
        assert!(tenant(json!({})).unwrap_err().contains("`id`"));
    }
}
