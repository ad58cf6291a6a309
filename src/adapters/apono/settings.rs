//! What an Apono connection is configured with: typed, and as JSON Schemas for people and forms.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::adapters::vendor::BuildError;

/// How long after an unclear answer a reading is believed. Nothing is written here yet.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// The vendor's own address (§1).
const BASE_URL: &str = "https://api.apono.io";

/// The vendor's own page size (§3).
const PAGE_SIZE: u32 = 100;
/// No largest page is documented; more than this is not asked for.
const MAX_PAGE_SIZE: u32 = 1000;

/// Which of Apono's two ways to its users is used (§5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum UsersApi {
    /// `/api/admin/v3/users`: pages by token, roles and attributes.
    #[default]
    Current,
    /// `/api/v2/users`: everything at once, names and state only.
    Legacy,
}

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    #[serde(default = "default_base_url")]
    pub(super) base_url: Url,
    #[serde(default)]
    pub(super) users_api: UsersApi,
    #[serde(default = "default_page_size")]
    pub(super) page_size: u32,
}

fn default_base_url() -> Url {
    Url::parse(BASE_URL).expect("a URL")
}

const fn default_page_size() -> u32 {
    PAGE_SIZE
}

impl Settings {
    /// Reads settings that passed [`schema`].
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of apono/tenant: {error}")))
    }
}

/// JSON Schema of the settings.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Settings of an Apono tenant",
        "additionalProperties": false,
        "properties": {
            "base_url": {
                "type": "string",
                "format": "uri",
                "title": "Base URL",
                "description": "Where the API is served, without `/api`; the tenant is told by the tokens.",
                "default": BASE_URL,
                "examples": [BASE_URL]
            },
            "users_api": {
                "enum": ["current", "legacy"],
                "title": "Users API",
                "description": "`current` reads users page by page with their roles and attributes. `legacy` reads the older API, \
                    which gives everything in one answer and shows names and state only, for tenants whose token the current one refuses.",
                "default": "current",
                "examples": ["current"]
            },
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_PAGE_SIZE,
                "title": "Page size",
                "description": "How many users to ask for at once, at most. The legacy API has no pages.",
                "default": PAGE_SIZE,
                "examples": [PAGE_SIZE]
            }
        }
    })
}

/// JSON Schema of the credentials.
pub(super) fn credentials_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Credentials of an Apono tenant",
        "required": ["kind"],
        "oneOf": [
            {
                "title": "Tokens",
                "description": "Apono's two kinds of API token. Each is sent only to the part of the API that it is for.",
                "required": ["kind", "account_token"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "tokens" },
                    "account_token": {
                        "type": "string",
                        "minLength": 1,
                        "title": "Account token",
                        "description": "A service-account token made by an administrator, for the administration and legacy APIs. Its roles must allow to read users.",
                        "writeOnly": true,
                        "examples": ["not-a-real-account-token"]
                    },
                    "personal_token": {
                        "type": ["string", "null"],
                        "minLength": 1,
                        "title": "Personal token",
                        "description": "A token that a user made, for the user API, where the gateway acts as that user. Accounts are read without it.",
                        "writeOnly": true,
                        "examples": ["aup_not-a-real-token"]
                    }
                }
            }
        ]
    })
}

/// JSON Schema of `attributes` of a new account: users can't be created at Apono.
pub(super) fn create_attributes_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "No fields",
        "description": "Apono takes its users from identity sources; none can be created.",
        "additionalProperties": false,
        "properties": {}
    })
}

/// Settings and credentials that match the schemas.
pub(super) fn example() -> (Value, Value) {
    (
        json!({ "base_url": BASE_URL, "users_api": "current", "page_size": PAGE_SIZE }),
        json!({
            "kind": "tokens",
            "account_token": "not-a-real-account-token",
            "personal_token": "aup_not-a-real-token"
        }),
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
    fn defaults_are_the_documented_ones() {
        let parsed = Settings::parse(&json!({})).unwrap();
        assert_eq!(parsed.base_url.as_str(), "https://api.apono.io/");
        assert_eq!(parsed.users_api, UsersApi::Current);
        assert_eq!(parsed.page_size, 100);
    }

    #[test]
    fn settings_are_closed() {
        for refused in [
            json!({ "base_url": BASE_URL, "tenant": "x" }),
            json!({ "users_api": "v2" }),
            json!({ "page_size": 0 }),
            json!({ "page_size": 1001 }),
        ] {
            assert!(!jsonschema::is_valid(&schema(), &refused), "{refused}");
        }
    }

    #[test]
    fn the_personal_token_may_be_missing_and_the_account_token_may_not() {
        let valid = |value: &Value| jsonschema::is_valid(&credentials_schema(), value);
        assert!(valid(&json!({ "kind": "tokens", "account_token": "a" })));
        assert!(valid(
            &json!({ "kind": "tokens", "account_token": "a", "personal_token": null })
        ));
        for refused in [
            json!({ "kind": "tokens" }),
            json!({ "kind": "tokens", "personal_token": "aup_x" }),
            json!({ "kind": "tokens", "account_token": "" }),
            json!({ "kind": "tokens", "account_token": "a", "token": "b" }),
            json!({ "kind": "bearer", "account_token": "a" }),
        ] {
            assert!(!valid(&refused), "{refused}");
        }
    }
}
