//! Identities: one person over all connections, derived from the accounts. A caller sees of an identity what it sees of the
//! accounts, and nothing of one whose accounts are all at other connections.

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use crate::store::identities::IdentityFilter;

use super::callers::require;
use super::connections::resolve_filter;
use super::coverage::{Known, covered, known};
use super::paging::Pager;
use super::read_through::{self, Aged, MaxAge};
use super::{Listing, Observed, PageSpec, Services};
use crate::domain::{Caller, Grant, Identity, IdentityAccount, Noun, Scope, SyncPart};
use crate::error::{Error, Result};
use crate::store::{grants, identities};

/// An identity rests on the accounts.
const PART: SyncPart = SyncPart::Rows(Noun::Accounts);

/// Which identities a caller wants, and how.
#[derive(Clone, Debug)]
pub struct IdentitiesWanted {
    /// Only those with an account at this connection, by id or name.
    pub connection: Option<String>,
    /// Only those with an account at a connection of this vendor.
    pub vendor: Option<String>,
    /// The other filters.
    pub filter: IdentityFilter,
    /// Read anew what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists identities with their accounts that are not deleted. One whose visible accounts are all deleted is not listed.
///
/// # Errors
/// Without the scope; narrowed to a connection that can't list accounts; too many connections to read anew.
pub async fn list_identities(
    services: &Services,
    caller: &Caller,
    wanted: IdentitiesWanted,
) -> Result<Listing<Identity>> {
    require(caller, Scope::IDENTITIES_READ)?;
    let IdentitiesWanted {
        connection,
        vendor,
        mut filter,
        max_age,
        page,
    } = wanted;
    let connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let told_apart = (connection_id, &vendor, &filter);
    let pager = Pager::open(services, "identities", &told_apart, &page)?;
    if connection_id.is_some() || vendor.is_some() {
        let at = covered(services, caller, PART, connection_id, vendor.as_deref()).await?;
        filter.at = Some(at.ids());
    }
    // An identity is shown whole, so that the answer rests on every connection, however it is narrowed.
    let max_age = max_age.as_ref().filter(|_| pager.after.is_none());
    let known = read_through::list(services, caller, PART, (None, None), max_age).await?;
    let rows = identities::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (mut items, next_cursor) = pager.page(rows, |identity| identity.id)?;
    for identity in &mut items {
        identity.accounts.retain(IdentityAccount::is_live);
    }
    // The last account may have gone since the page was cut.
    items.retain(|identity| !identity.accounts.is_empty());
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}

/// One identity, whole.
#[derive(Clone, Debug)]
pub struct WholeIdentity {
    /// With its accounts.
    pub identity: Identity,
    /// What its accounts hold, as far as we know; `None` for a caller who may not read grants.
    pub grants: Option<Vec<Grant>>,
}

/// One identity with all its accounts, deleted ones too, and what they hold; accounts that are older than `max_age` are read
/// anew first.
///
/// # Errors
/// Without the scope; not found; a vendor's trouble, where an account has to be read.
pub async fn find_identity(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    max_age: Option<MaxAge>,
) -> Result<Observed<WholeIdentity>> {
    require(caller, Scope::IDENTITIES_READ)?;
    let find = async || {
        let pool = services.store().requests();
        identities::find(pool, &caller.connections, id)
            .await?
            .ok_or_else(|| Error::not_found("identity"))
    };
    let mut identity = find().await?;
    let known = known(services, caller, PART, None).await?;
    if let Some(max_age) = max_age {
        let accounts: Vec<Aged> = identity
            .telling()
            .map(|account| Aged {
                id: account.id,
                connection_id: account.connection_id,
                as_of: seen(&known, account).0,
            })
            .collect();
        if read_through::things(services, caller, Noun::Accounts, accounts, &max_age).await? {
            identity = find().await?;
        }
    }
    let seen: Vec<_> = identity
        .telling()
        .map(|account| seen(&known, account))
        .collect();
    let ids: Vec<Uuid> = identity.accounts.iter().map(|account| account.id).collect();
    let grants = if caller.scopes.contains(&Scope::GRANTS_READ) {
        Some(grants::live_of_accounts(services.store().requests(), &ids).await?)
    } else {
        None
    };
    Ok(Observed {
        as_of: seen.iter().filter_map(|(as_of, _)| *as_of).min(),
        stale: seen.iter().any(|(_, stale)| *stale),
        value: WholeIdentity { identity, grants },
    })
}

/// When an account was last seen, by itself or with its whole connection, and whether that is too long ago.
fn seen(known: &Known, account: &IdentityAccount) -> (Option<DateTime<Utc>>, bool) {
    let (as_of, stale) = known
        .get(&account.connection_id)
        .copied()
        .unwrap_or((None, true));
    (as_of.max(Some(account.seen_at)), stale)
}
