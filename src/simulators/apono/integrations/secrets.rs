//! Where the secrets of an integration are kept (contract §7.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulators::apono::errors::Error;

/// `UpsertSecretStoreConfigV4`: exactly one of them.
#[derive(Serialize, Deserialize)]
pub(super) struct SecretStore {
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<Aws>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gcp: Option<Gcp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubernetes: Option<Kubernetes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azure: Option<Azure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashicorp_vault: Option<Vault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apono: Option<Own>,
}

#[derive(Serialize, Deserialize)]
struct Aws {
    region: String,
    secret_id: String,
}

#[derive(Serialize, Deserialize)]
struct Gcp {
    project: String,
    secret_id: String,
}

#[derive(Serialize, Deserialize)]
struct Kubernetes {
    namespace: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Azure {
    vault_url: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Vault {
    secret_engine: String,
    path: String,
}

/// The secrets themselves.
#[derive(Serialize, Deserialize)]
struct Own {
    parameters: BTreeMap<String, String>,
}

impl SecretStore {
    pub(super) fn read(self) -> Result<Value, Error> {
        let value = json!(self);
        match value.as_object().map_or(0, serde_json::Map::len) {
            1 => Ok(value),
            _ => Err(Error::bad("secret_store_config takes exactly one store")),
        }
    }
}

/// References stay readable; what is kept in Apono itself does not.
pub(super) fn masked(store: &Value) -> Value {
    let mut store = store.clone();
    if let Some(Value::Object(parameters)) = store.pointer_mut("/apono/parameters") {
        parameters
            .values_mut()
            .for_each(|value| *value = "********".into());
    }
    store
}
