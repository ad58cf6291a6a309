//! The domains of a multitenant as Devo lists them (§5). Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::reach::Reach;
use super::{convert, wire};
use crate::domain::ResourceRecord;

/// The domains of a multitenant, as far as they can be used.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains {
    /// By name, in whose order they are gone over.
    pub(super) known: BTreeMap<String, ResourceRecord>,
    /// What could not be used, in words.
    pub(super) defects: Vec<String>,
}

impl Domains {
    pub(super) fn read(listed: Vec<Value>, reach: &Reach) -> Self {
        let mut domains = Self::default();
        for (index, raw) in listed.into_iter().enumerate() {
            let place = index + 1;
            match read(raw, reach) {
                Ok((name, _)) if domains.known.contains_key(&name) => {
                    let defect = format!("domain {place}: {name} is listed twice");
                    domains.defects.push(defect);
                }
                Ok((name, record)) => {
                    domains.known.insert(name, record);
                }
                Err(defect) => domains.defects.push(format!("domain {place}: {defect}")),
            }
        }
        domains
    }

    /// Whether the list proves that the domain is not there: one item that could not be read may be it.
    pub(super) fn lack(&self, name: &str) -> bool {
        self.defects.is_empty() && !self.known.contains_key(name)
    }
}

fn read(raw: Value, reach: &Reach) -> Result<(String, ResourceRecord), String> {
    let name = name(&raw)?;
    if !reach.covers(&name) {
        return Err(format!("{name} is not of {reach}"));
    }
    let record = convert::resource(raw, &name)?;
    Ok((name, record))
}

/// What a listed domain is called.
///
/// # Errors
/// Why that can't be told, in words that are safe to show.
pub(super) fn name(raw: &Value) -> Result<String, String> {
    let domain = wire::Domain::deserialize(raw)
        .map_err(|_| "it is not an object with the documented types".to_owned())?;
    let name = domain.name.filter(|name| !name.is_empty());
    name.ok_or_else(|| "it has no `name`".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::adapters::contract::any_json;

    fn parent() -> Reach {
        Reach::Multitenant("parent".to_owned())
    }

    #[test]
    fn every_domain_is_known_by_name_and_below_its_multitenant() {
        let domains = Domains::read(
            vec![
                json!({ "name": "parent", "plan": "standard", "status": "active" }),
                json!({ "name": "acme@parent", "plan": "child", "status": "inactive" }),
            ],
            &parent(),
        );
        assert_eq!(domains.defects, Vec::<String>::new());
        let names: Vec<_> = domains.known.keys().map(String::as_str).collect();
        assert_eq!(names, ["acme@parent", "parent"]);
        let above = &domains.known["parent"];
        assert_eq!(above.parent_key, None);
        let acme = &domains.known["acme@parent"];
        assert_eq!(acme.parent_key.as_ref(), Some(&above.external_key));
        assert!(domains.lack("beta@parent") && !domains.lack("acme@parent"));
    }

    #[test]
    fn what_cannot_be_used_is_told_and_may_be_any_of_them() {
        let domains = Domains::read(
            vec![
                json!({ "name": "acme@parent" }),
                json!({ "name": "acme@parent" }),
                json!({ "name": "acme@elsewhere" }),
                json!({ "plan": "child" }),
                json!("beta@parent"),
            ],
            &parent(),
        );
        let starts = [
            "domain 2: acme@parent is listed twice",
            "domain 3: acme@elsewhere is not of the multitenant parent",
            "domain 4: it has no `name`",
            "domain 5:",
        ];
        assert_eq!(domains.defects.len(), starts.len());
        for (defect, start) in domains.defects.iter().zip(starts) {
            assert!(defect.starts_with(start), "{defect}");
        }
        assert!(!domains.lack("beta@parent"));
    }

    proptest! {
        #[test]
        fn no_json_makes_it_panic(payload in any_json()) {
            let _ = Domains::read(vec![payload], &parent());
        }
    }
}
