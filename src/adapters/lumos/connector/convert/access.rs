//! Resources, entitlements, and who holds them.

use serde_json::Value;

use super::{attributes, filled};
use crate::adapters::lumos::connector::types::{Types, kind, snake};
use crate::adapters::lumos::connector::wire::{
    CustomAttribute, FoundAssociation, FoundEntitlement, FoundResource,
};
use crate::domain::{EntitlementRecord, ExternalKey, ResourceRecord, ThingStatus};

/// One resource of a listing. `Err` says in words what is wrong with it.
pub(in super::super) fn resource(item: &Value) -> Result<ResourceRecord, String> {
    let found: FoundResource = read(item, "a resource")?;
    let id = found.integration_specific_id;
    filled_in(&[&id, &found.resource_type], "a resource")?;
    let own = [("resource_type", found.resource_type.as_str().into())];
    Ok(ResourceRecord {
        external_key: resource_key(&found.resource_type, &id),
        parent_key: None,
        kind: snake(&found.resource_type),
        name: filled(found.label),
        description: filled(found.description),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: attributes(own, found.extra_data, found.custom_attributes),
        created_at: None,
        updated_at: None,
        raw: item.clone(),
        external_id: id,
    })
}

/// The key of a resource. For ever: ids are unique only within their type.
pub(in super::super) fn resource_key(kind: &str, id: &str) -> ExternalKey {
    ExternalKey::new(&[kind, id])
}

/// One entitlement of a listing, with what its type says.
pub(in super::super) fn entitlement(
    item: &Value,
    types: &Types,
) -> Result<EntitlementRecord, String> {
    let found: FoundEntitlement = read(item, "an entitlement")?;
    let id = found.integration_specific_id;
    filled_in(&[&id, &found.entitlement_type], "an entitlement")?;
    let resource_id = found.integration_specific_resource_id.unwrap_or_default();
    let declared = types.get(&found.entitlement_type);
    let resource_type = match declared {
        _ if resource_id.is_empty() => "",
        Some(declared) => &declared.resource_type,
        // A key made without it would have to change on the day when it is known.
        None => {
            return Err(format!(
                "an entitlement at a resource is of the type `{}`, and nothing declares which resources that type is for: \
                the setting `entitlement_types` can",
                found.entitlement_type
            ));
        }
    };
    let label = declared.and_then(|declared| declared.label.as_deref());
    let own = [
        ("entitlement_type", found.entitlement_type.as_str().into()),
        ("entitlement_type_label", label.into()),
    ];
    Ok(EntitlementRecord {
        external_key: ExternalKey::new(&[
            &found.entitlement_type,
            resource_type,
            &resource_id,
            &id,
        ]),
        kind: kind(&found.entitlement_type, label),
        name: filled(found.label).unwrap_or_else(|| id.clone()),
        description: filled(found.description),
        resource_key: (!resource_type.is_empty())
            .then(|| resource_key(resource_type, &resource_id)),
        // A connector that does not say lets it be tried, and refuses what can't be.
        assignable: found.is_assignable.unwrap_or(true),
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: declared.map(|declared| declared.bounds).unwrap_or_default(),
        requirements: declared
            .map(|declared| declared.requirements.clone())
            .unwrap_or_default(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: attributes(own, found.extra_data, found.custom_attributes),
        created_at: None,
        updated_at: None,
        raw: item.clone(),
        external_id: id,
    })
}

/// What an association names of an entitlement: id and resource id, and no type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in super::super) struct Thing {
    pub(in super::super) id: String,
    /// Empty for what holds everywhere.
    pub(in super::super) resource_id: String,
}

/// An account that holds something.
pub(in super::super) struct Association {
    pub(in super::super) account: String,
    pub(in super::super) thing: Thing,
}

/// One association of a listing.
pub(in super::super) fn association(item: &Value) -> Result<Association, String> {
    let found: FoundAssociation = read(item, "an association")?;
    let id = found.integration_specific_entitlement_id;
    filled_in(&[&id, &found.account_id], "an association")?;
    Ok(Association {
        account: found.account_id,
        thing: Thing {
            id,
            resource_id: found.integration_specific_resource_id.unwrap_or_default(),
        },
    })
}

/// One custom attribute that the connector lists: what it is of, and its name.
pub(in super::super) fn custom_attribute(item: &Value) -> Result<(String, String), String> {
    let found: CustomAttribute = read(item, "a custom attribute")?;
    Ok((found.customized_type, found.name))
}

/// What names a thing and says nothing names no thing.
fn filled_in(texts: &[&str], what: &str) -> Result<(), String> {
    match texts.iter().any(|text| text.is_empty()) {
        true => Err(format!("{what} has an empty id or type")),
        false => Ok(()),
    }
}

/// serde's own words repeat values of the item, which may be personal.
fn read<T: serde::de::DeserializeOwned>(item: &Value, what: &str) -> Result<T, String> {
    serde_json::from_value(item.clone()).map_err(|_| {
        format!("{what} lacks a field that it must have, or has one of the wrong JSON type")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{Bounds, EntitlementKind};

    fn types() -> Types {
        let mut types = Types::default();
        types.absorb(&[
            json!({"type_id": "project_role", "type_label": "Project role", "resource_type_id": "project", "min": 0}),
            json!({"type_id": "license", "type_label": "License", "resource_type_id": "", "min": 0, "max": 1,
                "requirements": {"create_account": {"min": 1, "max": 1}}}),
        ]);
        types
    }

    #[test]
    fn a_resource_reads_as_documented() {
        let item = json!({"integration_specific_id": "2", "label": "Atlas", "description": null,
            "resource_type": "Project Space", "extra_data": {"criticality": "high"}});
        let record = resource(&item).unwrap();
        assert_eq!(record.external_key.as_str(), r#"["Project Space","2"]"#);
        assert_eq!(
            (record.kind.as_str(), record.name.as_deref()),
            ("project_space", Some("Atlas"))
        );
        assert_eq!(
            Value::Object(record.attributes),
            json!({"resource_type": "Project Space", "criticality": "high"})
        );
    }

    #[test]
    fn an_entitlement_takes_what_its_type_says() {
        let item = json!({"entitlement_type": "project_role", "integration_specific_id": "admin",
            "integration_specific_resource_id": "2", "is_assignable": null, "label": "Atlas admin",
            "custom_attributes": {"tier": "gold"}});
        let record = entitlement(&item, &types()).unwrap();
        assert_eq!(
            record.external_key.parts(),
            ["project_role", "project", "2", "admin"]
        );
        assert_eq!(record.resource_key, Some(resource_key("project", "2")));
        assert_eq!(
            (record.kind, record.assignable),
            (EntitlementKind::Role, true)
        );
        assert_eq!(record.attributes["entitlement_type_label"], "Project role");
        assert_eq!(record.attributes["tier"], "gold");

        let item = json!({"entitlement_type": "license", "integration_specific_id": "pro",
            "integration_specific_resource_id": "", "is_assignable": false, "label": ""});
        let record = entitlement(&item, &types()).unwrap();
        assert_eq!(record.external_key.parts(), ["license", "", "", "pro"]);
        assert_eq!((record.resource_key, record.assignable), (None, false));
        assert_eq!(
            (record.kind, record.name.as_str()),
            (EntitlementKind::Licence, "pro")
        );
        assert_eq!(
            record.bounds,
            Bounds {
                min: Some(0),
                max: Some(1)
            }
        );
        assert_eq!(record.requirements["create_account"].min, Some(1));
    }

    #[test]
    fn an_undeclared_type_makes_keys_only_for_what_holds_everywhere() {
        let mut item = json!({"entitlement_type": "scope", "integration_specific_id": "s",
            "integration_specific_resource_id": "", "label": "S"});
        let record = entitlement(&item, &types()).unwrap();
        assert_eq!(record.external_key.parts(), ["scope", "", "", "s"]);
        item["integration_specific_resource_id"] = "7".into();
        let defect = entitlement(&item, &types()).unwrap_err();
        assert!(
            defect.contains("`scope`") && defect.contains("`entitlement_types`"),
            "{defect}"
        );
    }
}
