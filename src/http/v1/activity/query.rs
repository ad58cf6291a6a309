//! What may be asked of activity.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::paging::{Include, Limit, MaxAgeSeconds, Time, page};
use crate::services::activity::{ActivityFilter, ActivityWanted};

/// Which reports are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// Only those of this connection, by id or name.
    #[param(example = "luna")]
    connection_id: Option<String>,
    /// Only those at connections of this vendor.
    vendor: Option<String>,
    /// Only what this account did.
    account_id: Option<Uuid>,
    /// Only what was done by who has this e-mail address, whatever the case.
    actor_email: Option<String>,
    /// Only this action, as the vendor says it.
    action: Option<String>,
    /// Only what was done at this resource.
    resource_id: Option<Uuid>,
    /// Only what happened at this time or later (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    happened_after: Option<Time>,
    /// Only what happened before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    happened_before: Option<Time>,
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

impl From<ActivityQuery> for ActivityWanted {
    fn from(query: ActivityQuery) -> Self {
        let ActivityQuery {
            connection_id,
            vendor,
            account_id,
            actor_email,
            action,
            resource_id,
            happened_after,
            happened_before,
            include,
            max_age_seconds,
            limit,
            cursor,
        } = query;
        Self {
            connection: connection_id,
            filter: ActivityFilter {
                // The use case finds it by id or name.
                connection_id: None,
                vendor,
                account_id,
                actor_email,
                action,
                resource_id,
                happened_after: happened_after.map(|Time(at)| at),
                happened_before: happened_before.map(|Time(at)| at),
            },
            include_raw: include.is_some(),
            max_age: max_age_seconds.map(Into::into),
            page: page(limit, cursor),
        }
    }
}
