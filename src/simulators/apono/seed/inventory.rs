//! What is in the systems: resources in every status, and the permissions of each of their types; and the connectors.

use std::collections::BTreeMap;

use super::connector_id;
use crate::simulators::{
    apono::{
        connectors::Connector,
        inventory::{Permission, Resource},
        state::State,
    },
    kit::{people, seeded},
};

/// The resources of a type: their names, `!` for one in trouble and `-` for a deleted one.
const NAMES: [(&str, &[&str], &[&str]); 8] = [
    (
        "postgresql-database",
        &["main", "reports", "-archive", "!replica"],
        &["ReadOnly", "ReadWrite"],
    ),
    ("postgresql-table", &["customers", "invoices"], &["SELECT"]),
    ("postgresql-role", &["maintainer"], &["Member"]),
    (
        "aws-account-s3-bucket",
        &["backups", "uploads"],
        &["Read", "Write"],
    ),
    ("aws-account-iam-role", &["deployer"], &["Assume"]),
    (
        "k8s-cluster-namespace",
        &["default", "shop"],
        &["view", "edit"],
    ),
    ("snowflake-database", &["facts"], &["USAGE"]),
    ("rabbitmq-vhost", &["events"], &["management"]),
];

pub(super) fn fill(state: &mut State) {
    for (n, name) in ["frankfurt", "lisbon"].into_iter().enumerate() {
        let is_connected = n == 0;
        let session = |m: usize| people::uuid("apono/connector-session", m).to_string();
        state.connectors.add(Connector {
            id: connector_id(n),
            name: name.to_owned(),
            is_connected,
            last_connected: Some(seeded(n)),
            sessions: (0..if is_connected { 2 } else { 0 }).map(session).collect(),
        });
    }
    let (mut resources, mut permissions) = (Vec::new(), Vec::new());
    for integration in state.integrations.rows() {
        for kind in &integration.resource_types {
            let of_kind = NAMES.iter().filter(|(known, ..)| known == kind);
            for (_, names, allowed) in of_kind {
                for name in *names {
                    let n = resources.len();
                    resources.push(resource(n, &integration.id, kind, name));
                }
                for name in *allowed {
                    let n = permissions.len();
                    permissions.push(Permission {
                        id: people::uuid("apono/permission", n).to_string(),
                        integration_id: integration.id.clone(),
                        kind: kind.clone(),
                        name: (*name).to_owned(),
                    });
                }
            }
        }
    }
    resources.into_iter().for_each(|one| {
        state.resources.add(one);
    });
    permissions.into_iter().for_each(|one| {
        state.permissions.add(one);
    });
}

fn resource(n: usize, integration: &str, kind: &str, name: &str) -> Resource {
    let status = match name.chars().next() {
        Some('!') => "Error",
        Some('-') => "Deleted",
        _ => "Active",
    };
    let name = name.trim_start_matches(['!', '-']);
    let environment = if n.is_multiple_of(2) { "prod" } else { "test" };
    Resource {
        id: people::uuid("apono/resource", n).to_string(),
        integration_id: integration.to_owned(),
        source_id: format!("{kind}/{name}"),
        name: name.to_owned(),
        kind: kind.to_owned(),
        status: status.to_owned(),
        message: (status == "Error").then(|| "it could not be read".to_owned()),
        tags: BTreeMap::from([("env".to_owned(), environment.to_owned())]),
    }
}
