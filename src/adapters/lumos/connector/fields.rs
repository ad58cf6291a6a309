//! The fields that a connector's `create_account` or `update_account` takes, by its own schema, and the way of our
//! fields onto them. Pure.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::inline;
use crate::adapters::contract::{AdapterError, Trouble};
use crate::domain::{AccountChange, AccountKind, EntitlementRecord, NewAccount};

/// Our fields and the names under which connectors take them (contract §B8, CreateAccount). A connector that lacks
/// one can't keep that field.
const NORMALIZED: [(&str, &str); 7] = [
    ("/email", "email"),
    ("/login", "username"),
    ("/given_name", "given_name"),
    ("/family_name", "family_name"),
    ("/display_name", "display_name"),
    ("/password", "password"),
    ("/kind", "account_type"),
];

/// Fields of the request that are no attributes of an account: `entitlements` have a place of their own, `id` is the account.
const RESERVED: [&str; 2] = ["entitlements", "id"];

/// What one capability takes.
pub(super) struct Fields {
    capability: &'static str,
    schema: Map<String, Value>,
    validator: Validator,
}

impl Fields {
    /// Reads the schema of the capability's `request`; references point into `root`.
    pub(super) fn read(
        capability: &'static str,
        schema: &Value,
        root: &Value,
    ) -> Result<Self, AdapterError> {
        let unusable = || {
            AdapterError::new(
                Trouble::Unsupported,
                format!("the connector's schema for `{capability}` is no usable JSON Schema"),
            )
        };
        let mut schema = inline::object_schema(schema, root).ok_or_else(unusable)?;
        schema.insert("type".into(), "object".into());
        let whole = Value::Object(schema);
        let validator = jsonschema::draft202012::new(&whole).map_err(|_| unusable())?;
        let Value::Object(schema) = whole else {
            return Err(unusable());
        };
        Ok(Self {
            capability,
            schema,
            validator,
        })
    }

    /// The request that makes an account.
    pub(super) fn create_request(
        &self,
        new: &NewAccount,
    ) -> Result<Map<String, Value>, AdapterError> {
        let mut request = Map::new();
        let texts = [
            ("/email", &new.email),
            ("/login", &new.login),
            ("/given_name", &new.given_name),
            ("/family_name", &new.family_name),
            ("/display_name", &new.display_name),
        ];
        for (pointer, text) in texts {
            if let Some(text) = text {
                self.put(&mut request, pointer, text.as_str())?;
            }
        }
        if let Some(password) = &new.password {
            self.put(&mut request, "/password", password.expose_secret())?;
        }
        match new.kind {
            // Where the connector asks for no type, what it makes are people's accounts.
            Some(AccountKind::Human) if !self.takes("account_type") => {}
            Some(AccountKind::Human) => self.put(&mut request, "/kind", "user")?,
            Some(AccountKind::Service) => self.put(&mut request, "/kind", "service")?,
            Some(AccountKind::Unknown) | None => {}
        }
        self.put_attributes(&mut request, &new.attributes)?;
        if !new.entitlements.is_empty() && !self.takes("entitlements") {
            return Err(self.lacks("/entitlement_ids", "entitlements"));
        }
        // Required by the standard schema, though connectors let it be left out (contract §B7).
        let given: Vec<Value> = new.entitlements.iter().map(given).collect();
        request.insert("entitlements".into(), given.into());
        self.check(&request)?;
        Ok(request)
    }

    /// The request that changes the account `id`.
    pub(super) fn update_request(
        &self,
        id: &str,
        change: &AccountChange,
    ) -> Result<Map<String, Value>, AdapterError> {
        let mut request = Map::from_iter([("id".to_owned(), id.into())]);
        let texts = [
            ("/email", &change.email),
            ("/login", &change.login),
            ("/given_name", &change.given_name),
            ("/family_name", &change.family_name),
            ("/display_name", &change.display_name),
        ];
        for (pointer, text) in texts {
            if let Some(text) = text {
                self.put(&mut request, pointer, text.as_deref())?;
            }
        }
        if let Some(password) = &change.password {
            self.put(&mut request, "/password", password.expose_secret())?;
        }
        self.put_attributes(&mut request, &change.attributes)?;
        self.check(&request)?;
        Ok(request)
    }

    /// The schema of `attributes`: the connector's own fields, without those that have a place of their own.
    pub(super) fn attributes_schema(&self) -> Value {
        let own = |name: &str| {
            !RESERVED.contains(&name) && !NORMALIZED.iter().any(|(_, wire)| *wire == name)
        };
        let properties: Map<String, Value> = self
            .properties()
            .filter(|(name, _)| own(name))
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        let required: Vec<&str> = self.required().filter(|name| own(name)).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Connector-specific fields of a new account",
            "description": "As the connector describes its `create_account`.",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": self.takes_any()
        })
    }

    fn put<T: Into<Value>>(
        &self,
        request: &mut Map<String, Value>,
        pointer: &str,
        value: T,
    ) -> Result<(), AdapterError> {
        let wire = NORMALIZED
            .iter()
            .find_map(|(ours, wire)| (*ours == pointer).then_some(*wire))
            .unwrap_or_default();
        if !self.takes(wire) {
            return Err(self.lacks(pointer, wire));
        }
        request.insert(wire.into(), value.into());
        Ok(())
    }

    fn put_attributes(
        &self,
        request: &mut Map<String, Value>,
        attributes: &Map<String, Value>,
    ) -> Result<(), AdapterError> {
        check_attribute_names(attributes)?;
        for (name, value) in attributes {
            if !self.takes(name) && !self.takes_any() {
                return Err(self.lacks(&attribute_pointer(name), name));
            }
            request.insert(name.clone(), value.clone());
        }
        Ok(())
    }

    /// Whether the connector accepts the request by its own schema.
    fn check(&self, request: &Map<String, Value>) -> Result<(), AdapterError> {
        let request = Value::Object(request.clone());
        let Some(error) = self.validator.iter_errors(&request).next() else {
            return Ok(());
        };
        let place = error.instance_path.to_string();
        Err(match &error.kind {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                AdapterError::invalid(
                    &our_pointer(&format!("{place}/{}", escaped(name))),
                    format!("the connector's `{}` needs `{name}`", self.capability),
                )
            }
            // Masked: the value may be a password.
            _ => AdapterError::invalid(
                &our_pointer(&place),
                format!(
                    "the connector's `{}` does not accept this: {}",
                    self.capability,
                    error.masked()
                ),
            ),
        })
    }

    fn lacks(&self, pointer: &str, name: &str) -> AdapterError {
        AdapterError::unsupported(
            pointer,
            format!(
                "the connector's `{}` has no field `{name}`",
                self.capability
            ),
        )
    }

    fn takes(&self, name: &str) -> bool {
        self.properties().any(|(known, _)| known == name)
    }

    /// Only where the schema says so: connectors ignore unknown keys (contract §B2), so what is not named is lost.
    fn takes_any(&self) -> bool {
        match self.schema.get("additionalProperties") {
            None | Some(Value::Bool(false)) => false,
            Some(_) => true,
        }
    }

    fn properties(&self) -> impl Iterator<Item = (&String, &Value)> {
        let properties = self.schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten()
    }

    fn required(&self) -> impl Iterator<Item = &str> {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Refuses attributes that have a place of their own: two values for one field can't both be kept.
pub(super) fn check_attribute_names(attributes: &Map<String, Value>) -> Result<(), AdapterError> {
    for name in attributes.keys() {
        let pointer = attribute_pointer(name);
        if let Some((ours, _)) = NORMALIZED.iter().find(|(_, wire)| wire == name) {
            let ours = &ours[1..];
            return Err(AdapterError::invalid(
                &pointer,
                format!("this belongs into `{ours}`, not into `attributes`"),
            ));
        }
        if name == "entitlements" {
            return Err(AdapterError::invalid(
                &pointer,
                "this belongs into `entitlement_ids`, not into `attributes`",
            ));
        }
        if name == "id" {
            return Err(AdapterError::invalid(
                &pointer,
                "the connector chooses the id of an account",
            ));
        }
    }
    Ok(())
}

/// An entitlement of a new account, in the connector's words; what holds everywhere is at no resource.
fn given(entitlement: &EntitlementRecord) -> Value {
    let [kind, resource_id, id] = match entitlement.external_key.parts().as_slice() {
        [kind, _, resource_id, id] => [kind.clone(), resource_id.clone(), id.clone()],
        _ => Default::default(),
    };
    let mut given = json!({ "entitlement_type": kind, "integration_specific_id": id });
    if !resource_id.is_empty() {
        given["integration_specific_resource_id"] = resource_id.into();
    }
    given
}

fn attribute_pointer(name: &str) -> String {
    format!("/attributes/{}", escaped(name))
}

/// The place in our request that a place in the connector's request comes from.
fn our_pointer(place: &str) -> Cow<'static, str> {
    let path = place.strip_prefix('/').unwrap_or(place);
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    match NORMALIZED.iter().find(|(_, wire)| *wire == name) {
        Some((ours, _)) => Cow::Borrowed(*ours),
        None if name == "entitlements" => Cow::Borrowed("/entitlement_ids"),
        None if name.is_empty() => Cow::Borrowed("/attributes"),
        None if rest.is_empty() => Cow::Owned(format!("/attributes/{name}")),
        None => Cow::Owned(format!("/attributes/{name}/{rest}")),
    }
}

/// A name as a part of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
