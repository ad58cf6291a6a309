//! Entitlements on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{self, EntitlementRecord};
use crate::http::v1::resources::ThingStatus;

/// Something that an account can hold, at a resource or everywhere in its connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entitlement {
    /// UUIDv7; stays the same for ever.
    id: Uuid,
    /// The connection that it belongs to.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// The vendor's own id for it, for show.
    external_id: String,
    /// What sort it is.
    #[schema(inline)]
    kind: EntitlementKind,
    /// Its name.
    #[schema(example = "Reader")]
    name: String,
    /// What the vendor says that it is for.
    #[schema(required)]
    description: Option<String>,
    /// The resource that it is at; null: it holds everywhere in the connection, or our copy lacks the resource.
    #[schema(required)]
    resource_id: Option<Uuid>,
    /// Whether it can be granted here.
    assignable: bool,
    /// Whether it can be asked for at the vendor.
    requestable: bool,
    /// An account holds one entitlement of this group at a time; null mostly.
    #[schema(required)]
    exclusive_group: Option<String>,
    /// Whether it is what an account falls back to when it holds nothing else of its exclusive group.
    is_rest: bool,
    /// At least so many entitlements of its type must an account hold; null: no lower bound.
    #[schema(required)]
    min: Option<u32>,
    /// At most so many entitlements of its type may an account hold; null: no upper bound.
    #[schema(required)]
    max: Option<u32>,
    /// How many of its type an account must hold for an act, by the vendor's word for the act.
    requirements: BTreeMap<String, Bounds>,
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

/// How many an account must and may hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bounds {
    /// At least so many; null: no lower bound.
    #[schema(required)]
    min: Option<u32>,
    /// At most so many; null: no upper bound.
    #[schema(required)]
    max: Option<u32>,
}

/// What sort of entitlement it is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementKind {
    /// A role.
    Role,
    /// A licence, which costs a seat.
    Licence,
    /// A permission, alone or on a resource.
    Permission,
    /// The membership of a group.
    Group,
    /// The type that an account is of.
    AccountType,
}

impl From<domain::EntitlementKind> for EntitlementKind {
    fn from(kind: domain::EntitlementKind) -> Self {
        match kind {
            domain::EntitlementKind::Role => Self::Role,
            domain::EntitlementKind::Licence => Self::Licence,
            domain::EntitlementKind::Permission => Self::Permission,
            domain::EntitlementKind::Group => Self::Group,
            domain::EntitlementKind::AccountType => Self::AccountType,
        }
    }
}

impl From<EntitlementKind> for domain::EntitlementKind {
    fn from(kind: EntitlementKind) -> Self {
        match kind {
            EntitlementKind::Role => Self::Role,
            EntitlementKind::Licence => Self::Licence,
            EntitlementKind::Permission => Self::Permission,
            EntitlementKind::Group => Self::Group,
            EntitlementKind::AccountType => Self::AccountType,
        }
    }
}

impl From<domain::Bounds> for Bounds {
    fn from(bounds: domain::Bounds) -> Self {
        let domain::Bounds { min, max } = bounds;
        Self { min, max }
    }
}

impl From<domain::Entitlement> for Entitlement {
    fn from(entitlement: domain::Entitlement) -> Self {
        let domain::Entitlement {
            id,
            connection_id,
            vendor,
            record,
            resource_id,
            changed_at,
            source,
            // Part of `as_of`.
            seen_at: _,
        } = entitlement;
        let EntitlementRecord {
            // Ours, made from what `external_id` shows.
            external_key: _,
            external_id,
            kind,
            name,
            description,
            // `resource_id` tells it.
            resource_key: _,
            assignable,
            requestable,
            exclusive_group,
            is_rest,
            bounds: domain::Bounds { min, max },
            requirements,
            status,
            vendor_status,
            attributes,
            created_at,
            updated_at,
            raw,
        } = record;
        let requirements = requirements
            .into_iter()
            .map(|(act, bounds)| (act, bounds.into()));
        Self {
            id,
            connection_id,
            vendor,
            external_id,
            kind: kind.into(),
            name,
            description,
            resource_id,
            assignable,
            requestable,
            exclusive_group,
            is_rest,
            min,
            max,
            requirements: requirements.collect(),
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
        for kind in domain::EntitlementKind::ALL {
            let shown = serde_json::to_value(EntitlementKind::from(kind)).unwrap();
            assert_eq!(shown, kind.as_str());
        }
    }
}
