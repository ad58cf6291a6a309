//! Reading grants from our copies.

use uuid::Uuid;

pub use crate::store::grants::GrantFilter;

use crate::domain::{Caller, Grant, Noun, Scope};
use crate::error::{Error, Result};
use crate::services::callers::require;
use crate::services::connections::resolve_filter;
use crate::services::coverage::observed;
use crate::services::paging::Pager;
use crate::services::read_through::{self, Aged, MaxAge};
use crate::services::{Listing, Observed, PageSpec, Services};
use crate::store::{accounts, entitlements, grants};

/// Which grants a caller wants, and how.
#[derive(Clone, Debug)]
pub struct GrantsWanted {
    /// Only those of this connection, by id or name.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: GrantFilter,
    /// With the vendor's payload.
    pub include_raw: bool,
    /// Read anew what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists grants from our copies.
///
/// # Errors
/// Without the scope; a connection that can't list grants (an empty list would say that there are none); too many
/// connections to read anew.
pub async fn list_grants(
    services: &Services,
    caller: &Caller,
    wanted: GrantsWanted,
) -> Result<Listing<Grant>> {
    require(caller, Scope::GRANTS_READ)?;
    let GrantsWanted {
        connection,
        mut filter,
        include_raw,
        max_age,
        page,
    } = wanted;
    filter.connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let pager = Pager::open(services, "grants", &(&filter, include_raw), &page)?;
    let known = read_through::list(
        services,
        caller,
        Noun::Grants.into(),
        (filter.connection_id, filter.vendor.as_deref()),
        max_age.as_ref().filter(|_| pager.after.is_none()),
    )
    .await?;
    let rows = grants::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        include_raw,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |grant| grant.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}

/// One grant, deleted or not; read anew at its vendor when our copy is older than `max_age`.
///
/// # Errors
/// Without the scope; not found; the vendor's trouble, where it has to be read.
pub async fn find_grant(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    include_raw: bool,
    max_age: Option<MaxAge>,
) -> Result<Observed<Grant>> {
    require(caller, Scope::GRANTS_READ)?;
    let find = async || {
        let pool = services.store().requests();
        let grant = grants::find(pool, &caller.connections, id, include_raw)
            .await?
            .ok_or_else(|| Error::not_found("grant"))?;
        let seen = (grant.connection_id, grant.seen_at);
        observed(services, caller, Noun::Grants, grant, seen).await
    };
    let found = find().await?;
    let aged = Aged {
        id,
        connection_id: found.value.connection_id,
        as_of: found.as_of,
    };
    if read_through::one(services, caller, Noun::Grants, aged, max_age).await? {
        return find().await;
    }
    Ok(found)
}

/// Whose grants a caller wants.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Those that an account holds.
    Account(Uuid),
    /// Those by which an entitlement is held.
    Entitlement(Uuid),
}

/// Lists the grants of one account or of one entitlement.
///
/// # Errors
/// As [`list_grants`]; not found.
pub async fn list_grants_of(
    services: &Services,
    caller: &Caller,
    of: Of,
    mut wanted: GrantsWanted,
) -> Result<Listing<Grant>> {
    require(caller, Scope::GRANTS_READ)?;
    let pool = services.store().requests();
    let visible = &caller.connections;
    let connection_id = match of {
        Of::Account(id) => {
            wanted.filter.account_id = Some(id);
            let account = accounts::find(pool, visible, id, false).await?;
            let account = account.ok_or_else(|| Error::not_found("account"))?;
            account.connection_id
        }
        Of::Entitlement(id) => {
            wanted.filter.entitlement_id = Some(id);
            let entitlement = entitlements::find(pool, visible, id, false).await?;
            let entitlement = entitlement.ok_or_else(|| Error::not_found("entitlement"))?;
            entitlement.connection_id
        }
    };
    wanted.connection = Some(connection_id.to_string());
    list_grants(services, caller, wanted).await
}
