//! Where users come from, and systems in every status, two of which share their resource types.

use serde_json::{Value, json};

use super::{connector_id, integration_id};
use crate::simulators::{apono::integrations::Integration, kit::seeded};

pub(super) fn all() -> Vec<Integration> {
    const DATABASE: &[&str] = &["postgresql-database", "postgresql-table", "postgresql-role"];
    const ACCOUNT: &[&str] = &["aws-account-s3-bucket", "aws-account-iam-role"];
    let host = |name: &str| json!({ "hostname": format!("{name}.db.test"), "port": "5432" });
    let region = json!({ "region": "eu-central-1" });
    let cluster = json!({ "cluster_name": "main" });
    let account = json!({ "account": "example" });
    vec![
        directory(0, "Okta", "okta"),
        directory(1, "Google Workspace", "google-workspace"),
        system(2, "orders-db", "postgresql", DATABASE, host("orders")),
        Integration {
            status: "Warning",
            ..system(3, "billing-db", "postgresql", DATABASE, host("billing"))
        },
        Integration {
            status: "Refreshing",
            ..system(4, "production", "aws-account", ACCOUNT, region)
        },
        Integration {
            status: "Initializing",
            last_sync: None,
            ..system(
                5,
                "cluster",
                "k8s-cluster",
                &["k8s-cluster-namespace"],
                cluster,
            )
        },
        Integration {
            status: "Error",
            details: Some("the connector could not log in".to_owned()),
            ..system(
                6,
                "warehouse",
                "snowflake",
                &["snowflake-database"],
                account,
            )
        },
        Integration {
            status: "Disabled",
            ..system(7, "old-queue", "rabbitmq", &["rabbitmq-vhost"], json!({}))
        },
    ]
}

fn directory(n: usize, name: &str, kind: &str) -> Integration {
    Integration {
        category: "USER-INFORMATION",
        connector_id: None,
        ..system(n, name, kind, &[], json!({}))
    }
}

fn system(n: usize, name: &str, kind: &str, resource_types: &[&str], config: Value) -> Integration {
    Integration {
        id: integration_id(n),
        name: name.to_owned(),
        kind: kind.to_owned(),
        category: "RESOURCES",
        status: "Active",
        settles: None,
        details: None,
        connector_id: Some(connector_id(n % 2)),
        last_sync: Some(seeded(n)),
        config,
        secret_store: (n == 2)
            .then(|| json!({ "aws": { "region": "eu-central-1", "secret_id": "orders" } })),
        resource_types: resource_types
            .iter()
            .map(|kind| (*kind).to_owned())
            .collect(),
        access_details: None,
        owner: None,
        owners_mapping: None,
    }
}
