//! What a Devo connection is configured with, and what its new accounts take, as JSON Schemas for people and forms.

use serde_json::{Map, Value, json};

use super::settings::SETTLE_SECONDS;
use crate::adapters::vendor::settle_schema;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// JSON Schema of the settings of a connection to one domain.
pub(super) fn domain_settings() -> Value {
    settings(
        "domain",
        json!({
            "domain": {
                "type": "string",
                "minLength": 1,
                "title": "Domain",
                "description": "The Devo domain whose users are the accounts: `name`, or `name@multitenant`.",
                "examples": ["acme@parent"]
            },
            "api_key_kind": {
                "type": ["string", "null"],
                "enum": ["domain", "reseller", null],
                "title": "Whose API key",
                "description": "Whether the key of `hmac` credentials is the domain's or the multitenant's. Missing: the multitenant's when the domain has a `@`.",
                "default": null,
                "examples": ["reseller"]
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
            }
        }),
    )
}

/// JSON Schema of the settings of a connection to all domains of a multitenant.
pub(super) fn multitenant_settings() -> Value {
    settings(
        "multitenant",
        json!({
            "multitenant": {
                "type": "string",
                "minLength": 1,
                "title": "Multitenant",
                "description": "The Devo multitenant whose domains' users are the accounts: what stands behind the `@` of its domains.",
                "examples": ["parent"]
            }
        }),
    )
}

/// The settings that both kinds of connection have, with those that only one has.
fn settings(names_reach: &str, own: Value) -> Value {
    let common = json!({
        "base_url": {
            "type": "string",
            "format": "uri",
            "title": "Base URL",
            "description": "The provisioning API of the domains' own region, with `/probio`. Another region answers 404 to everything.",
            "examples": ["https://api-us.devo.example/probio"]
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
        "roles_body_key": {
            "type": "string",
            "minLength": 1,
            "title": "Key of a user's roles",
            "description": "The name under which the roles stand in the body that sets a user's roles; Devo's documents do not show it.",
            "default": "roles",
            "examples": ["roles"]
        },
        "settle_seconds": settle_schema(SETTLE_SECONDS)
    });
    json!({
        "$schema": DIALECT,
        "type": "object",
        "title": "Settings of a Devo connection",
        "required": ["base_url", names_reach],
        "additionalProperties": false,
        "properties": joined(common, own)
    })
}

/// JSON Schema of the credentials for one domain.
pub(super) fn domain_credentials() -> Value {
    let token = secret("Token", "The token's value.", "not-a-real-token");
    let beside = secret(
        "Token",
        "A token of the Credentials API, which takes no signature. Without it the tokens of the domain can't be reached.",
        "not-a-real-token",
    );
    credentials(json!([
        signature(json!({ "token": beside })),
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
    ]))
}

/// JSON Schema of the credentials for a multitenant, which takes signatures only (§2): those of its own key.
pub(super) fn multitenant_credentials() -> Value {
    credentials(json!([signature(json!({}))]))
}

fn credentials(kinds: Value) -> Value {
    json!({
        "$schema": DIALECT,
        "type": "object",
        "title": "Credentials of a Devo connection",
        "required": ["kind"],
        "oneOf": kinds
    })
}

fn signature(more: Value) -> Value {
    let own = json!({
        "kind": { "const": "hmac" },
        "api_key": secret("API key", "The key.", "not-a-real-key"),
        "api_secret": secret("API secret", "The secret that belongs to the key.", "not-a-real-secret")
    });
    json!({
        "title": "API key and secret",
        "description": "Signs every request (HMAC-SHA256). Devo asks for it in multitenant domains.",
        "required": ["kind", "api_key", "api_secret"],
        "additionalProperties": false,
        "properties": joined(own, more)
    })
}

fn secret(title: &str, description: &str, example: &str) -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "title": title,
        "description": description,
        "writeOnly": true,
        "examples": [example]
    })
}

/// JSON Schema of `attributes` of a new account in the connection's only domain.
pub(super) fn domain_attributes() -> Value {
    attributes(
        &[],
        json!({
            "role": role_schema("The user's first role; the connection's `default_role` when missing. OWNER is refused.")
        }),
    )
}

/// JSON Schema of `attributes` of a new account in a domain of a multitenant.
pub(super) fn multitenant_attributes() -> Value {
    attributes(
        &["domain"],
        json!({
            "domain": {
                "type": "string",
                "title": "Domain",
                "description": "The domain of the multitenant that the user is to be in, `name@multitenant`.",
                "examples": ["acme@parent"]
            },
            "role": role_schema(
                "The user's first role; the connection's `default_role` when missing. OWNER for the first user of a domain, and for no other."
            )
        }),
    )
}

fn role_schema(description: &str) -> Value {
    json!({
        "type": ["string", "null"],
        "title": "Role",
        "description": description,
        "examples": ["NO_PRIVILEGES"]
    })
}

/// The fields that every new user may have, with those that depend on where it is to be.
fn attributes(required: &[&str], own: Value) -> Value {
    let common = json!({
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
    });
    json!({
        "$schema": DIALECT,
        "type": "object",
        "title": "Devo's own fields of a user",
        "required": required,
        "additionalProperties": false,
        "properties": joined(common, own)
    })
}

fn joined(one: Value, other: Value) -> Map<String, Value> {
    let members = [one, other].into_iter().filter_map(|value| match value {
        Value::Object(members) => Some(members),
        _ => None,
    });
    members.flatten().collect()
}

/// Settings and credentials that match the schemas of one domain.
pub(super) fn domain_example() -> (Value, Value) {
    let settings = json!({
        "base_url": "https://api-us.devo.example/probio",
        "domain": "acme@parent",
        "default_role": "NO_PRIVILEGES"
    });
    (settings, example_key())
}

/// Settings and credentials that match the schemas of a multitenant.
pub(super) fn multitenant_example() -> (Value, Value) {
    let settings = json!({
        "base_url": "https://api-us.devo.example/probio",
        "multitenant": "parent",
        "default_role": "NO_PRIVILEGES"
    });
    (settings, example_key())
}

fn example_key() -> Value {
    json!({ "kind": "hmac", "api_key": "not-a-real-key", "api_secret": "not-a-real-secret" })
}

#[cfg(test)]
mod tests {
    use jsonschema::is_valid;

    use super::super::settings::Settings;
    use super::*;

    #[test]
    fn the_examples_match_their_own_schemas_and_no_others() {
        let domain = (domain_settings(), domain_credentials(), domain_example());
        let multitenant = (
            multitenant_settings(),
            multitenant_credentials(),
            multitenant_example(),
        );
        for (own, other) in [(&domain, &multitenant), (&multitenant, &domain)] {
            let (schema, key_schema, (settings, key)) = own;
            assert!(is_valid(schema, settings) && is_valid(key_schema, key));
            assert!(!is_valid(&other.0, settings), "{settings}");
            Settings::parse(settings).unwrap();
        }
    }

    #[test]
    fn every_kind_of_credential_is_closed() {
        let (schema, of_multitenant) = (domain_credentials(), multitenant_credentials());
        let key = json!({ "kind": "hmac", "api_key": "x", "api_secret": "y" });
        let with_token = json!({ "kind": "hmac", "api_key": "x", "api_secret": "y", "token": "z" });
        let standalone = json!({ "kind": "standalone_token", "token": "x" });
        let bearer = json!({ "kind": "bearer", "token": "x" });
        for taken in [&key, &with_token, &standalone, &bearer] {
            assert!(is_valid(&schema, taken), "{taken}");
            assert_eq!(is_valid(&of_multitenant, taken), *taken == key, "{taken}");
        }
        for refused in [
            json!({}),
            json!({ "kind": "none" }),
            json!({ "kind": "hmac", "api_key": "x" }),
            json!({ "kind": "bearer", "token": "x", "api_key": "y" }),
        ] {
            assert!(!is_valid(&schema, &refused), "{refused}");
            assert!(!is_valid(&of_multitenant, &refused), "{refused}");
        }
    }

    #[test]
    fn a_prefix_cannot_climb_out_of_the_host() {
        let with = |prefix: &str| json!({ "base_url": "https://devo.example/probio", "domain": "acme", "token_path_prefix": prefix });
        for prefix in ["", "/xxx", "/a/b"] {
            assert!(is_valid(&domain_settings(), &with(prefix)), "{prefix}");
        }
        for prefix in ["xxx", "/", "/..", "/a/../b", "/a?b"] {
            assert!(!is_valid(&domain_settings(), &with(prefix)), "{prefix}");
        }
    }

    #[test]
    fn a_user_of_a_multitenant_is_asked_for_its_domain() {
        let schema = multitenant_attributes();
        assert!(is_valid(&schema, &json!({ "domain": "acme@parent" })));
        assert!(!is_valid(&schema, &json!({ "role": "reviewer" })));
        let named = json!({ "domain": "acme@parent" });
        assert!(!is_valid(&domain_attributes(), &named));
    }
}
