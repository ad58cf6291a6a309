//! What may be asked of accounts.

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::dto::{AccountKind, AccountStatus};
use crate::domain;
use crate::http::paging::{Limit, Time, page};
use crate::services::PageSpec;
use crate::services::accounts::AccountFilter;

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
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before; give the same filters with it.
    cursor: Option<String>,
}

/// What to add to an answer.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The vendor's payload.
    Raw,
}

/// A query, taken apart for the use case.
pub struct Wanted {
    /// Id or name of the connection.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: AccountFilter,
    /// Whether the vendor's payload is wanted.
    pub include_raw: bool,
    /// The page.
    pub page: PageSpec,
}

impl From<AccountQuery> for Wanted {
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
            page: page(limit, cursor),
        }
    }
}

/// How one account is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SingleQuery {
    /// `raw` adds the vendor's payload as it came.
    #[param(inline)]
    pub include: Option<Include>,
}
