//! What may be asked of identities.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::paging::{Limit, MaxAgeSeconds, Time, page};
use crate::services::identities::{IdentitiesWanted, IdentityFilter};

/// Which identities are wanted; every parameter narrows. What is found is shown whole.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityQuery {
    /// Only those with an account at this connection, by id or name.
    #[param(example = "luna")]
    connection_id: Option<String>,
    /// Only those with an account at a connection of this vendor.
    vendor: Option<String>,
    /// Only the one with this e-mail address, whatever the case.
    email: Option<String>,
    /// Only those whose e-mail address holds this text, whatever the case.
    email_contains: Option<String>,
    /// Only those with an account whose copy changed at this time or later (RFC 3339). An account that got another address
    /// shows with the identity that it belongs to now.
    #[param(value_type = Option<String>, format = DateTime)]
    changed_after: Option<Time>,
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

impl From<IdentityQuery> for IdentitiesWanted {
    fn from(query: IdentityQuery) -> Self {
        let IdentityQuery {
            connection_id,
            vendor,
            email,
            email_contains,
            changed_after,
            max_age_seconds,
            limit,
            cursor,
        } = query;
        Self {
            connection: connection_id,
            vendor,
            filter: IdentityFilter {
                // The use case finds them.
                at: None,
                email,
                email_contains,
                changed_after: changed_after.map(|Time(at)| at),
            },
            max_age: max_age_seconds.map(Into::into),
            page: page(limit, cursor),
        }
    }
}

/// How one identity is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SingleIdentityQuery {
    /// Reads each of its accounts anew at its vendor whose copy is older than so many seconds, up to 50 at once; a vendor that
    /// can't be read is an error.
    #[param(value_type = Option<u32>, minimum = 0, maximum = 31536000)]
    pub max_age_seconds: Option<MaxAgeSeconds>,
}
