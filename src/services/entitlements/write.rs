//! Changing entitlements themselves: checked, recorded as an operation, run in its own task, waited for.

use uuid::Uuid;

use crate::domain::{
    Caller, Entitlement, EntitlementChange, Noun, OperationKind, Scope, ThingStatus,
};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connected;
use crate::services::coverage::observed;
use crate::services::operations::{
    Payload, Prepared, Subject, Submitted, carry_out, earlier, wait,
};
use crate::services::{Intent, Observed, Reply, Services};
use crate::store::entitlements;

/// No vendor is known to take a longer name.
const MOST_CHARS: usize = 255;

/// Changes an entitlement itself.
///
/// # Errors
/// Not found, a bad name, an entitlement that can't be changed; what the vendor refuses, as its failure.
pub async fn update_entitlement(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    change: EntitlementChange,
    intent: &Intent,
) -> Result<Reply<Observed<Entitlement>>> {
    require(caller, Scope::ENTITLEMENTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let kind = OperationKind::UpdateEntitlement;
    let (pool, visible) = (services.store().requests(), &caller.connections);
    let entitlement = entitlements::find(pool, visible, id, true)
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
    let EntitlementChange { name } = &change;
    if name.trim().is_empty() || name.chars().count() > MOST_CHARS {
        return Err(Error::invalid(
            "/name",
            format!("must be a name of 1 to {MOST_CHARS} characters"),
        ));
    }
    let updater = connected
        .adapter
        .entitlement_updater()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    updater
        .prepare_update(&entitlement.record, &change)
        .map_err(|error| connected.explain(error))?;
    let prepared = Prepared {
        id: Uuid::now_v7(),
        connected: &connected,
        kind,
        serial_key: updater.turns_of_updating(&entitlement.record),
        subject: Subject::Entitlement(Box::new(entitlement)),
        payload: Payload::UpdateEntitlement { name: change.name },
        secret: None,
    };
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, submitted, intent).await
    })
    .await
}

/// Waits for the operation and shows the entitlement as it is then.
async fn answer(
    services: &Services,
    caller: &Caller,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Reply<Observed<Entitlement>>> {
    let operation_id = submitted.operation_id;
    let outcome = wait(services, submitted, intent).await?;
    let Some(id) = outcome.and_then(|outcome| outcome.about.entitlement_id) else {
        return Ok(Reply::Accepted { operation_id });
    };
    let shown = async {
        let pool = services.store().requests();
        let found = entitlements::find(pool, &caller.connections, id, false)
            .await?
            .ok_or_else(|| Error::not_found("entitlement"))?;
        let seen = (found.connection_id, found.seen_at);
        observed(services, caller, Noun::Entitlements, found, seen).await
    };
    match shown.await {
        // It is done, and only can't be shown now.
        Err(error) if error.is_retryable() => Ok(Reply::Accepted { operation_id }),
        shown => Ok(Reply::Done(shown?)),
    }
}
