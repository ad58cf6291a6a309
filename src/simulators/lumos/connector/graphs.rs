//! The same access once more, as the graphs that newer connectors draw of it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{PROJECT, Resource},
    envelope::{Answer, Envelope},
    errors::Error,
    listing,
    routes::Connector,
};
use crate::simulators::kit::Call;

#[derive(Deserialize)]
struct Graph {
    #[serde(rename = "custom_attributes")]
    _custom_attributes: Option<Vec<Attribute>>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "label")]
    _label: String,
    #[serde(rename = "type")]
    _kind: String,
}

/// Ids in a graph are unique over all types.
fn node(kind: &str, id: &str) -> String {
    format!("{kind}:{id}")
}

pub(super) fn resources(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let _: Graph = envelope.request("FindResourceGraphRequest")?;
    let drawn = connector.world.read(|state| {
        let all = &state.connector.access.resources;
        let show = |one: &Resource| {
            json!({
                "id": node(&one.kind, &one.id),
                "resource_type": one.kind,
                "reference": null,
                "label": one.label,
                "description": one.description,
                "is_terminal": one.kind == PROJECT,
                "is_credential_bearing": false,
                "linked_credential_ids": null
            })
        };
        json!({
            "resources": all.iter().map(show).collect::<Vec<_>>(),
            "resource_relationships": [],
            "custom_attributes": []
        })
    });
    Ok(envelope.answer(drawn))
}

pub(super) fn entitlements(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let _: Graph = envelope.request("FindEntitlementGraphRequest")?;
    let nodes: Vec<Value> = connector.world.read(|state| {
        let all = state.connector.access.entitlements.iter();
        let show = |one: &super::access::Entitlement| {
            json!({
                "id": node(&one.name.kind, &one.name.id),
                "entitlement_type": one.name.kind,
                "resource_id": node(&one.name.resource_type, &one.name.resource_id),
                "is_assignable": one.assignable,
                "denies_access": false,
                "label": one.label,
                "description": one.description
            })
        };
        all.map(show).collect()
    });
    Ok(envelope.answer(json!({
        "nodes": nodes,
        "entitlement_implications": [],
        "custom_attributes": [],
        "access_graph_entitlement_rules": [],
        "access_graph_implied_access_rules": []
    })))
}

pub(super) fn assignments(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| Cow::Borrowed(&state.access.held[..]));
    listing::page(connector, call, envelope, rows, |held| {
        json!({
            "resource_id": node("account", &held.account),
            "entitlement_id": node(&held.name.kind, &held.name.id),
            "entitlement_resource_id": node(&held.name.resource_type, &held.name.resource_id)
        })
    })
}
