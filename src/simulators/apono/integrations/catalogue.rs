//! The types that an integration can be of.

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::{Value, json};

use crate::simulators::apono::{
    errors::Error,
    front::Front,
    lists::{self, Id},
};

/// `IntegrationConfig`, with the category that integrations of the type get.
pub(super) struct Config {
    kind: &'static str,
    name: &'static str,
    pub(super) category: &'static str,
    /// Id, label, default, and whether it may be left out.
    params: &'static [(&'static str, &'static str, &'static str, bool)],
    requires_secret: bool,
}

const ALL: [Config; 7] = [
    config(
        "postgresql",
        "PostgreSQL",
        "RESOURCES",
        &[
            ("hostname", "Host", "", false),
            ("port", "Port", "5432", true),
        ],
        true,
    ),
    config(
        "aws-account",
        "AWS account",
        "RESOURCES",
        &[("region", "Region", "us-east-1", false)],
        false,
    ),
    config(
        "k8s-cluster",
        "Kubernetes",
        "RESOURCES",
        &[("cluster_name", "Cluster", "", false)],
        false,
    ),
    config(
        "snowflake",
        "Snowflake",
        "RESOURCES",
        &[("account", "Account", "", false)],
        true,
    ),
    config(
        "rabbitmq",
        "RabbitMQ",
        "RESOURCES",
        &[("url", "URL", "", true)],
        true,
    ),
    config(
        "okta",
        "Okta",
        "USER-INFORMATION",
        &[("domain", "Domain", "", true)],
        true,
    ),
    config(
        "google-workspace",
        "Google Workspace",
        "USER-INFORMATION",
        &[("domain", "Domain", "", true)],
        true,
    ),
];

const fn config(
    kind: &'static str,
    name: &'static str,
    category: &'static str,
    params: &'static [(&'static str, &'static str, &'static str, bool)],
    requires_secret: bool,
) -> Config {
    Config {
        kind,
        name,
        category,
        params,
        requires_secret,
    }
}

impl Config {
    fn show(&self) -> Value {
        let param = |(id, label, default, optional): &(&str, &str, &str, bool)| json!({ "id": id, "label": label, "values": [], "default": default, "optional": optional });
        let params: Vec<Value> = self.params.iter().map(param).collect();
        json!({
            "name": self.name,
            "type": self.kind,
            "description": format!("Connects {}.", self.name),
            "params": params,
            "requires_secret": self.requires_secret,
            "supported_secret_types": ["AWS", "GCP", "KUBERNETES", "AZURE", "HASHICORP_VAULT"],
        })
    }
}

pub(super) fn of_type(kind: &str) -> Option<&'static Config> {
    ALL.iter().find(|config| config.kind == kind)
}

pub(in super::super) async fn list(State(front): State<Front>) -> Json<Value> {
    let rows = ALL.iter().map(Config::show);
    Json(lists::whole(&front.quirks, ALL.len(), rows))
}

pub(in super::super) async fn find(Path(kind): Id) -> Result<Json<Value>, Error> {
    let config = of_type(&kind).ok_or_else(|| Error::no("integration type", &kind))?;
    Ok(Json(config.show()))
}
