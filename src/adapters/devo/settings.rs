//! What a Devo connection is configured with: typed, and as JSON Schemas for people and forms.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::draft;
use crate::adapters::vendor::{BuildError, settle_schema};

/// How long after an unclear answer a reading is believed, unless the connection says otherwise.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    /// The provisioning API of the domain's own region, path included.
    pub(super) base_url: Url,
    /// The domain, with its `@multitenant` tail where it has one.
    pub(super) domain: String,
    /// Key of the names in a body about a user's roles; the documents lost it (§4).
    #[serde(default = "default_roles_body_key")]
    pub(super) roles_body_key: String,
    /// Which of the two documented paths the tokens have (§1).
    #[serde(default)]
    pub(super) token_path_flavor: TokenPathFlavor,
    /// What stands before the `/v2` of the tokens' paths (§1).
    #[serde(default)]
    pub(super) token_path_prefix: String,
    /// Role of a new user whose creator does not say.
    #[serde(default = "default_role")]
    pub(super) default_role: String,
    /// What to say about mail validation of new users; `None` says nothing.
    pub(super) skip_validation: Option<bool>,
    /// How the parameter for it is spelled.
    #[serde(default = "default_skip_validation_name")]
    pub(super) skip_validation_name: String,
    /// Whose key the `hmac` credentials are; `None` goes by the domain's name.
    api_key_kind: Option<ApiKeyKind>,
}

/// Whose key signs the requests (§2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ApiKeyKind {
    /// One domain's.
    Domain,
    /// The multitenant's.
    Reseller,
}

/// The two documented paths of the tokens (§1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TokenPathFlavor {
    /// `{prefix}/v2/accounts/{a}/tokens`.
    #[default]
    V2,
    /// `/ws/accounts/{a}/credentials/tokens`.
    Ws,
}

fn default_roles_body_key() -> String {
    "roles".to_owned()
}

fn default_role() -> String {
    "NO_PRIVILEGES".to_owned()
}

fn default_skip_validation_name() -> String {
    "skipValidation".to_owned()
}

impl Settings {
    /// Reads settings that passed [`schema`].
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        let mut parsed = Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of devo/domain: {error}")))?;
        if !draft::is_domain(&parsed.domain) {
            return Err(BuildError(
                "setting `domain` is no Devo domain: it is `name` or `name@multitenant`, begins with a letter, ends with a \
                 letter or digit, and has letters, digits, `_` and `-` between"
                    .to_owned(),
            ));
        }
        parsed.default_role = draft::role(&parsed.default_role, "")
            .map_err(|error| BuildError(format!("setting `default_role`: {}", error.message)))?;
        Ok(parsed)
    }

    /// Whose key signs the requests.
    pub(super) fn api_key_kind(&self) -> ApiKeyKind {
        self.api_key_kind.unwrap_or(if self.is_multitenant() {
            ApiKeyKind::Reseller
        } else {
            ApiKeyKind::Domain
        })
    }

    /// Whether the domain is part of a multitenant.
    pub(super) fn is_multitenant(&self) -> bool {
        self.domain.contains('@')
    }
}

/// JSON Schema of the settings.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Settings of a Devo connection",
        "required": ["base_url", "domain"],
        "additionalProperties": false,
        "properties": {
            "base_url": {
                "type": "string",
                "format": "uri",
                "title": "Base URL",
                "description": "The provisioning API of the domain's own region, with `/probio`. Another region answers 404 to everything.",
                "examples": ["https://api-us.devo.example/probio"]
            },
            "domain": {
                "type": "string",
                "minLength": 1,
                "title": "Domain",
                "description": "The Devo domain whose users are the accounts: `name`, or `name@multitenant`.",
                "examples": ["acme@parent"]
            },
            "default_role": {
                "type": "string",
                "minLength": 1,
                "title": "Default role",
                "description": "Role of a new user when the request does not name one. Every user of a domain has at least one.",
                "default": "NO_PRIVILEGES",
                "examples": ["NO_PRIVILEGES"]
            },
            "skip_validation": {
                "type": ["boolean", "null"],
                "title": "Skip mail validation",
                "description": "Whether new users need not validate their address. Missing: nothing is sent, and Devo decides.",
                "default": null,
                "examples": [false]
            },
            "skip_validation_name": {
                "type": "string",
                "enum": ["skipValidation", "skipMailValidation"],
                "title": "Name of that parameter",
                "description": "How the query parameter is spelled; Devo's documentation and working scripts differ.",
                "default": "skipValidation",
                "examples": ["skipValidation"]
            },
            "api_key_kind": {
                "type": ["string", "null"],
                "enum": ["domain", "reseller", null],
                "title": "Whose API key",
                "description": "Whether the key of `hmac` credentials is the domain's or the multitenant's. Missing: the multitenant's when the domain has a `@`.",
                "default": null,
                "examples": ["reseller"]
            },
            "roles_body_key": {
                "type": "string",
                "minLength": 1,
                "title": "Key of a user's roles",
                "description": "The name under which the roles stand in the body that sets a user's roles; Devo's documents do not show it.",
                "default": "roles",
                "examples": ["roles"]
            },
            "token_path_flavor": {
                "type": "string",
                "enum": ["v2", "ws"],
                "title": "Path of the tokens",
                "description": "`v2` for `/v2/accounts/{a}/tokens`, `ws` for `/ws/accounts/{a}/credentials/tokens`; Devo's documents have both.",
                "default": "v2",
                "examples": ["ws"]
            },
            "token_path_prefix": {
                "type": "string",
                "pattern": "^(/[A-Za-z0-9][A-Za-z0-9._-]*)*$",
                "title": "Prefix of the tokens' path",
                "description": "What stands between the host and `/v2`; empty for nothing.",
                "default": "",
                "examples": ["/credentials"]
            },
            "settle_seconds": settle_schema(SETTLE_SECONDS)
        }
    })
}

/// JSON Schema of the credentials.
pub(super) fn credentials_schema() -> Value {
    let secret = |title: &str, description: &str, example: &str| {
        json!({
            "type": "string",
            "minLength": 1,
            "title": title,
            "description": description,
            "writeOnly": true,
            "examples": [example]
        })
    };
    let token = secret("Token", "The token's value.", "not-a-real-token");
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Credentials of a Devo connection",
        "required": ["kind"],
        "oneOf": [
            {
                "title": "API key and secret",
                "description": "Signs every request (HMAC-SHA256). Devo asks for it in multitenant domains.",
                "required": ["kind", "api_key", "api_secret"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "hmac" },
                    "api_key": secret("API key", "The key.", "not-a-real-key"),
                    "api_secret": secret("API secret", "The secret that belongs to the key.", "not-a-real-secret"),
                    "token": secret(
                        "Token",
                        "A token of the Credentials API, which takes no signature. Without it the tokens of the domain can't be reached.",
                        "not-a-real-token"
                    )
                }
            },
            {
                "title": "Standalone token",
                "description": "A Devo token in the `standAloneToken` header, for domains outside a multitenant.",
                "required": ["kind", "token"],
                "additionalProperties": false,
                "properties": { "kind": { "const": "standalone_token" }, "token": token }
            },
            {
                "title": "Bearer token",
                "description": "A Devo token in the `Authorization` header.",
                "required": ["kind", "token"],
                "additionalProperties": false,
                "properties": { "kind": { "const": "bearer" }, "token": token }
            }
        ]
    })
}

/// JSON Schema of `attributes` of a new account.
pub(super) fn create_attributes_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Devo's own fields of a user",
        "additionalProperties": false,
        "properties": {
            "role": {
                "type": ["string", "null"],
                "title": "Role",
                "description": "The user's first role; the connection's `default_role` when missing. OWNER is refused.",
                "examples": ["NO_PRIVILEGES"]
            },
            "phone": {
                "type": ["string", "null"],
                "title": "Phone",
                "description": "A `+`, then 7 to 15 digits, single spaces allowed between them.",
                "examples": ["+34 600 000 000"]
            },
            "externalId": {
                "type": ["string", "null"],
                "title": "External id",
                "description": "Id at an identity provider. Makes an external user, who needs no mail validation.",
                "examples": ["idp-0001"]
            }
        }
    })
}

/// Settings and credentials that match the schemas.
pub(super) fn example() -> (Value, Value) {
    (
        json!({
            "base_url": "https://api-us.devo.example/probio",
            "domain": "acme@parent",
            "default_role": "NO_PRIVILEGES"
        }),
        json!({ "kind": "hmac", "api_key": "not-a-real-key", "api_secret": "not-a-real-secret" }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(more: Value) -> Result<Settings, BuildError> {
        let mut settings = json!({ "base_url": "https://devo.example/probio", "domain": "acme" });
        let fields = settings.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        Settings::parse(&settings)
    }

    #[test]
    fn the_example_matches_the_schemas() {
        let (settings, credentials) = example();
        assert!(jsonschema::is_valid(&schema(), &settings));
        assert!(jsonschema::is_valid(&credentials_schema(), &credentials));
        Settings::parse(&settings).unwrap();
    }

    #[test]
    fn every_kind_of_credential_is_closed() {
        let schema = credentials_schema();
        for taken in [
            json!({ "kind": "standalone_token", "token": "x" }),
            json!({ "kind": "bearer", "token": "x" }),
            json!({ "kind": "hmac", "api_key": "x", "api_secret": "y" }),
            json!({ "kind": "hmac", "api_key": "x", "api_secret": "y", "token": "z" }),
        ] {
            assert!(jsonschema::is_valid(&schema, &taken), "{taken}");
        }
        for refused in [
            json!({}),
            json!({ "kind": "none" }),
            json!({ "kind": "hmac", "api_key": "x" }),
            json!({ "kind": "bearer", "token": "x", "api_key": "y" }),
        ] {
            assert!(!jsonschema::is_valid(&schema, &refused), "{refused}");
        }
    }

    #[test]
    fn the_key_is_the_multitenants_where_the_domain_is_part_of_one() {
        assert_eq!(parse(json!({})).unwrap().api_key_kind(), ApiKeyKind::Domain);
        let child = parse(json!({ "domain": "acme@parent" })).unwrap();
        assert_eq!(child.api_key_kind(), ApiKeyKind::Reseller);
        let told = parse(json!({ "domain": "acme@parent", "api_key_kind": "domain" })).unwrap();
        assert_eq!(told.api_key_kind(), ApiKeyKind::Domain);
    }

    #[test]
    fn a_prefix_cannot_climb_out_of_the_host() {
        let with = |prefix: &str| json!({ "base_url": "https://devo.example/probio", "domain": "acme", "token_path_prefix": prefix });
        for prefix in ["", "/xxx", "/a/b"] {
            assert!(jsonschema::is_valid(&schema(), &with(prefix)), "{prefix}");
        }
        for prefix in ["xxx", "/", "/..", "/a/../b", "/a?b"] {
            assert!(!jsonschema::is_valid(&schema(), &with(prefix)), "{prefix}");
        }
    }

    #[test]
    fn settings_that_devo_would_misread_are_refused() {
        for wrong in [
            json!({ "domain": "-acme" }),
            json!({ "domain": "../acme" }),
            json!({ "domain": "acme@" }),
            json!({ "default_role": "OWNER" }),
            json!({ "default_role": "a,b" }),
        ] {
            assert!(parse(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
