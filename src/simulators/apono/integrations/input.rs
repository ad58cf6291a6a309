//! What creates and changes integrations, in both APIs.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Integration, secrets::SecretStore};
use crate::simulators::apono::{errors::Error, state::State};

/// `CreateIntegrationV4`.
#[derive(Deserialize)]
pub(in super::super) struct New {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(flatten)]
    pub(super) rest: Update,
}

/// `UpdateIntegrationV4`: everything but the type, which never changes.
#[derive(Deserialize)]
pub(in super::super) struct Update {
    name: String,
    connector_id: Option<String>,
    integration_config: Map<String, Value>,
    secret_store_config: Option<SecretStore>,
    connected_resource_types: Option<Vec<String>>,
    custom_access_details: Option<String>,
    owner: Option<Owner>,
    owners_mapping: Option<Mapping>,
}

#[derive(Deserialize)]
struct Owner {
    attribute_type: String,
    attribute_value: Vec<String>,
    source_integration_reference: Option<String>,
}

#[derive(Deserialize)]
struct Mapping {
    key_name: String,
    attribute_type: String,
    source_integration_reference: Option<String>,
}

/// `CreateIntegration`.
#[derive(Deserialize)]
pub(in super::super) struct NewLegacy {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(flatten)]
    pub(super) rest: UpdateLegacy,
}

/// `UpdateIntegration`.
#[derive(Deserialize)]
pub(in super::super) struct UpdateLegacy {
    name: String,
    provisioner_id: Option<String>,
    metadata: Map<String, Value>,
    secret_config: Option<Map<String, Value>>,
    connected_resource_types: Option<Vec<String>>,
    custom_access_details: Option<String>,
}

/// As long as the text may be (contract §7.6).
const DETAILS_CHARS: usize = 400;

impl Update {
    pub(super) fn set(self, state: &State, one: &mut Integration) -> Result<(), Error> {
        if self.owners_mapping.is_some() && self.owner.is_none() {
            return Err(Error::bad("owners_mapping needs an owner to fall back to"));
        }
        one.secret_store = self
            .secret_store_config
            .map(SecretStore::read)
            .transpose()?;
        one.owner = self
            .owner
            .map(|owner| {
                let (id, name) = state.referred(owner.source_integration_reference.as_deref())?;
                Ok(json!({
                    "attribute_type": owner.attribute_type,
                    "attribute_value": owner.attribute_value,
                    "source_integration_id": id,
                    "source_integration_name": name,
                }))
            })
            .transpose()?;
        one.owners_mapping = self
            .owners_mapping
            .map(|mapping| {
                let (id, name) = state.referred(mapping.source_integration_reference.as_deref())?;
                Ok(json!({
                    "key_name": mapping.key_name,
                    "attribute_type": mapping.attribute_type,
                    "source_integration_id": id,
                    "source_integration_name": name,
                }))
            })
            .transpose()?;
        set(
            state,
            one,
            self.name,
            self.connector_id,
            self.integration_config,
            self.connected_resource_types,
            self.custom_access_details,
        )
    }
}

impl UpdateLegacy {
    pub(super) fn set(self, state: &State, one: &mut Integration) -> Result<(), Error> {
        one.secret_store = self.secret_config.map(Value::Object);
        set(
            state,
            one,
            self.name,
            self.provisioner_id,
            self.metadata,
            self.connected_resource_types,
            self.custom_access_details,
        )
    }
}

/// What both have in common.
fn set(
    state: &State,
    one: &mut Integration,
    name: String,
    connector_id: Option<String>,
    config: Map<String, Value>,
    resource_types: Option<Vec<String>>,
    access_details: Option<String>,
) -> Result<(), Error> {
    if let Some(id) = connector_id
        .as_ref()
        .filter(|id| state.connectors.find(id).is_none())
    {
        return Err(Error::BadRequest(format!("there is no connector {id}")));
    }
    let length = access_details
        .as_ref()
        .map_or(0, |text| text.chars().count());
    if length > DETAILS_CHARS {
        return Err(Error::BadRequest(format!(
            "custom_access_details must not be longer than {DETAILS_CHARS}"
        )));
    }
    one.name = name;
    one.connector_id = connector_id;
    one.config = Value::Object(config);
    one.resource_types = resource_types.unwrap_or_default();
    one.access_details = access_details;
    Ok(())
}
