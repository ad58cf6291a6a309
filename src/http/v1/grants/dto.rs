//! Grants on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{self, GrantRecord};

/// An account holds an entitlement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    /// UUIDv7; stays the same for ever.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// Who holds it.
    account_id: Uuid,
    /// What is held.
    entitlement_id: Uuid,
    /// Where it stands. While it is `revoking`, the account holds it.
    #[schema(inline)]
    status: GrantStatus,
    /// The vendor's own word for the state; null where it has none.
    #[schema(required)]
    vendor_status: Option<String>,
    /// Whether the gateway gave it. What others gave is taken away by nothing but an explicit deletion.
    managed: bool,
    /// The vendor's listing does not name the type of the entitlement and several match: shown, never taken as proof.
    ambiguous: bool,
    /// The entitlement of the same exclusive group that it took the place of; its deletion gives it back.
    #[schema(required)]
    displaced_id: Option<Uuid>,
    /// What else the vendor says, by the vendor's names.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
    /// When the vendor made it; null where the vendor does not say.
    #[schema(required)]
    created_at: Option<DateTime<Utc>>,
    /// When the vendor last changed it; null where the vendor does not say.
    #[schema(required)]
    updated_at: Option<DateTime<Utc>>,
    /// When our copy last changed.
    changed_at: DateTime<Utc>,
    /// Where our copy comes from: `sync`, `write` or `read_through`.
    #[schema(example = "write")]
    source: String,
    /// The vendor's payload as it came, with `include=raw` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// The account holds the entitlement.
    Active,
    /// It is being given.
    Granting,
    /// It is being taken away; until that is proven the account holds it.
    Revoking,
    /// Gone, as the vendor confirmed or a reading showed.
    Deleted,
}

impl From<domain::GrantStatus> for GrantStatus {
    fn from(status: domain::GrantStatus) -> Self {
        match status {
            domain::GrantStatus::Active => Self::Active,
            domain::GrantStatus::Granting => Self::Granting,
            domain::GrantStatus::Revoking => Self::Revoking,
            domain::GrantStatus::Deleted => Self::Deleted,
        }
    }
}

impl From<domain::Grant> for Grant {
    fn from(grant: domain::Grant) -> Self {
        let domain::Grant {
            id,
            connection_id,
            vendor,
            record,
            account_id,
            entitlement_id,
            managed,
            displaced_id,
            changed_at,
            source,
            // Part of `as_of`.
            seen_at: _,
        } = grant;
        let GrantRecord {
            // Their rows are named.
            account_key: _,
            entitlement_key: _,
            status,
            vendor_status,
            ambiguous,
            attributes,
            created_at,
            updated_at,
            raw,
        } = record;
        Self {
            id,
            connection_id,
            vendor,
            account_id,
            entitlement_id,
            status: status.into(),
            vendor_status,
            managed,
            ambiguous,
            displaced_id,
            attributes,
            created_at,
            updated_at,
            changed_at,
            source,
            // Read from the database only when it was asked for.
            raw: Some(raw).filter(|raw| !raw.is_null()),
        }
    }
}
