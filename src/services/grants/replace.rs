//! Replacing all who hold an entitlement: checked, recorded as an operation, run in its own task, waited for.

use uuid::Uuid;

use super::GrantFilter;
use crate::domain::{AccountRecord, Caller, Grant, OperationKind, Scope, ThingStatus};
use crate::error::{Code, Error, Result};
use crate::services::accounts::named;
use crate::services::callers::require;
use crate::services::connected;
use crate::services::operations::{
    HoldersReplaced, Payload, Prepared, Replacement, Subject, Submitted, carry_out, checked_reason,
    earlier, wait,
};
use crate::services::{Intent, Reply, Services};
use crate::store::{entitlements, grants};

/// So many may be named at most.
const MOST_HOLDERS: usize = 1000;

/// Who shall hold an entitlement, as its caller says it.
#[derive(Clone, Debug)]
pub struct ReplaceGrants {
    /// They, and nobody else.
    pub account_ids: Vec<Uuid>,
    /// Why.
    pub reason: Option<String>,
}

/// Who holds an entitlement, and who began and ceased to.
#[derive(Clone, Debug)]
pub struct GrantsReplaced {
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Who began and who ceased to hold it.
    pub changed: HoldersReplaced,
    /// Its grants, as they are now.
    pub items: Vec<Grant>,
}

/// Makes accounts the holders of an entitlement, and nobody else.
///
/// # Errors
/// Things that are not there or don't fit each other, what the vendor can't do, what the vendor refuses; all before an
/// operation exists, or as its failure.
pub async fn replace_grants(
    services: &Services,
    caller: &Caller,
    entitlement_id: Uuid,
    replace: ReplaceGrants,
    intent: &Intent,
) -> Result<Reply<GrantsReplaced>> {
    require(caller, Scope::GRANTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, entitlement_id, submitted, intent).await;
    }
    let kind = OperationKind::ReplaceGrants;
    let ReplaceGrants {
        account_ids,
        reason,
    } = replace;
    let reason = checked_reason(reason)?;
    let (pool, visible) = (services.store().requests(), &caller.connections);
    let entitlement = entitlements::find(pool, visible, entitlement_id, true)
        .await?
        .ok_or_else(|| Error::not_found("entitlement"))?;
    let connection = entitlement.connection_id.to_string();
    let connected = connected::open(services, visible, &connection).await?;
    connected.require_for(kind)?;
    if entitlement.record.status == ThingStatus::Deleted {
        return Err(Error::new(
            Code::Conflict,
            "The entitlement is gone at the vendor.",
        ));
    }
    if account_ids.len() > MOST_HOLDERS {
        return Err(Error::invalid(
            "/account_ids",
            format!("may name {MOST_HOLDERS} accounts at most"),
        ));
    }
    let at = |index| format!("/account_ids/{index}");
    let holders = named(services, caller, connected.row.id, &account_ids, at).await?;
    let replacer = connected
        .adapter
        .grant_replacer()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    let records: Vec<AccountRecord> = holders.iter().map(|one| one.record.clone()).collect();
    replacer
        .prepare_replacement(&entitlement.record, &records)
        .map_err(|error| connected.explain(error))?;
    let serial_key = replacer.turns_of_replacing(&entitlement.record);
    let replacement = Replacement::of(services.store(), entitlement, holders).await?;
    let prepared = Prepared {
        id: Uuid::now_v7(),
        connected: &connected,
        kind,
        serial_key,
        subject: Subject::Holders(Box::new(replacement)),
        payload: Payload::Replace {
            account_ids,
            reason,
        },
        secret: None,
    };
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, entitlement_id, submitted, intent).await
    })
    .await
}

/// Waits for the operation, and shows what it told and who holds the entitlement then.
async fn answer(
    services: &Services,
    caller: &Caller,
    entitlement_id: Uuid,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Reply<GrantsReplaced>> {
    let operation_id = submitted.operation_id;
    let outcome = wait(services, submitted, intent).await?;
    // Ended without a result: resolved by hand, and the next sync brings it.
    let Some(result) = outcome.and_then(|outcome| outcome.result) else {
        return Ok(Reply::Accepted { operation_id });
    };
    let changed = serde_json::from_value(result).map_err(Error::internal)?;
    let of_it = GrantFilter {
        entitlement_id: Some(entitlement_id),
        ..GrantFilter::default()
    };
    let (pool, visible) = (services.store().requests(), &caller.connections);
    let most = MOST_HOLDERS as i64;
    match grants::list(pool, visible, &of_it, false, None, most).await {
        // It is done, and only can't be shown now.
        Err(error) if error.is_retryable() => Ok(Reply::Accepted { operation_id }),
        items => Ok(Reply::Done(GrantsReplaced {
            entitlement_id,
            changed,
            items: items?,
        })),
    }
}
