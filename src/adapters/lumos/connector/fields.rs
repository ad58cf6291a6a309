//! The fields that a connector's `create_account` or `update_account` takes, by its own schema, and the way of our
//! fields onto them. Pure.

use std::borrow::Cow;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::inline;
use crate::adapters::contract::{AdapterError, Trouble};
use crate::domain::{AccountChange, AccountKind, NewAccount};

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

/// Fields of the request that are no attributes of an account: `entitlements` are given by grants, `id` is the account.
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
        // Required by the standard schema, though connectors let it be left out (contract §B7).
        request.insert("entitlements".into(), json!([]));
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
            return Err(AdapterError::unsupported(
                &pointer,
                "entitlements are not given with the account",
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

fn attribute_pointer(name: &str) -> String {
    format!("/attributes/{}", escaped(name))
}

/// The place in our request that a place in the connector's request comes from.
fn our_pointer(place: &str) -> Cow<'static, str> {
    let path = place.strip_prefix('/').unwrap_or(place);
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    match NORMALIZED.iter().find(|(_, wire)| *wire == name) {
        Some((ours, _)) => Cow::Borrowed(*ours),
        None if name.is_empty() => Cow::Borrowed("/attributes"),
        None if rest.is_empty() => Cow::Owned(format!("/attributes/{name}")),
        None => Cow::Owned(format!("/attributes/{name}/{rest}")),
    }
}

/// A name as a part of a JSON pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use uuid::Uuid;

    use super::*;

    fn fields() -> Fields {
        let schema = json!({
            "title": "CreateAccount",
            "type": "object",
            "properties": {
                "entitlements": {"type": "array", "items": {"$ref": "#/$defs/E"}, "default": []},
                "email": {"type": "string"},
                "username": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
                "password": {"type": "string", "minLength": 12},
                "department": {"type": "string", "enum": ["R&D", "Sales"]},
                "cost/center": {"type": "integer"}
            },
            "required": ["email", "department"],
            "$defs": {"E": {"type": "object"}}
        });
        Fields::read("create_account", &schema, &schema).unwrap()
    }

    fn new(attributes: Value) -> NewAccount {
        NewAccount {
            operation_id: Uuid::nil(),
            login: None,
            email: Some("ada@example.com".into()),
            display_name: None,
            given_name: None,
            family_name: None,
            kind: None,
            password: None,
            attributes: attributes.as_object().unwrap().clone(),
        }
    }

    fn refused(new: &NewAccount) -> (Trouble, String) {
        let error = fields().create_request(new).unwrap_err();
        assert_eq!(error.effect, crate::adapters::contract::SideEffect::None);
        (error.trouble, error.pointer.unwrap())
    }

    #[test]
    fn our_fields_and_the_connectors_own_make_one_request() {
        let mut ada = new(json!({"department": "R&D", "cost/center": 7}));
        ada.login = Some("ada".into());
        ada.kind = Some(AccountKind::Human);
        assert_eq!(
            Value::Object(fields().create_request(&ada).unwrap()),
            json!({
                "email": "ada@example.com", "username": "ada", "department": "R&D", "cost/center": 7, "entitlements": []
            })
        );
    }

    #[test]
    fn what_the_connector_lacks_is_refused_with_its_place() {
        let mut ada = new(json!({"department": "R&D"}));
        ada.given_name = Some("Ada".into());
        assert_eq!(refused(&ada), (Trouble::Unsupported, "/given_name".into()));
        let mut robot = new(json!({"department": "R&D"}));
        robot.kind = Some(AccountKind::Service);
        assert_eq!(refused(&robot), (Trouble::Unsupported, "/kind".into()));
        let shoes = new(json!({"department": "R&D", "shoe/size": 44}));
        assert_eq!(
            refused(&shoes),
            (Trouble::Unsupported, "/attributes/shoe~1size".into())
        );
    }

    #[test]
    fn what_the_connector_needs_is_named_with_its_place() {
        assert_eq!(
            refused(&new(json!({}))),
            (Trouble::Invalid, "/attributes/department".into())
        );
        let mut nobody = new(json!({"department": "R&D"}));
        nobody.email = None;
        assert_eq!(refused(&nobody), (Trouble::Invalid, "/email".into()));
        let wrong = new(json!({"department": "R&D", "cost/center": "7"}));
        assert_eq!(
            refused(&wrong),
            (Trouble::Invalid, "/attributes/cost~1center".into())
        );
    }

    #[test]
    fn a_refused_password_is_not_repeated() {
        let mut ada = new(json!({"department": "R&D"}));
        ada.password = Some(SecretString::from("hunter2"));
        let error = fields().create_request(&ada).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/password"));
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }

    #[test]
    fn attributes_with_a_place_of_their_own_are_refused() {
        for (name, trouble) in [
            ("email", Trouble::Invalid),
            ("account_type", Trouble::Invalid),
            ("entitlements", Trouble::Unsupported),
            ("id", Trouble::Invalid),
        ] {
            let attributes = Map::from_iter([(name.to_owned(), json!("x"))]);
            let error = check_attribute_names(&attributes).unwrap_err();
            assert_eq!(error.trouble, trouble, "{name}");
            assert_eq!(error.pointer, Some(format!("/attributes/{name}")));
        }
    }

    #[test]
    fn making_a_field_empty_needs_a_field_that_may_be_empty() {
        let change = AccountChange {
            login: Some(None),
            ..AccountChange::default()
        };
        let schema = json!({"type": "object", "properties": {
            "id": {"type": "string"}, "username": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "email": {"type": "string"}
        }, "required": ["id"]});
        let fields = Fields::read("update_account", &schema, &schema).unwrap();
        assert_eq!(
            Value::Object(fields.update_request("a-1", &change).unwrap()),
            json!({"id": "a-1", "username": null})
        );
        let change = AccountChange {
            email: Some(None),
            ..AccountChange::default()
        };
        let error = fields.update_request("a-1", &change).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/email"));
    }

    #[test]
    fn the_attributes_schema_is_what_is_left() {
        let schema = fields().attributes_schema();
        let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["cost/center", "department"]);
        assert_eq!(schema["required"], json!(["department"]));
        assert_eq!(schema["additionalProperties"], json!(false));
    }

    #[test]
    fn a_schema_that_is_none_is_said_so() {
        for schema in [
            json!({"type": "string"}),
            json!({"type": "object", "properties": {"a": {"type": 7}}}),
        ] {
            let error = Fields::read("create_account", &schema, &schema)
                .err()
                .unwrap();
            assert_eq!(error.trouble, Trouble::Unsupported);
        }
    }
}
