//! What may be asked of entitlements.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::EntitlementKind;
use crate::domain;
use crate::http::paging::{Include, Limit, MaxAgeSeconds, Time, page};
use crate::http::v1::resources::ThingStatus;
use crate::services::entitlements::{EntitlementFilter, EntitlementsWanted};

/// Which entitlements are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntitlementQuery {
    /// Only those of this connection, by id or name.
    #[param(example = "luna")]
    connection_id: Option<String>,
    /// Only those at connections of this vendor.
    vendor: Option<String>,
    /// Only those with this status. `deleted` ones show only when asked for here.
    #[param(inline)]
    status: Option<ThingStatus>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<EntitlementKind>,
    /// Only those with this id at their vendor.
    external_id: Option<String>,
    /// Only those at this resource.
    resource_id: Option<Uuid>,
    /// Only those that can be granted here, or only those that can't.
    assignable: Option<bool>,
    /// Only those that can be asked for at the vendor, or only those that can't.
    requestable: Option<bool>,
    /// Only those whose name holds this text, whatever the case.
    name_contains: Option<String>,
    /// Only those whose copy changed at this time or later (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    changed_after: Option<Time>,
    /// Only those whose copy changed before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    changed_before: Option<Time>,
    /// `raw` adds the vendor's payload as it came.
    #[param(inline)]
    include: Option<Include>,
    /// Has every connection behind the list read anew whose last complete observation is older than so many seconds, up to
    /// 20 at once, waits up to ten seconds for it, and answers with what there is then: `as_of` and `stale` say how good that is.
    /// Not heeded together with `cursor`: a list is read through once.
    #[param(value_type = Option<u32>, minimum = 0, maximum = 31536000)]
    max_age_seconds: Option<MaxAgeSeconds>,
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before; give the same filters with it.
    cursor: Option<String>,
}

impl From<EntitlementQuery> for EntitlementsWanted {
    fn from(query: EntitlementQuery) -> Self {
        let EntitlementQuery {
            connection_id,
            vendor,
            status,
            kind,
            external_id,
            resource_id,
            assignable,
            requestable,
            name_contains,
            changed_after,
            changed_before,
            include,
            max_age_seconds,
            limit,
            cursor,
        } = query;
        Self {
            connection: connection_id,
            filter: EntitlementFilter {
                // The use case finds it by id or name.
                connection_id: None,
                vendor,
                status: status.map(|status| domain::ThingStatus::from(status).as_str().to_owned()),
                kind: kind.map(|kind| domain::EntitlementKind::from(kind).as_str().to_owned()),
                external_id,
                resource_id,
                assignable,
                requestable,
                name_contains,
                changed_after: changed_after.map(|Time(at)| at),
                changed_before: changed_before.map(|Time(at)| at),
            },
            include_raw: include.is_some(),
            max_age: max_age_seconds.map(Into::into),
            page: page(limit, cursor),
        }
    }
}
