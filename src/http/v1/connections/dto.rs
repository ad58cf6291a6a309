//! Connections on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::Capability;
use crate::http::extract::present;
use crate::http::paging::{Limit, page};
use crate::services::PageSpec;
use crate::services::connections::{
    Capabilities, CheckResult, ConnectionChange, ConnectionFilter, ConnectionRow, NewConnection,
};

/// A configured tenant of a vendor. Its credentials are never shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connection {
    /// UUIDv7.
    id: Uuid,
    /// Unique; takes the place of the id wherever a connection is named.
    #[schema(example = "luna")]
    name: String,
    /// The vendor.
    #[schema(example = "luna")]
    vendor: String,
    /// What it is; never changes.
    #[schema(example = "luna/accounts")]
    variant: String,
    /// Matches `settings_schema` of the variant.
    #[schema(value_type = Object, example = json!({"base_url": "https://luna.example:5170"}))]
    settings: Value,
    /// Which kind of credential it holds.
    #[schema(example = "basic")]
    credentials_kind: String,
    /// Seconds between scheduled syncs, give or take a tenth; 0: never.
    #[schema(example = 3600)]
    sync_every_seconds: i32,
    /// What the last check said; null when there was none since the last change of settings or credentials.
    #[schema(required)]
    healthy: Option<bool>,
    /// When the last check was made.
    #[schema(required)]
    checked_at: Option<DateTime<Utc>>,
    /// What the last check found: a list of `{code, detail}`.
    #[schema(value_type = Vec<Finding>)]
    findings: Value,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When a caller last changed it.
    updated_at: DateTime<Utc>,
}

impl From<ConnectionRow> for Connection {
    fn from(row: ConnectionRow) -> Self {
        let ConnectionRow {
            id,
            name,
            vendor,
            variant,
            settings,
            credentials_kind,
            sync_every_seconds,
            checked_at,
            healthy,
            findings,
            // What a check narrowed is shown by `capabilities`, beside what it was narrowed from.
            checked_capabilities: _,
            checked_create_schema: _,
            // The entity tag.
            version: _,
            // Ours, for the tokens that come of them.
            credentials_version: _,
            created_at,
            updated_at,
        } = row;
        Self {
            id,
            name,
            vendor,
            variant,
            settings,
            credentials_kind,
            sync_every_seconds,
            healthy,
            checked_at,
            findings,
            created_at,
            updated_at,
        }
    }
}

/// Which connections are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConnectionQuery {
    /// Only those of this vendor.
    vendor: Option<String>,
    /// Only those of this variant.
    variant: Option<String>,
    /// Only those whose name holds this text.
    name_contains: Option<String>,
    /// Only those whose last check said so.
    healthy: Option<bool>,
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl From<ConnectionQuery> for (ConnectionFilter, PageSpec) {
    fn from(query: ConnectionQuery) -> Self {
        let ConnectionQuery {
            vendor,
            variant,
            name_contains,
            healthy,
            limit,
            cursor,
        } = query;
        let filter = ConnectionFilter {
            vendor,
            variant,
            name_contains,
            healthy,
        };
        (filter, page(limit, cursor))
    }
}

/// A connection to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionCreate {
    /// Unique.
    #[schema(pattern = "^[a-z][a-z0-9-]{1,62}$")]
    name: String,
    /// The vendor.
    vendor: String,
    /// What it shall be; missing: the vendor's first variant. Can't be changed later.
    variant: Option<String>,
    /// Matches `settings_schema` of the variant.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Map<String, Value>,
    /// Matches `credentials_schema` of the variant. Kept encrypted and never shown.
    #[schema(value_type = Object, write_only)]
    credentials: Map<String, Value>,
    /// Seconds between scheduled syncs, 10 to 604800; 0: never; missing: 3600. Each interval is up to a tenth shorter or
    /// longer, and the first sync comes within a tenth of it and a minute, so that many connections spread out.
    #[schema(minimum = 0, maximum = 604800)]
    sync_every_seconds: Option<i32>,
}

impl From<ConnectionCreate> for NewConnection {
    fn from(create: ConnectionCreate) -> Self {
        let ConnectionCreate {
            name,
            vendor,
            variant,
            settings,
            credentials,
            sync_every_seconds,
        } = create;
        Self {
            name,
            vendor,
            variant,
            settings: Value::Object(settings),
            credentials: Value::Object(credentials),
            sync_every_seconds,
            sandbox: false,
        }
    }
}

/// Changes to a connection (JSON Merge Patch, RFC 7396): what is missing stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionPatch {
    /// New name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, pattern = "^[a-z][a-z0-9-]{1,62}$")]
    name: Option<String>,
    /// Settings to change; a null removes one. Changing an address needs complete `credentials` in the same request.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false)]
    settings: Option<Map<String, Value>>,
    /// Complete new credentials; they are replaced, never merged.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Object, required = false, write_only)]
    credentials: Option<Map<String, Value>>,
    /// Seconds between scheduled syncs, 10 to 604800, give or take a tenth; 0: never.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i32, required = false, minimum = 0, maximum = 604800)]
    sync_every_seconds: Option<i32>,
}

impl From<ConnectionPatch> for ConnectionChange {
    fn from(patch: ConnectionPatch) -> Self {
        let ConnectionPatch {
            name,
            settings,
            credentials,
            sync_every_seconds,
        } = patch;
        Self {
            name,
            settings: settings.map(Value::Object),
            credentials: credentials.map(Value::Object),
            sync_every_seconds,
        }
    }
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// Whether the connection can be used.
    healthy: bool,
    /// What was found; empty when all is well.
    findings: Vec<Finding>,
}

/// One thing that a check found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// A stable word.
    #[schema(example = "auth_failed")]
    code: String,
    /// In plain words.
    #[schema(example = "The vendor did not accept the credentials.")]
    detail: String,
}

impl From<CheckResult> for Check {
    fn from(result: CheckResult) -> Self {
        let CheckResult { healthy, findings } = result;
        let findings = findings
            .into_iter()
            .map(|finding| Finding {
                code: finding.code,
                detail: finding.detail,
            })
            .collect();
        Self { healthy, findings }
    }
}

/// What a connection can do.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConnectionCapabilities {
    /// The connection.
    connection_id: Uuid,
    /// Its variant.
    #[schema(example = "luna/accounts")]
    variant: String,
    /// What it can do.
    #[schema(example = json!(["accounts.list", "accounts.read"]))]
    capabilities: Vec<&'static str>,
    /// What its variant can do and this connection can't, as far as its last check found.
    missing: Vec<&'static str>,
    /// When that was found; null: never checked, so these are the variant's.
    #[schema(required)]
    checked_at: Option<DateTime<Utc>>,
    /// JSON Schema (2020-12) of `attributes` of a new account at this connection.
    #[schema(value_type = Object)]
    create_attributes_schema: Value,
}

impl From<Capabilities> for ConnectionCapabilities {
    fn from(found: Capabilities) -> Self {
        let Capabilities {
            connection_id,
            variant,
            capabilities,
            missing,
            checked_at,
            create_attributes_schema,
        } = found;
        let words = |known: Vec<Capability>| known.into_iter().map(Capability::as_str).collect();
        Self {
            connection_id,
            variant,
            capabilities: words(capabilities),
            missing: words(missing),
            checked_at,
            create_attributes_schema,
        }
    }
}
