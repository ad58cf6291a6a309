//! What a connection to a tenant is configured with: typed, and as JSON Schemas for people and forms.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::adapters::vendor::BuildError;

/// How long after an unclear answer a reading is believed. Only what is passed through is written here.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// The vendor's own address (§A1).
const BASE_URL: &str = "https://api.lumos.com";

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    #[serde(default = "default_base_url")]
    pub(super) base_url: Url,
}

fn default_base_url() -> Url {
    Url::parse(BASE_URL).expect("a URL")
}

impl Settings {
    /// Reads settings that passed [`schema`].
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of lumos/main: {error}")))
    }
}

/// JSON Schema of the settings.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Settings of a Lumos tenant",
        "additionalProperties": false,
        "properties": {
            "base_url": {
                "type": "string",
                "format": "uri",
                "title": "Base URL",
                "description": "Where the API is served; the tenant is told by the token.",
                "default": BASE_URL,
                "examples": [BASE_URL]
            }
        }
    })
}

/// JSON Schema of the credentials.
pub(super) fn credentials_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Credentials of a Lumos tenant",
        "required": ["kind"],
        "oneOf": [
            {
                "title": "API token",
                "description": "A token made in Lumos' settings. It acts with the rights of the user who made it, so an administrator should.",
                "required": ["kind", "token"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "api_token" },
                    "token": {
                        "type": "string",
                        "minLength": 1,
                        "title": "Token",
                        "description": "Begins with `lsk_`; an OAuth access token works too, as long as it lives.",
                        "writeOnly": true,
                        "examples": ["lsk_not-a-real-token"]
                    }
                }
            }
        ]
    })
}

/// JSON Schema of `attributes` of a new account: accounts can't be created here.
pub(super) fn create_attributes_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "No fields",
        "description": "Accounts of a Lumos tenant are read, not created.",
        "additionalProperties": false,
        "properties": {}
    })
}

/// Settings and credentials that match the schemas.
pub(super) fn example() -> (Value, Value) {
    (
        json!({ "base_url": BASE_URL }),
        json!({ "kind": "api_token", "token": "lsk_not-a-real-token" }),
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
    fn without_a_base_url_it_is_the_vendors_own() {
        let settings = json!({});
        assert!(jsonschema::is_valid(&schema(), &settings));
        let parsed = Settings::parse(&settings).unwrap();
        assert_eq!(parsed.base_url.as_str(), "https://api.lumos.com/");
    }

    #[test]
    fn settings_and_credentials_are_closed() {
        for refused in [
            json!({ "base_url": 7 }),
            json!({ "base_url": BASE_URL, "tenant": "x" }),
        ] {
            assert!(!jsonschema::is_valid(&schema(), &refused), "{refused}");
        }
        for refused in [
            json!({}),
            json!({ "kind": "api_token" }),
            json!({ "kind": "api_token", "token": "" }),
            json!({ "kind": "bearer", "token": "lsk_x" }),
        ] {
            assert!(
                !jsonschema::is_valid(&credentials_schema(), &refused),
                "{refused}"
            );
        }
    }
}
