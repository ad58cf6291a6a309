//! Accounts: read from our copies, written through the ledger.

mod write;

use uuid::Uuid;

pub use write::{
    CreateAccount, activate_account, create_account, deactivate_account, delete_account,
    update_account,
};

pub use crate::store::accounts::AccountFilter;

use super::callers::require;
use super::connections::resolve_filter;
use super::coverage::{accounts_covered, accounts_known};
use super::paging::Pager;
use super::read_through::{self, Aged, MaxAge};
use super::{Listing, Observed, PageSpec, Services};
use crate::domain::{Account, Caller, Scope};
use crate::error::{Error, Result};
use crate::store::accounts;

/// The noun, in the coverage table and of a sync: the only one so far.
pub(super) const NOUN: &str = "accounts";

/// Which accounts a caller wants, and how.
#[derive(Clone, Debug)]
pub struct AccountsWanted {
    /// Only those of this connection, by id or name.
    pub connection: Option<String>,
    /// The other filters.
    pub filter: AccountFilter,
    /// With the vendor's payload.
    pub include_raw: bool,
    /// Read anew what is older.
    pub max_age: Option<MaxAge>,
    /// The page.
    pub page: PageSpec,
}

/// Lists accounts from our copies.
///
/// # Errors
/// Without the scope; a connection that can't list accounts (an empty list would say that there are none); too many
/// connections to read anew.
pub async fn list_accounts(
    services: &Services,
    caller: &Caller,
    wanted: AccountsWanted,
) -> Result<Listing<Account>> {
    require(caller, Scope::ACCOUNTS_READ)?;
    let AccountsWanted {
        connection,
        mut filter,
        include_raw,
        max_age,
        page,
    } = wanted;
    filter.connection_id = resolve_filter(services, caller, connection.as_deref()).await?;
    let pager = Pager::open(services, NOUN, &(&filter, include_raw), &page)?;
    let covered = async || {
        let (connection_id, vendor) = (filter.connection_id, filter.vendor.as_deref());
        accounts_covered(services, caller, connection_id, vendor).await
    };
    let mut known = covered().await?;
    if let Some(max_age) = max_age
        && pager.after.is_none()
        && read_through::lists(services, caller, &known.listed, &max_age).await?
    {
        known = covered().await?;
    }
    let rows = accounts::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        include_raw,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |account| account.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: Some(known.told()),
    })
}

/// One account, deleted or not; read anew at its vendor when our copy is older than `max_age`.
///
/// # Errors
/// Without the scope; not found; the vendor's trouble, where it has to be read.
pub async fn find_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    include_raw: bool,
    max_age: Option<MaxAge>,
) -> Result<Observed<Account>> {
    require(caller, Scope::ACCOUNTS_READ)?;
    let find = async || {
        let pool = services.store().requests();
        let account = accounts::find(pool, &caller.connections, id, include_raw)
            .await?
            .ok_or_else(|| Error::not_found("account"))?;
        observed(services, caller, account).await
    };
    let found = find().await?;
    if let Some(max_age) = max_age
        && read_through::accounts(services, caller, [aged(&found)], &max_age).await?
    {
        return find().await;
    }
    Ok(found)
}

fn aged(found: &Observed<Account>) -> Aged {
    Aged {
        id: found.value.id,
        connection_id: found.value.connection_id,
        as_of: found.as_of,
    }
}

/// An account with how good our copy of it is.
async fn observed(
    services: &Services,
    caller: &Caller,
    account: Account,
) -> Result<Observed<Account>> {
    let connection_id = account.connection_id;
    let known = accounts_known(services, caller, Some(connection_id)).await?;
    let (as_of, stale) = known.get(&connection_id).copied().unwrap_or((None, true));
    Ok(Observed {
        // What was read or written by itself was seen then, also where no run was complete yet.
        as_of: as_of.max(Some(account.seen_at)),
        stale,
        value: account,
    })
}
