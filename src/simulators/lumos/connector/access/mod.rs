//! What the directory gives access to, what can be held there, and who holds what.

mod seed;
mod types;

use serde_json::{Map, Value, json};

use super::errors::Error;
pub(super) use types::{LICENCE, PROJECT, TYPES, WORKSPACE, of};

/// A workspace or a project. Ids are unique only within their type: there is a workspace `2` and a project `2`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) label: String,
    pub(super) description: Option<String>,
    pub(super) criticality: Option<String>,
}

impl Resource {
    /// FoundResourceData.
    pub(super) fn show(&self) -> Value {
        json!({
            "integration_specific_id": self.id,
            "label": self.label,
            "description": self.description,
            "resource_type": self.kind,
            "extra_data": self.criticality.as_ref().map(|word| json!({ "criticality": word }))
        })
    }
}

/// Which entitlement: its id is unique only within its type and resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) kind: String,
    /// Empty for what holds in the whole directory, like the id of the resource.
    pub(super) resource_type: String,
    pub(super) resource_id: String,
    pub(super) id: String,
}

/// Something that can be held.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entitlement {
    pub(super) name: Name,
    pub(super) label: String,
    pub(super) description: Option<String>,
    /// Null for some.
    pub(super) assignable: Option<bool>,
    /// The custom attribute `tier`, shown to whoever asks for it.
    pub(super) tier: Option<String>,
}

impl Entitlement {
    /// FoundEntitlementData with the custom attributes asked for. It names the resource and not the resource's type.
    pub(super) fn show(&self, custom: &[String]) -> Value {
        let custom: Map<String, Value> = custom
            .iter()
            .filter(|name| *name == "tier")
            .filter_map(|name| Some((name.clone(), self.tier.clone()?.into())))
            .collect();
        json!({
            "entitlement_type": self.name.kind,
            "extra_data": null,
            "integration_specific_id": self.name.id,
            "integration_specific_resource_id": self.name.resource_id,
            "is_assignable": self.assignable,
            "label": self.label,
            "description": self.description,
            "custom_attributes": if custom.is_empty() { Value::Null } else { custom.into() }
        })
    }
}

/// That an account holds an entitlement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) account: String,
    pub(super) name: Name,
}

impl Held {
    /// FoundEntitlementAssociation, which lacks the type.
    pub(super) fn show(&self) -> Value {
        json!({
            "account_id": self.account,
            "integration_specific_entitlement_id": self.name.id,
            "integration_specific_resource_id": self.name.resource_id
        })
    }

    /// What the connector itself knows of it: the association with its types.
    pub(super) fn known(&self) -> Value {
        let mut known = self.show();
        known["entitlement_type"] = self.name.kind.as_str().into();
        known["resource_type"] = self.name.resource_type.as_str().into();
        known
    }
}

/// All of it, each list in the order in which things were made.
#[derive(Debug, Clone)]
pub(super) struct Access {
    pub(super) resources: Vec<Resource>,
    pub(super) entitlements: Vec<Entitlement>,
    pub(super) held: Vec<Held>,
}

impl Access {
    pub(super) fn find(&self, name: &Name) -> Result<&Entitlement, Error> {
        self.entitlements
            .iter()
            .find(|entitlement| entitlement.name == *name)
            .ok_or_else(|| Error::missing(format!("entitlement {} of type {}", name.id, name.kind)))
    }

    pub(super) fn holds(&self, held: &Held) -> bool {
        self.held.contains(held)
    }

    pub(super) fn held_by<'a>(&'a self, account: &'a str) -> impl Iterator<Item = &'a Held> {
        self.held.iter().filter(move |held| held.account == account)
    }

    /// How many of this type the account holds.
    pub(super) fn count(&self, account: &str, kind: &str) -> u32 {
        let held = self.held_by(account).filter(|held| held.name.kind == kind);
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    pub(super) fn drop_account(&mut self, account: &str) {
        self.held.retain(|held| held.account != account);
    }
}
