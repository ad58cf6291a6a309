//! What the connector says of itself, and whether credentials are right.

use serde_json::{Map, Value, json};

use super::{
    APP_ID,
    access::{PROJECT, TYPES, WORKSPACE},
    envelope::{Admission, Answer, Envelope},
    errors::Error,
    quirks::{Credential, path_id},
    routes::{CAPABILITIES, Connector},
    schema,
};
use crate::simulators::kit::Call;

/// One tenant for all who come with the right credential.
const TENANT: &str = "acme-directory-eu-1";

pub(super) fn validate_credentials(
    connector: &Connector,
    envelope: &Envelope,
) -> Result<Answer, Error> {
    let valid = match envelope.admit(&connector.quirks)? {
        Admission::Admitted => true,
        Admission::Refused if connector.quirks.refused_is_invalid => false,
        Admission::Refused => return Err(Error::unauthorized()),
    };
    let tenant = if valid { TENANT } else { "" };
    Ok(envelope.answer(json!({ "valid": valid, "unique_tenant_id": tenant })))
}

pub(super) fn app_info(connector: &Connector, envelope: &Envelope) -> Result<Answer, Error> {
    let document = schema::openapi(&connector.capabilities(), &[String::new()]);
    Ok(envelope.answer(json!({ "app_id": APP_ID, "app_schema": document })))
}

pub(super) fn connected_info(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    info(connector, &envelope)
}

/// Info, with every key.
pub(super) fn info(connector: &Connector, envelope: &Envelope) -> Result<Answer, Error> {
    let capabilities = connector.capabilities();
    let schemas: Map<String, Value> = capabilities
        .iter()
        .map(|name| {
            let schema = json!({
                "argument": schema::argument(name), "output": { "type": "object" }, "display_name": null, "description": null
            });
            ((*name).to_owned(), schema)
        })
        .collect();
    let kind = connector.quirks.credential.kind();
    let needed = connector.quirks.needed_on_create();
    let types: Vec<Value> = TYPES.iter().map(|kind| kind.show(needed)).collect();
    Ok(envelope.answer(json!({
        "app_id": APP_ID,
        "app_vendor_domain": "acme.example",
        "version": "1.4.2",
        "capabilities": capabilities,
        "capability_schema": schemas,
        "oauth_scopes": null,
        "authentication_schema": { "title": kind, "type": "object" },
        "credentials_schema": [{ "id": Credential::ID, "title": kind, "type": "object" }],
        "logo_url": null,
        "user_friendly_name": "Acme Directory",
        "description": "A directory that exists nowhere else.",
        "categories": ["IT_AND_SECURITY"],
        "entitlement_types": types,
        "access_graph_entitlement_types": null,
        "access_graph_entitlement_rules": null,
        "implied_access_rules": null,
        "resource_types": [
            { "type_id": WORKSPACE, "type_label": "Workspace" },
            { "type_id": PROJECT, "type_label": "Project" }
        ],
        "request_settings_schema": {
            "title": "AcmeDirectorySettings", "type": "object", "required": ["region"],
            "properties": { "region": { "type": "string", "enum": ["eu", "us"] } }
        }
    })))
}

/// The host's own document: it serves the connector in all three places.
pub(super) fn openapi(connector: &Connector) -> Value {
    let id = path_id();
    let prefixes = [String::new(), format!("/{id}"), format!("/connectors/{id}")];
    schema::openapi(&connector.capabilities(), &prefixes)
}

impl Connector {
    /// What it has, by name.
    pub(super) fn capabilities(&self) -> Vec<&'static str> {
        CAPABILITIES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| !self.quirks.lacks(name))
            .collect()
    }
}
