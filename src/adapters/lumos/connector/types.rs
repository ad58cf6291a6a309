//! The types of entitlement that a connector declares, and what follows from a type. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::EntitlementType;
use crate::domain::{Bounds, EntitlementKind};

/// The name that contracts and seeds put before a capability where they mean its word (contract §B7).
const ENUM_PREFIX: &str = "StandardCapabilityName.";

/// One type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Type {
    pub(super) label: Option<String>,
    /// The type of the resources that its entitlements are at; empty for what holds everywhere.
    pub(super) resource_type: String,
    pub(super) bounds: Bounds,
    /// By capability.
    pub(super) requirements: BTreeMap<String, Bounds>,
}

/// The types by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Types(BTreeMap<String, Type>);

impl Types {
    /// As the operator says.
    pub(super) fn declared(types: &[EntitlementType]) -> Self {
        let mut all = Self::default();
        types.iter().cloned().for_each(|one| all.add(one));
        all
    }

    /// Adds what `info` says; what is declared already stays.
    pub(super) fn absorb(&mut self, types: &[Value]) {
        for item in types {
            match serde_json::from_value(item.clone()) {
                Ok(one) => self.add(one),
                Err(_) => tracing::warn!(
                    vendor = "lumos",
                    "The connector declares a type of entitlement that can't be read"
                ),
            }
        }
    }

    fn add(&mut self, one: EntitlementType) {
        let requirements = one.requirements.unwrap_or_default().into_iter();
        let plain = |name: String| match name.strip_prefix(ENUM_PREFIX) {
            Some(word) => word.to_lowercase(),
            None => name,
        };
        self.0.entry(one.type_id).or_insert_with(|| Type {
            label: one.type_label.filter(|label| !label.is_empty()),
            resource_type: one.resource_type_id.unwrap_or_default(),
            bounds: Bounds {
                min: one.min,
                max: one.max,
            },
            requirements: requirements
                .map(|(name, bounds)| (plain(name), bounds))
                .collect(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Type> {
        self.0.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.0.iter().map(|(id, one)| (id.as_str(), one))
    }
}

/// What sort of entitlement a type is, by the words of its id and of its label: `license` or `licence` makes a licence, else
/// `role` a role, else `group` or `team` a group; everything else is a permission. Plurals count.
pub(super) fn kind(id: &str, label: Option<&str>) -> EntitlementKind {
    let words: Vec<String> = [Some(id), label]
        .into_iter()
        .flatten()
        .flat_map(words)
        .collect();
    let has = |known: &[&str]| {
        words.iter().any(|word| {
            let singular = word.strip_suffix('s').unwrap_or(word);
            known.contains(&singular)
        })
    };
    if has(&["license", "licence"]) {
        EntitlementKind::Licence
    } else if has(&["role"]) {
        EntitlementKind::Role
    } else if has(&["group", "team"]) {
        EntitlementKind::Group
    } else {
        EntitlementKind::Permission
    }
}

/// A type's word in lower snake case.
pub(super) fn snake(text: &str) -> String {
    words(text).join("_")
}

/// Lower-case words, parted by anything that is no letter or digit and by a capital after a small letter.
fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut after_small = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && after_small) {
            all.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase();
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_follows_from_whole_words_of_id_and_label() {
        for (id, label, expected) in [
            ("license", None, EntitlementKind::Licence),
            ("userLicences", None, EntitlementKind::Licence),
            ("role_license", None, EntitlementKind::Licence),
            ("project-role", None, EntitlementKind::Role),
            ("t1", Some("Workspace Role"), EntitlementKind::Role),
            ("ADMIN_GROUPS", None, EntitlementKind::Group),
            ("team", Some("Team"), EntitlementKind::Group),
            ("grouping", Some("Roleplay"), EntitlementKind::Permission),
            ("feature", None, EntitlementKind::Permission),
        ] {
            assert_eq!(kind(id, label), expected, "{id} {label:?}");
        }
    }

    #[test]
    fn words_become_lower_snake_case() {
        for (text, expected) in [
            ("workspace", "workspace"),
            ("GoogleDrive Folder", "google_drive_folder"),
            ("ORG_UNIT", "org_unit"),
            ("--", ""),
        ] {
            assert_eq!(snake(text), expected);
        }
    }

    #[test]
    fn the_operators_word_goes_before_the_connectors() {
        let ours: EntitlementType =
            serde_json::from_value(json!({"type_id": "role", "max": 2})).unwrap();
        let mut types = Types::declared(&[ours]);
        types.absorb(&[
            json!({"type_id": "role", "type_label": "Role", "resource_type_id": "app", "min": 0}),
            json!({"type_id": "seat", "type_label": "", "resource_type_id": "", "min": 0, "max": null,
                "requirements": {"StandardCapabilityName.CREATE_ACCOUNT": {"min": 1}, "assign_entitlement": {"max": 3}}}),
            json!({"type_label": "odd"}),
            json!(7),
        ]);
        assert_eq!(
            types.get("role").unwrap().bounds,
            Bounds {
                min: None,
                max: Some(2)
            }
        );
        let seat = types.get("seat").unwrap();
        assert_eq!(seat.label, None);
        let named: Vec<&str> = seat.requirements.keys().map(String::as_str).collect();
        assert_eq!(named, ["assign_entitlement", "create_account"]);
        assert_eq!(types.iter().count(), 2);
    }
}
