//! Checking settings and credentials against their JSON Schemas, without ever repeating a secret.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use crate::adapters::transport::Transport;
use crate::adapters::vendor::{Credentials, Variant};
use crate::error::{Error, FieldError, Result};

/// The complaints of a schema about a value; `at` is where the value stands in the request.
pub(in crate::services) fn complaints(
    schema: &Value,
    value: &Value,
    at: &str,
) -> Result<Vec<FieldError>> {
    let validator = jsonschema::validator_for(schema)
        .map_err(|error| Error::internal(format!("schema: {error}")))?;
    Ok(validator
        .iter_errors(value)
        .flat_map(|error| {
            let place = format!("{at}{}", error.instance_path);
            match &error.kind {
                jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } => {
                    unexpected
                        .iter()
                        .map(|name| FieldError {
                            pointer: format!("{place}/{}", escape(name)),
                            detail: format!("`{name}` is no field here{}", known(schema)),
                        })
                        .collect()
                }
                jsonschema::error::ValidationErrorKind::Required { property } => {
                    let name = property.as_str().unwrap_or_default();
                    vec![FieldError {
                        pointer: format!("{place}/{}", escape(name)),
                        detail: format!("`{name}` is required"),
                    }]
                }
                // Masked: the value may be a secret.
                _ => vec![FieldError {
                    pointer: place,
                    detail: error.masked_with("this value").to_string(),
                }],
            }
        })
        .collect())
}

/// The names that an object schema knows, for a refusal of others.
fn known(schema: &Value) -> String {
    let names: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|map| map.keys())
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("; known are {}", names.join(", "))
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The names of settings that are addresses: changing one needs the credentials anew.
pub(super) fn uri_settings(variant: &Variant) -> Vec<String> {
    let schema = variant.all_settings_schema();
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, property)| property.get("format") == Some(&json!("uri")))
        .map(|(name, _)| name.clone())
        .collect()
}

/// Checks settings: the schema, then every address against what the gateway may call.
pub(super) fn check_settings(
    variant: &Variant,
    transport: &Transport,
    settings: &Value,
) -> Result<Vec<FieldError>> {
    let mut wrong = complaints(&variant.all_settings_schema(), settings, "/settings")?;
    for name in uri_settings(variant) {
        let Some(text) = settings.get(&name).and_then(Value::as_str) else {
            continue;
        };
        let refusal = match Url::parse(text) {
            Err(error) => Some(format!("This is no URL: {error}.")),
            Ok(url) => transport
                .policy()
                .check_url(&url)
                .err()
                .map(|refusal| refusal.to_string()),
        };
        if let Some(detail) = refusal {
            wrong.push(FieldError {
                pointer: format!("/settings/{name}"),
                detail,
            });
        }
    }
    Ok(wrong)
}

/// Checks credentials against the schema of their kind and takes them apart.
pub(super) fn check_credentials(
    variant: &Variant,
    credentials: &Value,
) -> Result<Result<Credentials, Vec<FieldError>>> {
    let schema = (variant.credentials_schema)();
    let kinds: Vec<(&str, &Value)> = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|branch| {
            let kind = branch.pointer("/properties/kind/const")?.as_str()?;
            Some((kind, branch))
        })
        .collect();
    let names: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
    let wrong = |pointer: &str, detail: String| {
        Ok(Err(vec![FieldError {
            pointer: pointer.to_owned(),
            detail,
        }]))
    };
    let Some(object) = credentials.as_object() else {
        return wrong("/credentials", "must be an object".into());
    };
    let Some(kind) = object.get("kind").and_then(Value::as_str) else {
        return wrong(
            "/credentials/kind",
            format!("is required: one of {}", names.join(", ")),
        );
    };
    let Some((_, branch)) = kinds.iter().find(|(known, _)| *known == kind) else {
        return wrong(
            "/credentials/kind",
            format!("must be one of {}", names.join(", ")),
        );
    };
    let complaints = complaints(branch, credentials, "/credentials")?;
    if !complaints.is_empty() {
        return Ok(Err(complaints));
    }
    let fields: BTreeMap<String, SecretString> = object
        .iter()
        .filter(|(name, _)| *name != "kind")
        .filter_map(|(name, value)| {
            let text = match value {
                Value::Null => return None,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((name.clone(), SecretString::from(text)))
        })
        .collect();
    Ok(Ok(Credentials {
        kind: kind.to_owned(),
        fields,
    }))
}
