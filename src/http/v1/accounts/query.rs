//! What may be asked of accounts.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::{AccountKind, AccountStatus};
use crate::domain;
use crate::http::paging::{Include, Limit, MaxAgeSeconds, Time, page};
use crate::services::accounts::{AccountFilter, AccountsWanted};

/// Which accounts are wanted; every parameter narrows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// Only those of this connection, by id or name.
    #[param(example = "luna")]
    connection_id: Option<String>,
    /// Only those at connections of this vendor.
    vendor: Option<String>,
    /// Only those with this status. `deleted` ones show only when asked for here.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<AccountKind>,
    /// Only those with this e-mail address, whatever the case.
    email: Option<String>,
    /// Only those with this login.
    login: Option<String>,
    /// Only those with this id at their vendor.
    external_id: Option<String>,
    /// Only those that belong to this resource.
    resource_id: Option<Uuid>,
    /// Only those whose e-mail address holds this text, whatever the case.
    email_contains: Option<String>,
    /// Only those whose login holds this text, whatever the case.
    login_contains: Option<String>,
    /// Only those whose display name holds this text, whatever the case.
    display_name_contains: Option<String>,
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

impl From<AccountQuery> for AccountsWanted {
    fn from(query: AccountQuery) -> Self {
        let AccountQuery {
            connection_id,
            vendor,
            status,
            kind,
            email,
            login,
            external_id,
            resource_id,
            email_contains,
            login_contains,
            display_name_contains,
            changed_after,
            changed_before,
            include,
            max_age_seconds,
            limit,
            cursor,
        } = query;
        let status = status.map(|status| domain::AccountStatus::from(status).as_str().to_owned());
        let kind = kind.map(|kind| domain::AccountKind::from(kind).as_str().to_owned());
        Self {
            connection: connection_id,
            filter: AccountFilter {
                // The use case finds it by id or name.
                connection_id: None,
                vendor,
                status,
                kind,
                email,
                login,
                external_id,
                resource_id,
                email_contains,
                login_contains,
                display_name_contains,
                changed_after: changed_after.map(|Time(at)| at),
                changed_before: changed_before.map(|Time(at)| at),
            },
            include_raw: include.is_some(),
            max_age: max_age_seconds.map(Into::into),
            page: page(limit, cursor),
        }
    }
}
