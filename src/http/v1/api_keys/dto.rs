//! API keys on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::{Caller, Connections, Scope};
use crate::http::paging::{Limit, page};
use crate::services::PageSpec;
use crate::services::keys::{ApiKeyRow, CreateApiKey};

/// An API key, without the key itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// UUIDv7.
    id: Uuid,
    /// For people and the audit trail.
    #[schema(example = "nightly report")]
    name: String,
    /// How the key begins, to recognize it by.
    #[schema(example = "igw_Zk3q")]
    prefix: String,
    /// What it may do.
    #[schema(example = json!(["accounts:read"]))]
    scopes: Vec<String>,
    /// The connections that it sees; null: every one, also those made later.
    #[schema(required)]
    connection_ids: Option<Vec<Uuid>>,
    /// The person whose key it is, by e-mail; null for a service's.
    #[schema(required)]
    person: Option<String>,
    /// The key that made it; the nil UUID for the command line.
    created_by: Uuid,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends; every key does.
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    #[schema(required)]
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> Self {
        let ApiKeyRow {
            id,
            name,
            prefix,
            // Never leaves the service.
            hash: _,
            hash_key_id: _,
            scopes,
            connection_ids,
            person,
            sandbox: _,
            created_by,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        } = row;
        Self {
            id,
            name,
            prefix,
            scopes,
            connection_ids,
            person,
            created_by,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        }
    }
}

/// A new API key, and the key itself.
#[derive(Serialize, ToSchema)]
pub struct ApiKeyIssued {
    /// What stays of it.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// The key itself: shown this once and kept nowhere.
    #[schema(example = "igw_…")]
    pub secret: String,
}

/// Which keys are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyQuery {
    /// Only those of this person, by e-mail.
    person: Option<String>,
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before; give the same filters with it.
    cursor: Option<String>,
}

impl From<ApiKeyQuery> for (Option<String>, PageSpec) {
    fn from(query: ApiKeyQuery) -> Self {
        let ApiKeyQuery {
            person,
            limit,
            cursor,
        } = query;
        (person, page(limit, cursor))
    }
}

/// A key to be made. It can have no more than its maker has.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyCreate {
    /// For people and the audit trail, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do.
    #[schema(min_items = 1)]
    scopes: Vec<String>,
    /// The connections that it sees, by id or name; missing: those of its maker.
    connection_ids: Option<Vec<String>>,
    /// The person whose key it shall be, by e-mail; missing: a service's. Needs the scope `keys:people` besides.
    person: Option<String>,
    /// Seconds until it ends, 60 to 31622400; missing: 90 days.
    #[schema(minimum = 60, maximum = 31622400)]
    expires_in_seconds: Option<i64>,
}

impl From<ApiKeyCreate> for CreateApiKey {
    fn from(create: ApiKeyCreate) -> Self {
        let ApiKeyCreate {
            name,
            scopes,
            connection_ids,
            person,
            expires_in_seconds,
        } = create;
        Self {
            name,
            scopes,
            connections: connection_ids,
            person,
            expires_in_seconds,
            sandbox: false,
        }
    }
}

/// Who you are to the gateway.
#[derive(Debug, Serialize, ToSchema)]
pub struct Whoami {
    /// The id of your API key.
    id: Uuid,
    /// Its name.
    #[schema(example = "sandbox")]
    name: String,
    /// The person whose key it is, by e-mail; null for a service's.
    #[schema(required)]
    person: Option<String>,
    /// What it may do.
    #[schema(example = json!(["accounts:read"]))]
    scopes: Vec<&'static str>,
    /// The connections that it sees; null: every one, also those made later.
    #[schema(required)]
    connection_ids: Option<Vec<Uuid>>,
}

impl From<Caller> for Whoami {
    fn from(caller: Caller) -> Self {
        let Caller {
            id,
            name,
            person,
            scopes,
            connections,
        } = caller;
        Self {
            id,
            name,
            person,
            scopes: scopes.into_iter().map(Scope::as_str).collect(),
            connection_ids: match connections {
                Connections::All => None,
                Connections::Only(ids) => Some(ids),
            },
        }
    }
}
