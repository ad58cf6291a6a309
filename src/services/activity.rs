//! Activity: what vendors report that was done.

pub use crate::store::activity::{Activity, ActivityFilter};

use super::callers::require;
use super::connections::resolve_filter;
use super::paging::Pager;
use super::read_through::{self, MaxAge};
use super::{Listing, PageSpec, Services};
use crate::domain::{Caller, Scope, SyncPart};
use crate::error::Result;
use crate::store::activity::{self, Place};

/// Which reports a caller wants, and how.
#[derive(Clone, Debug)]
pub struct ActivityWanted {
    /// Only those of this connection, by id or name.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: ActivityFilter,
    /// With the vendor's payload.
    pub include_raw: bool,
    /// Ask anew for what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists what vendors report that was done, newest first.
///
/// # Errors
/// Without the scope; a connection that reports nothing (an empty list would say that nothing was done); too many connections
/// to read anew.
pub async fn list_activity(
    services: &Services,
    caller: &Caller,
    wanted: ActivityWanted,
) -> Result<Listing<Activity>> {
    require(caller, Scope::ACTIVITY_READ)?;
    let ActivityWanted {
        connection,
        mut filter,
        include_raw,
        max_age,
        page,
    } = wanted;
    filter.connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let pager: Pager<'_, Place> =
        Pager::open(services, "activity", &(&filter, include_raw), &page)?;
    let known = read_through::list(
        services,
        caller,
        SyncPart::Activity,
        (filter.connection_id, filter.vendor.as_deref()),
        max_age.as_ref().filter(|_| pager.after.is_none()),
    )
    .await?;
    let rows = activity::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        include_raw,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |report| Place {
        happened_at: report.happened_at,
        id: report.id,
    })?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}
