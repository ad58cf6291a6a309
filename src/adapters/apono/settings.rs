//! What an Apono connection is configured with: typed, and as JSON Schemas for people and forms.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::adapters::vendor::BuildError;

/// How long after an unclear answer a reading is believed: a member is added or removed at once, as far as anybody says.
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

/// Which token the older API gets: the contract says a personal one of an administrator, and that nobody knows what becomes of
/// another (§1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LegacyToken {
    /// The account token.
    #[default]
    Account,
    /// The personal token.
    Personal,
}

/// Where permissions on resources come from (§10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// What the owner of the personal token may ask for.
    #[default]
    AvailableAccess,
    /// What there is in each integration.
    Inventory,
}

/// What the bounds of the activity count (§2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TimeUnit {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    #[serde(default = "default_base_url")]
    pub(super) base_url: Url,
    #[serde(default)]
    pub(super) users_api: UsersApi,
    #[serde(default)]
    pub(super) legacy_token: LegacyToken,
    #[serde(default)]
    pub(super) entitlements_from: Source,
    #[serde(default)]
    pub(super) activity_time_unit: TimeUnit,
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
            "legacy_token": {
                "enum": ["account", "personal"],
                "title": "Token for the older API",
                "description": "Which token the older API (`/api/v1`, `/api/v2`, `/api/v3`) gets. Its lists of resources and of activity \
                    have no newer siblings. `personal` for tenants that refuse an account token there; its owner must be an administrator.",
                "default": "account",
                "examples": ["account"]
            },
            "entitlements_from": {
                "enum": ["available_access", "inventory"],
                "title": "Source of permissions",
                "description": "Where permissions on resources come from. `available_access` lists what the owner of the personal token may \
                    ask for; a connection without such a token uses the inventory all the same. `inventory` lists every permission on \
                    every resource of each integration, and does not tell which of them may be asked for.",
                "default": "available_access",
                "examples": ["available_access"]
            },
            "activity_time_unit": {
                "enum": ["seconds", "milliseconds"],
                "title": "Unit of activity times",
                "description": "What the bounds of Apono's activity are counted in since 1970, which is not documented.",
                "default": "seconds",
                "examples": ["seconds"]
            },
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_PAGE_SIZE,
                "title": "Page size",
                "description": "How many users, groups, members or entitlements to ask for at once, at most. The legacy API has no pages.",
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
                        "description": "A service-account token made by an administrator, for the administration API, and for the older one unless `legacy_token` says otherwise. Its roles must allow to read users, and to change groups and the attributes of users where the gateway shall.",
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
        json!({
            "base_url": BASE_URL,
            "users_api": "current",
            "legacy_token": "account",
            "entitlements_from": "available_access",
            "activity_time_unit": "seconds",
            "page_size": PAGE_SIZE
        }),
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
        assert_eq!(parsed.legacy_token, LegacyToken::Account);
        assert_eq!(parsed.entitlements_from, Source::AvailableAccess);
        assert_eq!(parsed.activity_time_unit, TimeUnit::Seconds);
    }

    #[test]
    fn settings_are_closed() {
        for refused in [
            json!({ "base_url": BASE_URL, "tenant": "x" }),
            json!({ "users_api": "v2" }),
            json!({ "legacy_token": "both" }),
            json!({ "entitlements_from": "requests" }),
            json!({ "activity_time_unit": "minutes" }),
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
