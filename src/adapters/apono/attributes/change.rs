//! What is to become of somebody's attributes. Pure.

use serde_json::{Map, Value};

use crate::adapters::contract::{AdapterError, refusals};

/// The attributes of one identity, by their types.
pub(super) type Held = Map<String, Value>;

/// What Apono says of a user itself. An attribute of such a name would be shown beside it and be taken for it.
const OF_THE_USER: [&str; 5] = [
    "roles",
    "email_aliases",
    "source_integration_id",
    "source_integration_name",
    "attributes",
];

/// A change of one identity's attributes. Apono sets by one request and takes away by another (§7.10), so that it is one or
/// the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// These get these values; others stay as they are.
    Set(Held),
    /// These are taken away.
    Remove(Vec<String>),
}

impl Change {
    /// From the attributes of a request, which are at this pointer in it.
    pub(super) fn read(attributes: &Map<String, Value>, at: &str) -> Result<Self, AdapterError> {
        for (name, value) in attributes {
            let pointer = refusals::pointer(at, name);
            if OF_THE_USER.contains(&name.as_str()) {
                let words = "Apono says this of the user itself, and it is changed where the user comes from";
                return Err(AdapterError::unsupported(&pointer, words));
            }
            if name.is_empty() || !matches!(value, Value::Null | Value::String(_)) {
                let words = "an attribute of Apono has a name and a text, or null to take it away";
                return Err(AdapterError::invalid(&pointer, words));
            }
        }
        let removed: Vec<String> = attributes
            .iter()
            .filter(|(_, value)| value.is_null())
            .map(|(name, _)| name.clone())
            .collect();
        match removed.len() {
            0 if attributes.is_empty() => Err(AdapterError::invalid(at, "names no attribute")),
            0 => Ok(Self::Set(attributes.clone())),
            all if all == attributes.len() => Ok(Self::Remove(removed)),
            _ => Err(AdapterError::unsupported(at, ONE_OR_THE_OTHER)),
        }
    }

    /// Whether somebody who has these attributes has them as asked.
    pub(super) fn is_shown_by(&self, held: &Held) -> bool {
        match self {
            Self::Set(values) => values
                .iter()
                .all(|(name, value)| held.get(name) == Some(value)),
            Self::Remove(names) => names.iter().all(|name| !held.contains_key(name)),
        }
    }

    /// What somebody who has these has afterwards.
    pub(super) fn applied_to(&self, held: &Held) -> Held {
        let mut after = held.clone();
        match self {
            Self::Set(values) => after.extend(values.clone()),
            Self::Remove(names) => after.retain(|name, _| !names.contains(name)),
        }
        after
    }

    /// As much of what somebody has as the change touches.
    pub(super) fn touched(&self, held: &Held) -> Held {
        let is_touched = |name: &String| match self {
            Self::Set(values) => values.contains_key(name),
            Self::Remove(names) => names.contains(name),
        };
        let touched = held.iter().filter(|(name, _)| is_touched(name));
        touched
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// Why no request does both.
pub(super) const ONE_OR_THE_OTHER: &str = "Apono sets attributes by one request and takes them away by another: ask once for those to be set, and once more for those to be taken away";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::adapters::contract::{Trouble, any_json};

    fn map(value: Value) -> Held {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }

    fn read(attributes: Value) -> Result<Change, AdapterError> {
        Change::read(&map(attributes), "/attributes")
    }

    #[test]
    fn setting_and_taking_away_are_two_requests() {
        let set = read(json!({ "team": "core", "floor": "3" })).unwrap();
        let removed = read(json!({ "team": null })).unwrap();
        let held = map(json!({ "team": "data", "city": "Oslo" }));
        assert!(!set.is_shown_by(&held) && !removed.is_shown_by(&held));
        assert_eq!(set.touched(&held), map(json!({ "team": "data" })));
        let after = set.applied_to(&held);
        assert_eq!(
            after,
            map(json!({ "team": "core", "floor": "3", "city": "Oslo" }))
        );
        assert!(set.is_shown_by(&after));
        let after = removed.applied_to(&held);
        assert_eq!(after, map(json!({ "city": "Oslo" })));
        assert!(removed.is_shown_by(&after));
        let both = read(json!({ "team": "core", "floor": null })).unwrap_err();
        assert_eq!(both.trouble, Trouble::Unsupported);
        assert!(both.message.contains("once more"), "{both}");
    }

    #[test]
    fn what_is_no_attribute_is_refused_where_it_stands() {
        for (attributes, trouble, pointer) in [
            (json!({}), Trouble::Invalid, "/attributes"),
            (json!({ "a/b": 7 }), Trouble::Invalid, "/attributes/a~1b"),
            (json!({ "": "x" }), Trouble::Invalid, "/attributes/"),
            (
                json!({ "roles": "Admin" }),
                Trouble::Unsupported,
                "/attributes/roles",
            ),
        ] {
            let error = read(attributes.clone()).unwrap_err();
            assert_eq!(error.trouble, trouble, "{attributes}");
            assert_eq!(error.pointer.as_deref(), Some(pointer));
        }
    }

    proptest! {
        #[test]
        fn a_change_that_is_applied_shows(value in any_json(), held in any_json()) {
            let object = |value| match value { Value::Object(map) => map, _ => Map::new() };
            let held = object(held);
            if let Ok(change) = Change::read(&object(value), "/attributes") {
                prop_assert!(change.is_shown_by(&change.applied_to(&held)));
            }
        }
    }
}
