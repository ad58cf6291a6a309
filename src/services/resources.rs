//! Resources: read from our copies.

use uuid::Uuid;

pub use crate::store::resources::ResourceFilter;

use super::callers::require;
use super::connections::resolve_filter;
use super::coverage::observed;
use super::paging::Pager;
use super::read_through::{self, Aged, MaxAge};
use super::{Listing, Observed, PageSpec, Services};
use crate::domain::{Caller, Noun, Resource, Scope};
use crate::error::{Error, Result};
use crate::store::resources;

/// Which resources a caller wants, and how.
#[derive(Clone, Debug)]
pub struct ResourcesWanted {
    /// Only those of this connection, by id or name.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: ResourceFilter,
    /// With the vendor's payload.
    pub include_raw: bool,
    /// Read anew what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists resources from our copies.
///
/// # Errors
/// Without the scope; a connection that can't list resources (an empty list would say that there are none); too many
/// connections to read anew.
pub async fn list_resources(
    services: &Services,
    caller: &Caller,
    wanted: ResourcesWanted,
) -> Result<Listing<Resource>> {
    require(caller, Scope::ENTITLEMENTS_READ)?;
    let ResourcesWanted {
        connection,
        mut filter,
        include_raw,
        max_age,
        page,
    } = wanted;
    filter.connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let pager = Pager::open(services, "resources", &(&filter, include_raw), &page)?;
    let known = read_through::list(
        services,
        caller,
        Noun::Resources.into(),
        (filter.connection_id, filter.vendor.as_deref()),
        max_age.as_ref().filter(|_| pager.after.is_none()),
    )
    .await?;
    let rows = resources::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        include_raw,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |resource| resource.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}

/// One resource, deleted or not; read anew at its vendor when our copy is older than `max_age`.
///
/// # Errors
/// Without the scope; not found; the vendor's trouble, where it has to be read.
pub async fn find_resource(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    include_raw: bool,
    max_age: Option<MaxAge>,
) -> Result<Observed<Resource>> {
    require(caller, Scope::ENTITLEMENTS_READ)?;
    let find = async || {
        let pool = services.store().requests();
        let resource = resources::find(pool, &caller.connections, id, include_raw)
            .await?
            .ok_or_else(|| Error::not_found("resource"))?;
        let seen = (resource.connection_id, resource.seen_at);
        observed(services, caller, Noun::Resources, resource, seen).await
    };
    let found = find().await?;
    let aged = Aged {
        id,
        connection_id: found.value.connection_id,
        as_of: found.as_of,
    };
    if read_through::one(services, caller, Noun::Resources, aged, max_age).await? {
        return find().await;
    }
    Ok(found)
}
