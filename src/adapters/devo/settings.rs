//! What a Devo connection is configured with, typed.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::draft;
use super::reach::Reach;
use crate::adapters::vendor::BuildError;

/// How long after an unclear answer a reading is believed, unless the connection says otherwise.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// Settings of a connection, with defaults filled in.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    /// The provisioning API of the domains' own region, path included.
    pub(super) base_url: Url,
    /// The domains that the connection covers.
    #[serde(flatten)]
    pub(super) reach: Reach,
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
    /// Whose key the `hmac` credentials are; `None` goes by the name of what is covered.
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
    /// Reads settings that passed their variant's schema.
    pub(super) fn parse(settings: &Value) -> Result<Self, BuildError> {
        let mut parsed = Self::deserialize(settings)
            .map_err(|error| BuildError(format!("settings of Devo: {error}")))?;
        parsed.reach.check()?;
        parsed.default_role = draft::role(&parsed.default_role, "")
            .map_err(|error| BuildError(format!("setting `default_role`: {}", error.message)))?;
        Ok(parsed)
    }

    /// Whose key signs the requests.
    pub(super) fn api_key_kind(&self) -> ApiKeyKind {
        self.api_key_kind
            .unwrap_or(if self.reach.is_in_multitenant() {
                ApiKeyKind::Reseller
            } else {
                ApiKeyKind::Domain
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(more: Value) -> Result<Settings, BuildError> {
        let mut settings = json!({ "base_url": "https://devo.example/probio", "domain": "acme" });
        let fields = settings.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        Settings::parse(&settings)
    }

    fn of_multitenant(name: &str) -> Result<Settings, BuildError> {
        Settings::parse(&json!({ "base_url": "https://devo.example/probio", "multitenant": name }))
    }

    #[test]
    fn the_key_is_the_multitenants_where_the_domain_is_part_of_one() {
        assert_eq!(parse(json!({})).unwrap().api_key_kind(), ApiKeyKind::Domain);
        let child = parse(json!({ "domain": "acme@parent" })).unwrap();
        assert_eq!(child.api_key_kind(), ApiKeyKind::Reseller);
        let told = parse(json!({ "domain": "acme@parent", "api_key_kind": "domain" })).unwrap();
        assert_eq!(told.api_key_kind(), ApiKeyKind::Domain);
        let whole = of_multitenant("parent").unwrap();
        assert_eq!(whole.api_key_kind(), ApiKeyKind::Reseller);
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
        for wrong in ["acme@parent", "@parent", "..", ""] {
            assert!(of_multitenant(wrong).is_err(), "{wrong}");
        }
    }
}
