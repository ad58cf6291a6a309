//! Grants on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{self, GrantRecord};

/// An account holds an entitlement.
#[derive(Debug, Serialize, ToSchema)]
pub struct Grant {
    /// UUIDv7; stays the same for ever, also for a grant that goes and comes back.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// What tells it apart at its vendor, for show: that of its account and that of its entitlement, as JSON.
    external_id: String,
    /// Who holds it.
    account_id: Uuid,
    /// What is held.
    entitlement_id: Uuid,
    /// Where it stands.
    #[schema(inline)]
    status: GrantStatus,
    /// Whether the gateway gave it.
    managed: bool,
    /// The vendor does not say which of several entitlements it is about: this may be it. Shown, and never taken as proof.
    ambiguous: bool,
    /// The entitlement of the same exclusive group that it took the place of, and that its end gives back.
    #[schema(required)]
    displaced_id: Option<Uuid>,
    /// The vendor's own word for the state; null where it has none.
    #[schema(required)]
    vendor_status: Option<String>,
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
    #[schema(example = "sync")]
    source: String,
    /// The vendor's payload as it came, with `include=raw` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
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

impl From<GrantStatus> for domain::GrantStatus {
    fn from(status: GrantStatus) -> Self {
        match status {
            GrantStatus::Active => Self::Active,
            GrantStatus::Granting => Self::Granting,
            GrantStatus::Revoking => Self::Revoking,
            GrantStatus::Deleted => Self::Deleted,
        }
    }
}

impl From<domain::Grant> for Grant {
    fn from(grant: domain::Grant) -> Self {
        let external_id = grant.record.external_key().as_str().to_owned();
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
            // Part of `external_id`.
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
            external_id,
            account_id,
            entitlement_id,
            status: status.into(),
            managed,
            ambiguous,
            displaced_id,
            vendor_status,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_on_the_wire_and_inside() {
        for status in domain::GrantStatus::ALL {
            let shown = serde_json::to_value(GrantStatus::from(status)).unwrap();
            assert_eq!(shown, status.as_str());
        }
    }
}
