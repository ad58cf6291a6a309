//! The third party's credentials, which travel in the body of every call (contract §B2), and the optional token for
//! a host in front of the connector.

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use crate::adapters::contract::{AdapterError, Trouble};

use crate::adapters::transport::{Request, Sign};
use crate::adapters::vendor::{BuildError, Credentials};

/// One field of a kind of credential.
struct Field {
    name: &'static str,
    title: &'static str,
    /// Whether messages must never repeat its value. A user name or a list of scopes is no secret, and blanking out
    /// such everyday words would spoil every message.
    secret: bool,
}

const fn secret(name: &'static str, title: &'static str) -> Field {
    Field {
        name,
        title,
        secret: true,
    }
}

const fn plain(name: &'static str, title: &'static str) -> Field {
    Field {
        name,
        title,
        secret: false,
    }
}

/// A member of the contract's `AuthCredential`.
struct Kind {
    name: &'static str,
    title: &'static str,
    fields: &'static [Field],
}

const SCOPES: &str = "scopes";

const KINDS: &[Kind] = &[
    Kind {
        name: "token",
        title: "Token",
        fields: &[secret("token", "Token")],
    },
    Kind {
        name: "basic",
        title: "User name and password",
        fields: &[
            plain("username", "User name"),
            secret("password", "Password"),
        ],
    },
    Kind {
        name: "oauth",
        title: "OAuth access token",
        fields: &[secret("access_token", "Access token")],
    },
    Kind {
        name: "oauth_client_credentials",
        title: "OAuth client credentials",
        fields: &[
            secret("access_token", "Access token"),
            plain("client_id", "Client id"),
            secret("client_secret", "Client secret"),
            plain(SCOPES, "Scopes, separated by spaces"),
        ],
    },
    Kind {
        name: "oauth1",
        title: "OAuth 1 keys",
        fields: &[
            plain("consumer_key", "Consumer key"),
            secret("consumer_secret", "Consumer secret"),
            plain("token_id", "Token id"),
            secret("token_secret", "Token secret"),
        ],
    },
    Kind {
        name: "key_pair",
        title: "Key pair",
        fields: &[
            plain("key_identifier", "Key identifier"),
            secret("private_key", "Private key"),
        ],
    },
    Kind {
        name: "empty",
        title: "No credential",
        fields: &[],
    },
];

/// Fields that every kind can have besides its own.
const COMMON: &[Field] = &[
    plain("credential_id", "Credential id"),
    secret("outer_token", "Token of the host in front"),
];

/// The credentials of one connection.
pub(super) struct Connection {
    kind: &'static Kind,
    fields: Vec<(&'static Field, SecretString)>,
    credential_id: Option<String>,
    outer_token: Option<SecretString>,
}

impl Connection {
    pub(super) fn parse(credentials: &Credentials) -> Result<Self, BuildError> {
        let kind = KINDS
            .iter()
            .find(|kind| kind.name == credentials.kind)
            .ok_or_else(|| {
                BuildError(format!(
                    "a connector knows no credentials of kind `{}`",
                    credentials.kind
                ))
            })?;
        let fields = kind
            .fields
            .iter()
            .map(|field| Ok((field, credentials.require(field.name)?.clone())))
            .collect::<Result<_, BuildError>>()?;
        let outer_token = credentials.fields.get("outer_token").cloned();
        if let Some(token) = &outer_token {
            bearer(token)?;
        }
        Ok(Self {
            kind,
            fields,
            credential_id: credentials
                .fields
                .get("credential_id")
                .map(|id| id.expose_secret().to_owned()),
            outer_token,
        })
    }

    /// The values that no message may repeat.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        self.fields
            .iter()
            .filter(|(field, _)| field.secret)
            .map(|(_, value)| value.clone())
            .chain(self.outer_token.clone())
            .collect()
    }

    /// Adds the credential to a body: the single form, or the named one where the connector declares several.
    pub(super) fn fill(&self, body: &mut Map<String, Value>) {
        let mut member = Map::new();
        for (field, value) in &self.fields {
            let value = value.expose_secret();
            let value = if field.name == SCOPES {
                value.split_whitespace().collect::<Vec<_>>().into()
            } else {
                Value::from(value)
            };
            member.insert(field.name.into(), value);
        }
        let name = self.kind.name;
        match &self.credential_id {
            Some(id) => body.insert("credentials".into(), json!([{ "id": id, name: member }])),
            None => body.insert("auth".into(), json!({ name: member })),
        };
    }

    /// How the outer token gets in, where there is one.
    pub(super) fn outer(&self) -> Option<OuterToken> {
        self.outer_token.clone().map(OuterToken)
    }
}

/// The bearer token of a host in front of the connector.
pub(super) struct OuterToken(SecretString);

impl Sign for OuterToken {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        let value = bearer(&self.0)
            .map_err(|BuildError(text)| AdapterError::new(Trouble::AuthFailed, text))?;
        request.headers.insert(AUTHORIZATION, value);
        Ok(())
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, BuildError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| BuildError("`outer_token` has characters that no header can carry".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn schema() -> Value {
    let kinds: Vec<Value> = KINDS.iter().map(kind_schema).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lumos connector credentials",
        "description": "The credential for the system behind the connector, of the kind that the connector asks for.",
        "type": "object",
        "required": ["kind"],
        "oneOf": kinds
    })
}

fn kind_schema(kind: &Kind) -> Value {
    let mut properties = Map::new();
    properties.insert("kind".into(), json!({"const": kind.name}));
    for field in kind.fields.iter().chain(COMMON) {
        let description = match field.name {
            "credential_id" => {
                "The name under which the connector declares this credential, for connectors that declare several."
            }
            "outer_token" => {
                "Sent as a bearer token, where something in front of the connector asks for one."
            }
            _ => "As the connector's system issued it.",
        };
        properties.insert(
            field.name.into(),
            json!({
                "title": field.title,
                "description": description,
                "type": "string",
                "minLength": if field.name == SCOPES { 0 } else { 1 },
                "writeOnly": true
            }),
        );
    }
    let required: Vec<&str> = std::iter::once("kind")
        .chain(kind.fields.iter().map(|field| field.name))
        .collect();
    json!({
        "title": kind.title,
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties
    })
}

pub(super) fn example() -> Value {
    json!({"kind": "token", "token": "example-token-not-real"})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(kind: &str, fields: &[(&str, &str)]) -> Credentials {
        Credentials {
            kind: kind.into(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).into(), SecretString::from(*value)))
                .collect(),
        }
    }

    fn body(credentials: &Credentials) -> Value {
        let mut body = Map::new();
        Connection::parse(credentials).unwrap().fill(&mut body);
        Value::Object(body)
    }

    #[test]
    fn one_credential_travels_as_auth() {
        let token = credentials("token", &[("token", "t-1")]);
        assert_eq!(body(&token), json!({"auth": {"token": {"token": "t-1"}}}));
        assert_eq!(
            body(&credentials("empty", &[])),
            json!({"auth": {"empty": {}}})
        );
    }

    #[test]
    fn a_named_credential_travels_in_the_list() {
        let basic = credentials(
            "basic",
            &[
                ("username", "ada"),
                ("password", "p"),
                ("credential_id", "main"),
            ],
        );
        assert_eq!(
            body(&basic),
            json!({"credentials": [{"id": "main", "basic": {"username": "ada", "password": "p"}}]})
        );
    }

    #[test]
    fn scopes_become_a_list() {
        let client = credentials(
            "oauth_client_credentials",
            &[
                ("access_token", "a"),
                ("client_id", "c"),
                ("client_secret", "s"),
                ("scopes", "read  write"),
            ],
        );
        let scopes = body(&client)["auth"]["oauth_client_credentials"]["scopes"].clone();
        assert_eq!(scopes, json!(["read", "write"]));
    }

    #[test]
    fn only_secrets_are_kept_out_of_messages() {
        let basic = credentials(
            "basic",
            &[("username", "ada"), ("password", "p"), ("outer_token", "o")],
        );
        let secrets: Vec<String> = Connection::parse(&basic)
            .unwrap()
            .secrets()
            .iter()
            .map(|secret| secret.expose_secret().to_owned())
            .collect();
        assert_eq!(secrets, ["p", "o"]);
    }

    #[test]
    fn an_unknown_kind_and_a_missing_field_are_named_without_values() {
        let error = Connection::parse(&credentials("magic", &[])).err().unwrap();
        assert!(error.0.contains("magic"));
        let error = Connection::parse(&credentials("basic", &[("username", "u")]))
            .err()
            .unwrap();
        assert!(error.0.contains("password"));
    }

    #[test]
    fn every_kind_has_a_schema_of_its_own() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        assert!(validator.is_valid(&json!({"kind": "empty", "outer_token": "o"})));
        assert!(!validator.is_valid(&json!({"kind": "basic", "username": "u"})));
        assert!(!validator.is_valid(&json!({"kind": "token", "token": "t", "password": "p"})));
    }
}
