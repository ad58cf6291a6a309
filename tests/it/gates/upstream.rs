//! The catalogue of the vendors' documented operations is whole, and what it says of each holds.

use std::collections::{BTreeMap, BTreeSet};

use iam_gateway::http;
use iam_gateway::services::catalogue::{UpstreamOperation, upstream_operations};
use serde_json::Value;

/// How many operations the contract of each API documents.
const DOCUMENTED: [(&str, &str, usize); 8] = [
    ("apono", "api", 95),
    ("devo", "credentials", 7),
    ("devo", "provisioning", 45),
    ("lightelligence", "api", 45),
    ("lightelligence", "identity", 10),
    ("lumos", "connector", 53),
    ("lumos", "main", 86),
    ("luna", "accounts", 19),
];

fn all() -> Vec<(&'static str, &'static UpstreamOperation)> {
    upstream_operations().collect()
}

#[test]
fn every_documented_operation_is_listed() {
    let mut listed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (vendor, operation) in all() {
        *listed.entry((vendor, operation.api)).or_default() += 1;
    }
    let documented: BTreeMap<_, _> = DOCUMENTED
        .into_iter()
        .map(|(vendor, api, count)| ((vendor, api), count))
        .collect();
    assert_eq!(
        listed, documented,
        "an operation is missing from a catalogue, or one too many is in it: count them in the vendor's contract"
    );
}

#[test]
fn no_operation_is_listed_twice() {
    let mut ids = BTreeSet::new();
    let mut places = BTreeSet::new();
    for (vendor, operation) in all() {
        let UpstreamOperation {
            api,
            id,
            method,
            path,
            ..
        } = operation;
        assert!(
            ids.insert((vendor, api, id)),
            "{vendor}/{api} has {id} twice"
        );
        assert!(
            places.insert((vendor, api, method, path)),
            "{vendor}/{api} has {method} {path} twice"
        );
    }
}

#[test]
fn what_covers_an_operation_is_one_of_ours() {
    let document: Value = serde_json::to_value(http::document()).expect("JSON");
    let ours: BTreeSet<&str> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("operations").values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let unknown: Vec<String> = all()
        .into_iter()
        .filter_map(|(vendor, operation)| {
            let named = operation.normalized?;
            (!ours.contains(named)).then(|| format!("{vendor} {}: {named}", operation.id))
        })
        .collect();
    assert!(
        unknown.is_empty(),
        "`normalized` names operations that this API does not have:\n  {}",
        unknown.join("\n  ")
    );
}

#[test]
fn what_shows_a_write_is_a_reading_of_the_same_api() {
    let all = all();
    for (vendor, operation) in &all {
        let Some(reading) = operation.read_back_by else {
            continue;
        };
        let found = all
            .iter()
            .find(|(of, other)| of == vendor && other.api == operation.api && other.id == reading);
        let (_, found) = found.unwrap_or_else(|| {
            panic!(
                "{vendor} {}: there is no {reading} to read it back by",
                operation.id
            )
        });
        assert!(
            operation.writes,
            "{vendor} {} changes nothing",
            operation.id
        );
        assert!(!found.writes, "{vendor} {reading} changes something");
    }
}

#[test]
fn what_changes_nothing_may_be_repeated_and_needs_no_leave() {
    for (vendor, operation) in all() {
        assert!(
            operation.writes || operation.idempotent,
            "{vendor} {}",
            operation.id
        );
        assert!(
            ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&operation.method),
            "{vendor} {} is asked by {}, which is not passed through",
            operation.id,
            operation.method
        );
    }
}
