//! A Lumos connector: one third-party system behind POST-only capabilities (contract part B).

mod access;
mod activity;
mod assign;
mod catalogue;
mod check;
mod client;
mod convert;
mod create;
mod credentials;
mod describe;
mod fields;
mod grants;
mod inline;
mod judge;
mod kept;
mod learned;
mod limits;
mod read;
mod settings;
mod state;
mod through;
mod types;
mod update;
mod wire;

use std::sync::Arc;

use serde_json::Value;

use crate::adapters::contract::{Adapter, AdapterError, Trouble};

use crate::adapters::vendor::{BuildError, Parts, Variant};
pub(super) use catalogue::OPERATIONS;
use client::Client;
use describe::Description;
use kept::Kept;
use learned::Learned;
use settings::Settings;

/// The variant as the registry shows it.
pub(super) const VARIANT: Variant = Variant {
    slug: "lumos/connector",
    title: "A Lumos connector: the accounts of one system behind it",
    settings_schema: settings::schema,
    credentials_schema: credentials::schema,
    create_attributes_schema,
    example,
    apis: &["connector"],
    build,
    settle_seconds: settings::SETTLE_SECONDS,
};

/// One connection to a connector; every capability is implemented on it.
struct Connector {
    client: Client,
    settings: Settings,
    described: Kept<Description>,
    learned: Learned,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(parts.settings)?;
    let credentials = credentials::Connection::parse(&parts.credentials)?;
    let channel = parts.transport.channel(
        "lumos",
        parts.connection_id,
        &settings.base_url,
        Arc::new(judge::ConnectorJudge),
        credentials.secrets(),
    );
    let connector = Arc::new(Connector {
        client: Client::new(channel, &settings, credentials),
        described: Kept::new(describe::KEPT_FOR),
        learned: Learned::new(),
        settings,
    });
    Ok(Adapter::new(connector.clone())
        .lists_accounts(connector.clone())
        .reads_accounts(connector.clone())
        .creates_accounts(connector.clone())
        .updates_accounts(connector.clone())
        .deletes_accounts(connector.clone())
        .activates_accounts(connector.clone())
        .deactivates_accounts(connector.clone())
        .lists_resources(connector.clone())
        .lists_entitlements(connector.clone())
        .lists_grants(connector.clone())
        .reads_grants(connector.clone())
        .grants_entitlements(connector.clone())
        .revokes_entitlements(connector.clone())
        .lists_activity(connector.clone())
        .forwards(connector))
}

/// A list that can't be relied on.
fn malformed_listing(capability: &str, why: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!("the connector's answer to `{capability}` can't be relied on: {why}"),
    )
}

/// Which fields there are is each connector's own: a check replaces this by what the connector says.
fn create_attributes_schema() -> Value {
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Connector-specific fields of a new account",
        "description": "The fields that the connector's `create_account` takes besides e-mail, username, names and password. \
            Run a check on the connection to see them.",
        "type": "object",
        "additionalProperties": true
    })
}

fn example() -> (Value, Value) {
    (settings::example(), credentials::example())
}

#[cfg(test)]
mod tests {
    mod any_answer;

    use super::*;

    #[test]
    fn the_example_matches_the_schemas() {
        let (settings, credentials) = example();
        for (schema, instance) in [
            (settings::schema(), &settings),
            (credentials::schema(), &credentials),
        ] {
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            assert_eq!(
                validator.validate(instance).map_err(|e| e.to_string()),
                Ok(())
            );
        }
        Settings::parse(settings).unwrap();
    }
}
