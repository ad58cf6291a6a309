//! Entitlements: read from our copies, written through the ledger.

mod write;

use uuid::Uuid;

pub use write::update_entitlement;

pub use crate::store::entitlements::EntitlementFilter;

use super::callers::require;
use super::connections::resolve_filter;
use super::coverage::observed;
use super::paging::Pager;
use super::read_through::{self, Aged, MaxAge};
use super::{Listing, Observed, PageSpec, Services};
use crate::domain::{Caller, Entitlement, Noun, Scope};
use crate::error::{Error, Result};
use crate::store::entitlements;

/// Which entitlements a caller wants, and how.
#[derive(Clone, Debug)]
pub struct EntitlementsWanted {
    /// Only those of this connection, by id or name.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: EntitlementFilter,
    /// With the vendor's payload.
    pub include_raw: bool,
    /// Read anew what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists entitlements from our copies.
///
/// # Errors
/// Without the scope; a connection that can't list entitlements (an empty list would say that there are none); too many
/// connections to read anew.
pub async fn list_entitlements(
    services: &Services,
    caller: &Caller,
    wanted: EntitlementsWanted,
) -> Result<Listing<Entitlement>> {
    require(caller, Scope::ENTITLEMENTS_READ)?;
    let EntitlementsWanted {
        connection,
        mut filter,
        include_raw,
        max_age,
        page,
    } = wanted;
    filter.connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let pager = Pager::open(services, "entitlements", &(&filter, include_raw), &page)?;
    let known = read_through::list(
        services,
        caller,
        Noun::Entitlements.into(),
        (filter.connection_id, filter.vendor.as_deref()),
        max_age.as_ref().filter(|_| pager.after.is_none()),
    )
    .await?;
    let rows = entitlements::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        include_raw,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |entitlement| entitlement.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}

/// One entitlement, deleted or not; read anew at its vendor when our copy is older than `max_age`.
///
/// # Errors
/// Without the scope; not found; the vendor's trouble, where it has to be read.
pub async fn find_entitlement(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    include_raw: bool,
    max_age: Option<MaxAge>,
) -> Result<Observed<Entitlement>> {
    require(caller, Scope::ENTITLEMENTS_READ)?;
    let find = async || {
        let pool = services.store().requests();
        let entitlement = entitlements::find(pool, &caller.connections, id, include_raw)
            .await?
            .ok_or_else(|| Error::not_found("entitlement"))?;
        let seen = (entitlement.connection_id, entitlement.seen_at);
        observed(services, caller, Noun::Entitlements, entitlement, seen).await
    };
    let found = find().await?;
    let aged = Aged {
        id,
        connection_id: found.value.connection_id,
        as_of: found.as_of,
    };
    if read_through::one(services, caller, Noun::Entitlements, aged, max_age).await? {
        return find().await;
    }
    Ok(found)
}
