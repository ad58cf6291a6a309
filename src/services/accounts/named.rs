//! Accounts that a body names by their ids.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::{Account, AccountStatus, Caller};
use crate::error::{Error, FieldError, Result};
use crate::services::Services;
use crate::store::accounts;

/// These accounts in their order, with the vendor's payloads: each there, live, of this connection, and named once.
///
/// # Errors
/// Names every id that is not so; `pointer` gives the place of one.
pub(in crate::services) async fn named(
    services: &Services,
    caller: &Caller,
    connection_id: Uuid,
    ids: &[Uuid],
    pointer: impl Fn(usize) -> String,
) -> Result<Vec<Account>> {
    let pool = services.store().requests();
    let found = accounts::find_all(pool, &caller.connections, ids, true).await?;
    let mut found: HashMap<Uuid, Account> = found
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let mut named = Vec::with_capacity(ids.len());
    let mut wrong = Vec::new();
    for (index, id) in ids.iter().enumerate() {
        let detail = match found.remove(id) {
            None if ids[..index].contains(id) => "is named twice",
            None => "names no account that you may see",
            Some(account) if account.connection_id != connection_id => {
                "is an account of another connection"
            }
            Some(account) if account.record.status == AccountStatus::Deleted => {
                "is deleted at the vendor"
            }
            Some(account) => {
                named.push(account);
                continue;
            }
        };
        wrong.push(FieldError {
            pointer: pointer(index),
            detail: detail.into(),
        });
    }
    if wrong.is_empty() {
        Ok(named)
    } else {
        Err(Error::invalid_fields(wrong))
    }
}
