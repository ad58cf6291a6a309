//! Connections, their sealed credentials and how complete our copy of them is.

mod read;
mod write;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

pub use read::{ConnectionFilter, CoverageRow, coverage, find, list, lock, secrets, sync_due_at};
pub use write::{
    CheckedRow, ConnectionUpdate, NewConnectionRow, delete, drop_sandbox, insert, record_check,
    replace_secrets, running_operations, update,
};

/// A connection as it is kept, without its secrets.
#[derive(Clone, Debug, FromRow)]
pub struct ConnectionRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Unique.
    pub name: String,
    /// The vendor.
    pub vendor: String,
    /// The variant; never changes.
    pub variant: String,
    /// Matches the variant's schema.
    pub settings: Value,
    /// Which kind of credential it has.
    pub credentials_kind: String,
    /// 0: never.
    pub sync_every_seconds: i32,
    /// When it was last checked.
    pub checked_at: Option<DateTime<Utc>>,
    /// What the last check said.
    pub healthy: Option<bool>,
    /// What the last check found: `[{code, detail}]`.
    pub findings: Value,
    /// What the last check narrowed the capabilities to.
    pub checked_capabilities: Option<Vec<String>>,
    /// The connection's own schema of account attributes.
    pub checked_create_schema: Option<Value>,
    /// Counts changes by callers; the entity tag.
    pub version: i64,
    /// Counts how often the credentials were replaced.
    pub credentials_version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When a caller last changed it.
    pub updated_at: DateTime<Utc>,
}

/// A sealed field of the credentials.
#[derive(Clone, Debug, FromRow)]
pub struct SecretRow {
    /// The field's name.
    pub field: String,
    /// The master key that wraps the data key.
    pub key_id: String,
    /// The wrapped data key.
    pub wrapped_key: Vec<u8>,
    /// The sealed value.
    pub ciphertext: Vec<u8>,
}
