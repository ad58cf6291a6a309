//! What a Luna connection is configured with: typed, and as JSON Schemas for people and forms.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::adapters::vendor::{BuildError, settle_schema};

/// How long after an unclear answer a reading is believed, unless the connection says otherwise.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// The words that Luna has for the type of an account (§3).
pub(super) const ACCOUNT_TYPES: [&str; 3] = ["admin", "advanced_user", "user"];

/// The most items that Luna puts on a page (§5).
const MAX_PAGE_SIZE: u32 = 100;

/// Headers that the adapter or the HTTP client writes itself.
const RESERVED_HEADERS: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "luna-account-id",
    "luna-request-id",
    "transfer-encoding",
];

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    /// Root of the service, without the API version.
    pub(super) base_url: Url,
    /// Path between the root and the API's own paths (§1).
    #[serde(default = "default_api_prefix")]
    pub(super) api_prefix: String,
    /// Type of a new account whose creator does not say.
    #[serde(default = "default_account_type")]
    pub(super) default_account_type: String,
    /// The most items to ask for on one page.
    #[serde(default = "default_page_size")]
    pub(super) page_size: u32,
    /// Headers that a reverse proxy in front asks for (§2).
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

fn default_api_prefix() -> String {
    "/1".to_owned()
}

fn default_account_type() -> String {
    "user".to_owned()
}

const fn default_page_size() -> u32 {
    MAX_PAGE_SIZE
}

impl Settings {
    /// Reads settings that passed [`schema`].
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        let mut parsed = Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of luna/accounts: {error}")))?;
        parsed.page_size = parsed.page_size.clamp(1, MAX_PAGE_SIZE);
        Ok(parsed)
    }

    /// The extra headers, ready to send.
    pub(super) fn extra_headers(&self) -> Result<HeaderMap, BuildError> {
        self.headers
            .iter()
            .map(|(name, value)| {
                let refuse = |why: &str| BuildError(format!("setting `headers`: `{name}` {why}"));
                let key = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| refuse("is no header name"))?;
                if RESERVED_HEADERS.contains(&key.as_str()) {
                    return Err(refuse("is written by the gateway itself"));
                }
                let value = HeaderValue::from_str(value)
                    .map_err(|_| refuse("has a value that no header can carry"))?;
                Ok((key, value))
            })
            .collect()
    }
}

/// JSON Schema of the settings.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Settings of a Luna connection",
        "required": ["base_url"],
        "additionalProperties": false,
        "properties": {
            "base_url": {
                "type": "string",
                "format": "uri",
                "title": "Base URL",
                "description": "Root of the Luna-Accounts service, without the API version. A path in it is kept.",
                "examples": ["https://luna.example:5170"]
            },
            "api_prefix": {
                "type": "string",
                "pattern": "^(/[A-Za-z0-9][A-Za-z0-9._-]*)*$",
                "title": "API prefix",
                "description": "Path of the API version below the base URL; empty for none.",
                "default": "/1",
                "examples": ["/1", "/6"]
            },
            "default_account_type": {
                "type": "string",
                "enum": ACCOUNT_TYPES,
                "title": "Default account type",
                "description": "Type of a new account when the request does not name one.",
                "default": "user",
                "examples": ["user"]
            },
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_PAGE_SIZE,
                "title": "Page size",
                "description": "How many accounts to ask for at once.",
                "default": MAX_PAGE_SIZE,
                "examples": [MAX_PAGE_SIZE]
            },
            "headers": {
                "type": "object",
                "additionalProperties": { "type": "string" },
                "title": "Extra headers",
                "description": "Fixed headers for a reverse proxy in front of the service. Not for secrets: settings are shown to whoever may read the connection.",
                "default": {},
                "examples": [{ "x-tenant": "north" }]
            },
            "settle_seconds": settle_schema(SETTLE_SECONDS)
        }
    })
}

/// JSON Schema of the credentials.
pub(super) fn credentials_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Credentials of a Luna connection",
        "required": ["kind"],
        "oneOf": [
            {
                "title": "None",
                "description": "The service is protected by its network alone, which is its own default.",
                "required": ["kind"],
                "additionalProperties": false,
                "properties": { "kind": { "const": "none" } },
                "examples": [{ "kind": "none" }]
            },
            {
                "title": "Login and password",
                "description": "HTTP Basic, for a platform gateway or a reverse proxy in front of the service.",
                "required": ["kind", "login", "password"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "basic" },
                    "login": {
                        "type": "string",
                        "minLength": 1,
                        "title": "Login",
                        "description": "Login to authenticate with.",
                        "writeOnly": true,
                        "examples": ["gateway@luna.example"]
                    },
                    "password": {
                        "type": "string",
                        "minLength": 1,
                        "title": "Password",
                        "description": "Password of that login.",
                        "writeOnly": true,
                        "examples": ["not-a-real-password"]
                    }
                }
            },
            {
                "title": "Bearer token",
                "description": "A token that Luna issued to an account.",
                "required": ["kind", "token"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "bearer" },
                    "token": {
                        "type": "string",
                        "minLength": 1,
                        "title": "Token",
                        "description": "The JWT that Luna issued.",
                        "writeOnly": true,
                        "examples": ["not-a-real-token"]
                    }
                }
            }
        ]
    })
}

/// JSON Schema of `attributes` of a new account.
pub(super) fn create_attributes_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Luna's own fields of an account",
        "additionalProperties": false,
        "properties": {
            "account_type": {
                "type": ["string", "null"],
                "enum": ["admin", "advanced_user", "user", null],
                "title": "Account type",
                "description": "What the account may do; the connection's `default_account_type` when missing.",
                "examples": ["user"]
            }
        }
    })
}

/// Settings and credentials that match the schemas.
pub(super) fn example() -> (Value, Value) {
    (
        json!({
            "base_url": "https://luna.example:5170",
            "api_prefix": "/1",
            "default_account_type": "user",
            "page_size": 100
        }),
        json!({ "kind": "basic", "login": "gateway@luna.example", "password": "not-a-real-password" }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(jsonschema::is_valid(&schema, &json!({ "kind": "none" })));
        for refused in [
            json!({}),
            json!({ "kind": "hmac" }),
            json!({ "kind": "none", "token": "x" }),
            json!({ "kind": "basic", "login": "x" }),
            json!({ "kind": "bearer" }),
        ] {
            assert!(!jsonschema::is_valid(&schema, &refused), "{refused}");
        }
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let settings = Settings::parse(&json!({ "base_url": "https://luna.example" })).unwrap();
        assert_eq!(settings.api_prefix, "/1");
        assert_eq!(settings.default_account_type, "user");
        assert_eq!(settings.page_size, 100);
        assert!(settings.extra_headers().unwrap().is_empty());
    }

    #[test]
    fn a_prefix_cannot_climb_out_of_the_base_url() {
        let with =
            |prefix: &str| json!({ "base_url": "https://luna.example", "api_prefix": prefix });
        for prefix in ["", "/1", "/luna/6"] {
            assert!(jsonschema::is_valid(&schema(), &with(prefix)), "{prefix}");
        }
        for prefix in ["1", "/", "/..", "/1/../x", "/1?x", "/1/"] {
            assert!(!jsonschema::is_valid(&schema(), &with(prefix)), "{prefix}");
        }
    }

    #[test]
    fn an_extra_header_may_not_replace_ours() {
        for name in ["Authorization", "Luna-Account-Id", "bad name"] {
            let settings = Settings::parse(
                &json!({ "base_url": "https://luna.example", "headers": { name: "x" } }),
            );
            assert!(settings.unwrap().extra_headers().is_err(), "{name}");
        }
    }
}
