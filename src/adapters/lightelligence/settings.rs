//! What a Lightelligence connection is configured with: typed, and as JSON Schemas for people and forms.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::adapters::vendor::{BuildError, settle_schema};

/// How long after an unclear answer a reading is believed, unless the connection says otherwise.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// The most items that the vendor puts on a page (§3).
pub(super) const MAX_PAGE_SIZE: u32 = 100;

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    /// Root of the API, with its version.
    pub(super) base_url: Url,
    /// Root of the realm at the identity provider; also the issuer of its tokens.
    pub(super) realm_url: Url,
    /// The tenant whose users these are.
    pub(super) tenant_id: Uuid,
    /// Name of the role that an invite offers.
    #[serde(default = "default_invite_role")]
    pub(super) invite_role: String,
    /// Whether roles are read and named the deprecated way (§4).
    #[serde(default)]
    pub(super) legacy_roles: bool,
}

fn default_invite_role() -> String {
    "reader".to_owned()
}

impl Settings {
    /// Reads settings that passed [`schema`].
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of lightelligence/tenant: {error}")))
    }
}

/// JSON Schema of the settings.
pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Settings of a Lightelligence connection",
        "required": ["base_url", "realm_url", "tenant_id"],
        "additionalProperties": false,
        "properties": {
            "base_url": {
                "type": "string",
                "format": "uri",
                "title": "Base URL",
                "description": "Root of the API, with its version.",
                "examples": ["https://api.lightelligence.io/v1"]
            },
            "realm_url": {
                "type": "string",
                "format": "uri",
                "title": "Realm URL",
                "description": "Root of the realm at the identity provider. It is the issuer that tokens must name.",
                "examples": ["https://id.lightelligence.io/v1/id/auth/realms/olt"]
            },
            "tenant_id": {
                "type": "string",
                "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
                "title": "Tenant",
                "description": "Id of the tenant whose users these are.",
                "examples": ["11111111-1111-4111-8111-111111111111"]
            },
            "invite_role": {
                "type": "string",
                "minLength": 1,
                "title": "Role of invites",
                "description": "Name of the role that a new account is invited to.",
                "default": "reader",
                "examples": ["reader", "writer"]
            },
            "legacy_roles": {
                "type": "boolean",
                "title": "Deprecated role calls",
                "description": "Read and name roles the deprecated way, for installations that know no other.",
                "default": false,
                "examples": [false]
            },
            "settle_seconds": settle_schema(SETTLE_SECONDS)
        }
    })
}

/// JSON Schema of the credentials.
pub(super) fn credentials_schema() -> Value {
    let client_id = text("Client", "Id of the OAuth client.", "portal");
    let secret = text(
        "Client secret",
        "Secret of the client.",
        "not-a-real-secret",
    );
    let optional_secret = text(
        "Client secret",
        "Secret of the client; left out for a public one.",
        "not-a-real-secret",
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Credentials of a Lightelligence connection",
        "required": ["kind"],
        "oneOf": [
            {
                "title": "Refresh token",
                "description": "Of a person who logged in to the portal: tokens of custom applications can't manage users. It is used up; what the identity provider gives in its place is kept, sealed.",
                "required": ["kind", "client_id", "refresh_token"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "refresh_token" },
                    "client_id": client_id,
                    "client_secret": optional_secret,
                    "refresh_token": text("Refresh token", "The newest one.", "not-a-real-token")
                }
            },
            {
                "title": "Client credentials",
                "description": "Of a client to which the vendor has granted the management of users.",
                "required": ["kind", "client_id", "client_secret"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "client_credentials" },
                    "client_id": client_id,
                    "client_secret": secret
                }
            },
            {
                "title": "Authorization code",
                "description": "Exchanged once, by the first call; from then on the connection lives by the refresh token that came of it.",
                "required": ["kind", "client_id", "code", "redirect_uri"],
                "additionalProperties": false,
                "properties": {
                    "kind": { "const": "authorization_code" },
                    "client_id": client_id,
                    "client_secret": optional_secret,
                    "code": text("Code", "What the login's callback got; good for minutes.", "not-a-real-code"),
                    "redirect_uri": text("Redirect URI", "The one that the login was begun with.", "https://app.example/callback")
                }
            }
        ]
    })
}

fn text(title: &str, description: &str, example: &str) -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "title": title,
        "description": description,
        "writeOnly": true,
        "examples": [example]
    })
}

/// JSON Schema of `attributes` of a new account: an invite keeps none.
pub(super) fn create_attributes_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": "Lightelligence's own fields of an account",
        "additionalProperties": false,
        "properties": {}
    })
}

/// Settings and credentials that match the schemas.
pub(super) fn example() -> (Value, Value) {
    (
        json!({
            "base_url": "https://api.lightelligence.io/v1",
            "realm_url": "https://id.lightelligence.io/v1/id/auth/realms/olt",
            "tenant_id": "11111111-1111-4111-8111-111111111111",
            "invite_role": "reader"
        }),
        json!({ "kind": "refresh_token", "client_id": "portal", "refresh_token": "not-a-real-token" }),
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
        let parsed = Settings::parse(&settings).unwrap();
        assert_eq!(parsed.invite_role, "reader");
        assert!(!parsed.legacy_roles);
    }

    #[test]
    fn every_kind_of_credential_is_closed_and_whole() {
        let schema = credentials_schema();
        for good in [
            json!({ "kind": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "r" }),
            json!({ "kind": "client_credentials", "client_id": "c", "client_secret": "s" }),
            json!({ "kind": "authorization_code", "client_id": "c", "code": "x", "redirect_uri": "https://a.example" }),
        ] {
            assert!(jsonschema::is_valid(&schema, &good), "{good}");
        }
        for refused in [
            json!({ "kind": "refresh_token", "client_id": "c" }),
            json!({ "kind": "refresh_token", "client_id": "c", "refresh_token": "" }),
            json!({ "kind": "refresh_token", "client_id": "c", "refresh_token": "r", "code": "x" }),
            json!({ "kind": "client_credentials", "client_id": "c" }),
            json!({ "kind": "authorization_code", "client_id": "c", "code": "x" }),
            json!({ "kind": "password", "client_id": "c" }),
        ] {
            assert!(!jsonschema::is_valid(&schema, &refused), "{refused}");
        }
    }

    #[test]
    fn a_tenant_is_a_uuid() {
        let (mut settings, _) = example();
        settings["tenant_id"] = json!("../users");
        assert!(!jsonschema::is_valid(&schema(), &settings));
    }
}
