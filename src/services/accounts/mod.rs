//! Accounts: read from our copies, written through the ledger.

mod write;

use uuid::Uuid;

pub use write::{
    CreateAccount, activate_account, create_account, deactivate_account, delete_account,
    update_account,
};

pub use crate::store::accounts::AccountFilter;

use super::callers::require;
use super::connected::{narrowed, unsupported};
use super::connections::{find_visible, resolve_filter};
use super::paging::Pager;
use super::{Coverage, Listing, Observed, PageSpec, Services};
use crate::adapters;
use crate::domain::{Account, Caller, Capability, Scope};
use crate::error::{Error, Result};
use crate::store::connections::CoverageRow;
use crate::store::{accounts, connections};

/// The noun in the coverage table.
const NOUN: &str = "accounts";

/// Lists accounts from our copies. `connection` narrows by id or name.
///
/// # Errors
/// Without the scope; a connection that can't list accounts (an empty list would say that there are none).
pub async fn list_accounts(
    services: &Services,
    caller: &Caller,
    connection: Option<&str>,
    mut filter: AccountFilter,
    include_raw: bool,
    page: PageSpec,
) -> Result<Listing<Account>> {
    require(caller, Scope::ACCOUNTS_READ)?;
    filter.connection_id = resolve_filter(services, caller, connection).await?;
    let pager = Pager::open(services, NOUN, &(&filter, include_raw), &page)?;
    let pool = services.store().requests();
    let covered = connections::coverage(
        pool,
        &caller.connections,
        NOUN,
        filter.connection_id,
        filter.vendor.as_deref(),
    )
    .await?;
    if let Some(id) = filter.connection_id
        && covered.first().is_some_and(|row| !lists(services, row))
    {
        let row = find_visible(services, caller, &id.to_string()).await?;
        let can = covered
            .first()
            .map(|covered| capabilities(services, covered))
            .unwrap_or_default();
        return Err(unsupported(&row.name, Capability::ListAccounts, can));
    }
    let rows = accounts::list(
        pool,
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
        coverage: Some(coverage(services, &covered)),
    })
}

/// One account, deleted or not.
///
/// # Errors
/// Without the scope; not found.
pub async fn find_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    include_raw: bool,
) -> Result<Observed<Account>> {
    require(caller, Scope::ACCOUNTS_READ)?;
    let pool = services.store().requests();
    let account = accounts::find(pool, &caller.connections, id, include_raw)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    observed(services, caller, account).await
}

/// An account with how good our copy of it is.
async fn observed(
    services: &Services,
    caller: &Caller,
    account: Account,
) -> Result<Observed<Account>> {
    let covered = connections::coverage(
        services.store().requests(),
        &caller.connections,
        NOUN,
        Some(account.connection_id),
        None,
    )
    .await?;
    let row = covered.first();
    // What an operation or a sync wrote was seen then, also where no run was complete yet.
    let as_of = row.and_then(|row| row.as_of).max(Some(account.changed_at));
    Ok(Observed {
        as_of,
        stale: row.is_none_or(|row| row.stale),
        value: account,
    })
}

fn capabilities(services: &Services, row: &CoverageRow) -> Vec<Capability> {
    let slots = adapters::variant(&row.variant)
        .and_then(|variant| super::catalogue::variant_capabilities(services, variant).ok())
        .unwrap_or_default();
    narrowed(slots, row.checked_capabilities.as_deref())
}

fn lists(services: &Services, row: &CoverageRow) -> bool {
    capabilities(services, row).contains(&Capability::ListAccounts)
}

fn coverage(services: &Services, rows: &[CoverageRow]) -> Coverage {
    let (covered, not_covered): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| lists(services, row));
    let never_synced = covered.iter().any(|row| row.as_of.is_none());
    Coverage {
        as_of: if never_synced {
            None
        } else {
            covered.iter().filter_map(|row| row.as_of).min()
        },
        stale: covered.iter().any(|row| row.stale),
        not_covered: not_covered.iter().map(|row| row.connection_id).collect(),
    }
}
