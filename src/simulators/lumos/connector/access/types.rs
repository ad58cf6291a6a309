//! The connector's types of resources and entitlements, as `info` declares them.

use serde_json::{Map, Value, json};

pub(in super::super) const WORKSPACE: &str = "workspace";
pub(in super::super) const PROJECT: &str = "project";
pub(in super::super) const LICENCE: &str = "license";

/// A type of entitlement with how many of it an account holds.
pub(in super::super) struct Type {
    pub(in super::super) id: &'static str,
    label: &'static str,
    pub(in super::super) resource_type: &'static str,
    pub(in super::super) min: u32,
    pub(in super::super) max: Option<u32>,
    /// By capability, what overrides `min` and `max`.
    requirements: &'static [(&'static str, Option<u32>, Option<u32>)],
}

/// The types, in the order of `info`.
pub(in super::super) const TYPES: &[Type] = &[
    Type {
        id: LICENCE,
        label: "License",
        resource_type: "",
        min: 0,
        max: Some(1),
        requirements: &[("create_account", Some(0), Some(1))],
    },
    Type {
        id: "directory_role",
        label: "Directory role",
        resource_type: "",
        min: 1,
        max: Some(2),
        requirements: &[],
    },
    Type {
        id: "team",
        label: "Team",
        resource_type: "",
        min: 0,
        max: None,
        requirements: &[],
    },
    Type {
        id: "feature",
        label: "Feature access",
        resource_type: "",
        min: 0,
        max: None,
        requirements: &[("assign_entitlement", None, Some(1))],
    },
    Type {
        id: "workspace_role",
        label: "Workspace role",
        resource_type: WORKSPACE,
        min: 0,
        max: None,
        requirements: &[],
    },
    Type {
        id: "project_role",
        label: "Project role",
        resource_type: PROJECT,
        min: 0,
        max: None,
        requirements: &[],
    },
];

/// The type of that id.
pub(in super::super) fn of(id: &str) -> Option<&'static Type> {
    TYPES.iter().find(|one| one.id == id)
}

impl Type {
    /// At least and at most so many, for this capability.
    pub(in super::super) fn bounds(&self, capability: &str) -> (u32, Option<u32>) {
        let own = self
            .requirements
            .iter()
            .find(|(name, _, _)| *name == capability);
        match own {
            Some((_, min, max)) => (min.unwrap_or(self.min), max.or(self.max)),
            None => (self.min, self.max),
        }
    }

    /// Whether it may be given with a new account (contract §B7).
    pub(in super::super) fn is_for_creation(&self) -> bool {
        self.requirements
            .iter()
            .any(|(name, _, _)| *name == "create_account")
    }

    /// EntitlementType. `needed` is a type of which a new account needs one.
    pub(in super::super) fn show(&self, needed: Option<&str>) -> Value {
        let requirements: Map<String, Value> = self
            .requirements
            .iter()
            .map(|(name, min, max)| {
                let is_needed = *name == "create_account" && needed == Some(self.id);
                let min = if is_needed { Some(1) } else { *min };
                ((*name).to_owned(), json!({ "min": min, "max": max }))
            })
            .collect();
        json!({
            "type_id": self.id,
            "type_label": self.label,
            "resource_type_id": self.resource_type,
            "min": self.min,
            "max": self.max,
            "requirements": if requirements.is_empty() { Value::Null } else { requirements.into() }
        })
    }
}
