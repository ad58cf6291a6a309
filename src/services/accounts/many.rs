//! Changing attributes of several accounts by one request: checked, recorded as one operation, run in its own task, waited for.

use uuid::Uuid;

use super::named;
use crate::domain::{AttributesChange, Caller, OperationKind, Scope};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connected;
use crate::services::operations::{
    AccountAttributes, AccountsUpdated, Payload, Prepared, Subject, Submitted, carry_out,
    checked_reason, earlier, wait,
};
use crate::services::{Intent, Reply, Services};

/// So many may be changed at once.
const MOST_ITEMS: usize = 100;

/// Accounts whose attributes change, as their caller says it.
#[derive(Clone, Debug)]
pub struct UpdateAccounts {
    /// The connection, by id or name.
    pub connection: String,
    /// What changes of whom.
    pub items: Vec<AccountAttributes>,
    /// Why.
    pub reason: Option<String>,
}

/// Changes attributes of several accounts. Each may fail by itself, which is told of it and fails no other.
///
/// # Errors
/// Accounts that are not there, what the vendor can't do; what fails all of them, as the operation's failure.
pub async fn update_accounts(
    services: &Services,
    caller: &Caller,
    update: UpdateAccounts,
    intent: &Intent,
) -> Result<Reply<AccountsUpdated>> {
    require(caller, Scope::ACCOUNTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, submitted, intent).await;
    }
    let kind = OperationKind::UpdateManyAccounts;
    let UpdateAccounts {
        connection,
        items,
        reason,
    } = update;
    let reason = checked_reason(reason)?;
    let connected = connected::open(services, &caller.connections, &connection)
        .await
        .map_err(|error| match error.code {
            Code::NotFound => error.field("/connection_id", "names no connection that you may see"),
            _ => error,
        })?;
    connected.require_for(kind)?;
    if items.is_empty() || items.len() > MOST_ITEMS {
        return Err(Error::invalid(
            "/items",
            format!("must be 1 to {MOST_ITEMS} accounts"),
        ));
    }
    let ids: Vec<Uuid> = items.iter().map(|item| item.account_id).collect();
    let at = |index| format!("/items/{index}/account_id");
    let accounts = named(services, caller, connected.row.id, &ids, at).await?;
    let changes: Vec<AttributesChange> = items
        .iter()
        .zip(&accounts)
        .map(|(item, account)| AttributesChange {
            account: account.record.clone(),
            attributes: item.attributes.clone(),
        })
        .collect();
    let updater = connected
        .adapter
        .many_accounts_updater()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    updater
        .prepare_updates(&changes)
        .map_err(|error| connected.explain(error))?;
    let prepared = Prepared {
        id: Uuid::now_v7(),
        connected: &connected,
        kind,
        serial_key: updater.turns_of_updating_many().to_owned(),
        subject: Subject::Accounts(accounts),
        payload: Payload::UpdateMany { items, reason },
        secret: None,
    };
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, submitted, intent).await
    })
    .await
}

/// Waits for the operation, and gives what it told of each.
async fn answer(
    services: &Services,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Reply<AccountsUpdated>> {
    let operation_id = submitted.operation_id;
    let outcome = wait(services, submitted, intent).await?;
    // Ended without a result: resolved by hand, and the next sync brings it.
    let Some(result) = outcome.and_then(|outcome| outcome.result) else {
        return Ok(Reply::Accepted { operation_id });
    };
    let told = serde_json::from_value(result).map_err(Error::internal)?;
    Ok(Reply::Done(told))
}
