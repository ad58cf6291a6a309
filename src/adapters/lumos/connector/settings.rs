//! What an operator sets for a connector, and its JSON Schema.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::wire::EntitlementType;
use crate::adapters::vendor::{BuildError, settle_schema};
use crate::domain::AccountStatus;

/// How long an unclear answer is left to settle, unless the connection says otherwise.
pub(super) const SETTLE_SECONDS: u32 = 5;

/// The scaffold's own default page size (contract §B5).
const PAGE_SIZE: u32 = 100;

/// Where the capability stands in the path; three shapes are in use (contract §B1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PathStyle {
    /// `/connectors/{connector_id}/<capability>`
    Connectors,
    /// `/{connector_id}/<capability>`
    #[default]
    Id,
    /// `/<capability>`: a connector that serves itself.
    Bare,
}

/// What the status of an account is when the connector leaves it out.
///
/// The contract lets `user_status` be null (§B7) without saying why: the system may have no states at all, or the
/// connector may not know. Only the operator can tell these apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AbsentStatus {
    /// The connector has states and did not say.
    #[default]
    Unknown,
    /// The system has no states: an account that is there may be used.
    Active,
}

/// Whom a connector is asked about when it lists activity. The contract does not say what naming nobody means (§B8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActivityActors {
    /// Every account by name, a page of accounts at a time.
    #[default]
    Listed,
    /// Nobody by name, of a connector that then answers about everybody.
    All,
}

impl From<AbsentStatus> for AccountStatus {
    fn from(absent: AbsentStatus) -> Self {
        match absent {
            AbsentStatus::Unknown => Self::Unknown,
            AbsentStatus::Active => Self::Active,
        }
    }
}

/// The settings of one connection. `settle_seconds` is the ledger's and not read here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Settings {
    pub(super) base_url: Url,
    #[serde(default)]
    pub(super) path_style: PathStyle,
    #[serde(default)]
    pub(super) connector_id: Option<String>,
    /// Handed over with every call as `settings`; what is in it is the connector's own.
    #[serde(default)]
    pub(super) connector_settings: Map<String, Value>,
    #[serde(default = "default_page_size")]
    pub(super) page_size: u32,
    /// Names of custom attributes to ask for.
    #[serde(default)]
    pub(super) fetch_attributes: Vec<String>,
    /// What `validate_credentials` has to name as the tenant.
    #[serde(default)]
    pub(super) tenant_id: Option<String>,
    #[serde(default)]
    pub(super) status_when_absent: AbsentStatus,
    /// Goes before what the connector declares itself.
    #[serde(default)]
    pub(super) entitlement_types: Vec<EntitlementType>,
    #[serde(default)]
    pub(super) activity_actors: ActivityActors,
}

const fn default_page_size() -> u32 {
    PAGE_SIZE
}

impl Settings {
    pub(super) fn parse(settings: Value) -> Result<Self, BuildError> {
        let settings: Self = serde_json::from_value(settings)
            .map_err(|error| BuildError(format!("the settings do not fit: {error}")))?;
        if settings.base_url.cannot_be_a_base()
            || settings.base_url.query().is_some()
            || settings.base_url.fragment().is_some()
        {
            return Err(BuildError(
                "`base_url` must be a plain URL without query or fragment".into(),
            ));
        }
        let named = settings
            .connector_id
            .as_deref()
            .is_some_and(|id| !id.is_empty() && id != "." && id != "..");
        if settings.path_style != PathStyle::Bare && !named {
            return Err(BuildError(
                "`connector_id` is needed unless `path_style` is `bare`".into(),
            ));
        }
        Ok(settings)
    }

    /// The segments between the base URL and the capability.
    pub(super) fn prefix(&self) -> Vec<&str> {
        let id = self.connector_id.as_deref();
        match self.path_style {
            PathStyle::Connectors => ["connectors"].into_iter().chain(id).collect(),
            PathStyle::Id => id.into_iter().collect(),
            PathStyle::Bare => Vec::new(),
        }
    }
}

pub(super) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lumos connector settings",
        "type": "object",
        "additionalProperties": false,
        "required": ["base_url"],
        "properties": {
            "base_url": {
                "title": "Base URL",
                "description": "Where the connector is served, with a path prefix if there is one.",
                "type": "string",
                "format": "uri",
                "examples": ["https://connectors.example"]
            },
            "path_style": {
                "title": "Path style",
                "description": "What stands between the base URL and the capability: `connectors` for `/connectors/{connector_id}/…`, \
                    `id` for `/{connector_id}/…`, `bare` for a connector that serves itself.",
                "enum": ["connectors", "id", "bare"],
                "default": "id",
                "examples": ["id"]
            },
            "connector_id": {
                "title": "Connector id",
                "description": "The connector's name in the path. A connector mounted into a host application has `_` there in place of `-`.",
                "type": "string",
                "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$",
                "examples": ["example"]
            },
            "connector_settings": {
                "title": "Connector settings",
                "description": "Handed over to the connector with every call as `settings`. They are shown to whoever may read the connection: no secrets here.",
                "type": "object",
                "default": {},
                "examples": [{"region": "eu"}]
            },
            "page_size": {
                "title": "Page size",
                "description": "How many accounts, entitlements, resources and so on to ask for at once. The connector may answer fewer or more.",
                "type": "integer",
                "minimum": 1,
                "maximum": 10000,
                "default": PAGE_SIZE,
                "examples": [PAGE_SIZE]
            },
            "fetch_attributes": {
                "title": "Custom attributes to fetch",
                "description": "Names of custom attributes that the connector shall fill in when it shows accounts, besides those that it lists itself.",
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "uniqueItems": true,
                "default": [],
                "examples": [["manager"]]
            },
            "tenant_id": {
                "title": "Expected tenant",
                "description": "What the connector has to name as its tenant when it validates the credentials. A check fails when it names another one.",
                "type": "string",
                "minLength": 1,
                "examples": ["tenant-1"]
            },
            "status_when_absent": {
                "title": "Status when absent",
                "description": "What an account's status is when the connector leaves it out: `active` for a system that has no account states, else `unknown`.",
                "enum": ["unknown", "active"],
                "default": "unknown",
                "examples": ["unknown"]
            },
            "entitlement_types": entitlement_types_schema(),
            "activity_actors": {
                "title": "Actors of activity",
                "description": "How to ask for activity: `listed` names every account, `all` names nobody, for a connector that then answers about everybody.",
                "enum": ["listed", "all"],
                "default": "listed",
                "examples": ["listed"]
            },
            "settle_seconds": settle_schema(SETTLE_SECONDS)
        },
        "if": {"properties": {"path_style": {"const": "bare"}}, "required": ["path_style"]},
        "else": {"required": ["connector_id"]}
    })
}

fn entitlement_types_schema() -> Value {
    let bound = |title: &str| json!({"title": title, "type": ["integer", "null"], "minimum": 0, "maximum": u32::MAX});
    json!({
        "title": "Types of entitlement",
        "description": "What the connector's `info` says of its types of entitlement, for a connector whose host does not serve `info`. \
            Without the resource type no entitlement at a resource can be named. What is said here goes before what the connector says.",
        "type": "array",
        "default": [],
        "examples": [[{"type_id": "project_role", "type_label": "Project role", "resource_type_id": "project", "max": 3}]],
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["type_id"],
            "properties": {
                "type_id": {"title": "Type", "type": "string", "minLength": 1},
                "type_label": {"title": "Label", "type": ["string", "null"]},
                "resource_type_id": {
                    "title": "Resource type",
                    "description": "The type of the resources that its entitlements are at; empty for what holds everywhere.",
                    "type": "string",
                    "default": ""
                },
                "min": bound("At least, by account"),
                "max": bound("At most, by account"),
                "requirements": {
                    "title": "Requirements",
                    "description": "Other bounds by capability, such as `create_account`.",
                    "type": ["object", "null"],
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": false,
                        "properties": {"min": bound("At least"), "max": bound("At most")}
                    }
                }
            }
        }
    })
}

pub(super) fn example() -> Value {
    json!({
        "base_url": "https://connectors.example",
        "path_style": "id",
        "connector_id": "example",
        "connector_settings": {"region": "eu"},
        "page_size": PAGE_SIZE,
        "settle_seconds": SETTLE_SECONDS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_id_is_needed_unless_the_path_is_bare() {
        let lacking = json!({"base_url": "https://c.example"});
        assert!(Settings::parse(lacking.clone()).is_err());
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        assert!(!validator.is_valid(&lacking));
        let bare = json!({"base_url": "https://c.example", "path_style": "bare"});
        assert!(validator.is_valid(&bare));
        assert!(Settings::parse(bare).unwrap().prefix().is_empty());
    }

    #[test]
    fn each_path_style_has_its_prefix() {
        let prefix = |style: &str| {
            let settings =
                json!({"base_url": "https://c.example", "path_style": style, "connector_id": "x"});
            Settings::parse(settings).unwrap().prefix().join("/")
        };
        assert_eq!(prefix("connectors"), "connectors/x");
        assert_eq!(prefix("id"), "x");
        assert_eq!(prefix("bare"), "");
    }

    #[test]
    fn a_base_url_with_a_query_is_refused() {
        let settings = json!({"base_url": "https://c.example/?a=b", "path_style": "bare"});
        assert!(Settings::parse(settings).is_err());
    }
}
