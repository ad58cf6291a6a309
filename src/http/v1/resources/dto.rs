//! Resources on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{self, ResourceRecord};

/// Something that access is given to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resource {
    /// UUIDv7; stays the same for ever.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// The vendor's own id for it, for show.
    external_id: String,
    /// What it is: `tenant`, `domain`, `app`, `integration`, or the vendor's own type, in lower snake case.
    #[schema(example = "app")]
    kind: String,
    /// Its name.
    #[schema(required, example = "Payroll")]
    name: Option<String>,
    /// What the vendor says that it is for.
    #[schema(required)]
    description: Option<String>,
    /// The resource that it is a part of. Null also while our copy lacks that.
    #[schema(required)]
    parent_id: Option<Uuid>,
    /// Its state, in words that are the same for every vendor. A vendor without states gives `active`.
    #[schema(inline)]
    status: ThingStatus,
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

/// The state of a resource or an entitlement, over all vendors.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThingStatus {
    /// It is there.
    Active,
    /// It is there and out of use, or in trouble.
    Inactive,
    /// Gone at the vendor.
    Deleted,
    /// A word that the gateway does not know; `vendor_status` keeps it.
    Unknown,
}

impl From<domain::ThingStatus> for ThingStatus {
    fn from(status: domain::ThingStatus) -> Self {
        match status {
            domain::ThingStatus::Active => Self::Active,
            domain::ThingStatus::Inactive => Self::Inactive,
            domain::ThingStatus::Deleted => Self::Deleted,
            domain::ThingStatus::Unknown => Self::Unknown,
        }
    }
}

impl From<ThingStatus> for domain::ThingStatus {
    fn from(status: ThingStatus) -> Self {
        match status {
            ThingStatus::Active => Self::Active,
            ThingStatus::Inactive => Self::Inactive,
            ThingStatus::Deleted => Self::Deleted,
            ThingStatus::Unknown => Self::Unknown,
        }
    }
}

impl From<domain::Resource> for Resource {
    fn from(resource: domain::Resource) -> Self {
        let domain::Resource {
            id,
            connection_id,
            vendor,
            record,
            parent_id,
            changed_at,
            source,
            // Part of `as_of`.
            seen_at: _,
        } = resource;
        let ResourceRecord {
            // Ours, made from what `external_id` shows.
            external_key: _,
            external_id,
            // `parent_id` tells it.
            parent_key: _,
            kind,
            name,
            description,
            status,
            vendor_status,
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
            kind,
            name,
            description,
            parent_id,
            status: status.into(),
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
        for status in domain::ThingStatus::ALL {
            let shown = serde_json::to_value(ThingStatus::from(status)).unwrap();
            assert_eq!(shown, status.as_str());
        }
    }
}
