//! Accounts: read from our copies, written through the ledger.

mod many;
mod named;
mod write;

use uuid::Uuid;

pub use many::{UpdateAccounts, update_accounts};
pub(super) use named::named;
pub use write::{
    CreateAccount, activate_account, create_account, deactivate_account, delete_account,
    update_account,
};

pub use crate::store::accounts::AccountFilter;

use super::callers::require;
use super::connections::resolve_filter;
use super::coverage;
use super::paging::Pager;
use super::read_through::{self, Aged, MaxAge};
use super::{Listing, Observed, PageSpec, Services};
use crate::domain::{Account, Caller, Noun, Scope};
use crate::error::{Error, Result};
use crate::store::accounts;

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
    let pager = Pager::open(services, "accounts", &(&filter, include_raw), &page)?;
    let known = read_through::list(
        services,
        caller,
        Noun::Accounts.into(),
        (filter.connection_id, filter.vendor.as_deref()),
        max_age.as_ref().filter(|_| pager.after.is_none()),
    )
    .await?;
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
    let aged = Aged {
        id,
        connection_id: found.value.connection_id,
        as_of: found.as_of,
    };
    if read_through::one(services, caller, Noun::Accounts, aged, max_age).await? {
        return find().await;
    }
    Ok(found)
}

/// An account with how good our copy of it is.
async fn observed(
    services: &Services,
    caller: &Caller,
    account: Account,
) -> Result<Observed<Account>> {
    let seen = (account.connection_id, account.seen_at);
    coverage::observed(services, caller, Noun::Accounts, account, seen).await
}
