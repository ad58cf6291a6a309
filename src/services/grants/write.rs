//! Giving entitlements to accounts and taking them away: checked, recorded as an operation, run in its own task, waited for.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{
    AccountStatus, Caller, Connections, Entitlement, Grant, GrantStatus, Noun, OperationKind,
    Scope, ThingStatus,
};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connected::{self, Connected};
use crate::services::coverage::observed;
use crate::services::operations::{
    Holding, Payload, Prepared, Subject, Submitted, carry_out, checked_reason, earlier, turns, wait,
};
use crate::services::{Intent, Observed, Reply, Services};
use crate::store::{accounts, entitlements, grants};

/// A grant to be made, as its caller says it.
#[derive(Clone, Debug)]
pub struct CreateGrant {
    /// Who shall hold it.
    pub account_id: Uuid,
    /// What shall be held.
    pub entitlement_id: Uuid,
    /// Why.
    pub reason: Option<String>,
    /// For how long; `None`: until it is deleted.
    pub duration_seconds: Option<u64>,
    /// Until when; `None`: until it is deleted.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Gives an entitlement to an account.
///
/// # Errors
/// Things that are not there or don't fit each other, what the vendor can't grant, another grant of the same exclusive group,
/// what the vendor refuses; all before an operation exists, or as its failure.
pub async fn create_grant(
    services: &Services,
    caller: &Caller,
    create: CreateGrant,
    intent: &Intent,
) -> Result<Reply<Observed<Grant>>> {
    require(caller, Scope::GRANTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let kind = OperationKind::CreateGrant;
    let reason = checked_reason(create.reason.clone())?;
    let (holding, connected) = named(services, caller, &create).await?;
    connected.require_for(kind)?;
    check_lasting(&connected, &create)?;
    check_assignable(&connected, &holding.entitlement)?;
    let granter = connected
        .adapter
        .granter()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    granter
        .prepare_grant(holding.pair())
        .map_err(|error| connected.explain(error))?;
    check_exclusive(services, &holding).await?;
    carry_on(services, caller, intent, &connected, kind, holding, reason).await
}

/// Takes an entitlement away from an account.
///
/// # Errors
/// Not found; what the vendor can't take away or refuses to.
pub async fn delete_grant(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    reason: Option<String>,
    intent: &Intent,
) -> Result<Reply<Observed<Grant>>> {
    require(caller, Scope::GRANTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let kind = OperationKind::DeleteGrant;
    let reason = checked_reason(reason)?;
    let (holding, connected) = target(services, caller, id).await?;
    connected.require_for(kind)?;
    if holding.entitlement.record.is_rest {
        let name = &holding.entitlement.record.name;
        return Err(unsupported(
            &connected,
            format!(
                "`{name}` is what an account holds when nothing else of its kind was given to it. It can't be taken away, only replaced by granting another."
            ),
        ));
    }
    let revoker = connected
        .adapter
        .revoker()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    revoker
        .prepare_revoke(holding.pair())
        .map_err(|error| connected.explain(error))?;
    carry_on(services, caller, intent, &connected, kind, holding, reason).await
}

async fn carry_on(
    services: &Services,
    caller: &Caller,
    intent: &Intent,
    connected: &Connected,
    kind: OperationKind,
    holding: Holding,
    reason: Option<String>,
) -> Result<Reply<Observed<Grant>>> {
    let prepared = Prepared {
        id: Uuid::now_v7(),
        connected,
        kind,
        serial_key: turns::on_grant(connected, &holding, kind)?,
        subject: Subject::Grant(Box::new(holding)),
        payload: Payload::Grant { reason },
        secret: None,
    };
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, submitted, intent).await
    })
    .await
}

/// The account and the entitlement that a caller names: both there, live, and of one connection.
async fn named(
    services: &Services,
    caller: &Caller,
    create: &CreateGrant,
) -> Result<(Holding, Connected)> {
    let (pool, visible) = (services.store().requests(), &caller.connections);
    let account = accounts::find(pool, visible, create.account_id, true)
        .await?
        .ok_or_else(|| {
            Error::not_found("account").field("/account_id", "names no account that you may see")
        })?;
    let entitlement = entitlements::find(pool, visible, create.entitlement_id, true)
        .await?
        .ok_or_else(|| {
            Error::not_found("entitlement")
                .field("/entitlement_id", "names no entitlement that you may see")
        })?;
    if entitlement.connection_id != account.connection_id {
        return Err(Error::invalid(
            "/entitlement_id",
            "is an entitlement of another connection than the account's",
        ));
    }
    if account.record.status == AccountStatus::Deleted {
        return Err(
            Error::new(Code::Conflict, "The account is deleted at the vendor.")
                .field("/account_id", "is deleted"),
        );
    }
    if entitlement.record.status == ThingStatus::Deleted {
        return Err(
            Error::new(Code::Conflict, "The entitlement is gone at the vendor.")
                .field("/entitlement_id", "is deleted"),
        );
    }
    let connection = account.connection_id.to_string();
    let connected = connected::open(services, visible, &connection).await?;
    let holding = Holding::of(services.store(), account, entitlement).await?;
    Ok((holding, connected))
}

/// The grant that is to be taken away, deleted or not: what is gone already is success.
async fn target(services: &Services, caller: &Caller, id: Uuid) -> Result<(Holding, Connected)> {
    let (pool, visible) = (services.store().requests(), &caller.connections);
    let missing = || Error::not_found("grant");
    let grant = grants::find(pool, visible, id, false)
        .await?
        .ok_or_else(missing)?;
    let account = accounts::find(pool, &Connections::All, grant.account_id, true)
        .await?
        .ok_or_else(missing)?;
    let entitlement = entitlements::find(pool, &Connections::All, grant.entitlement_id, true)
        .await?
        .ok_or_else(missing)?;
    let connection = grant.connection_id.to_string();
    let connected = connected::open(services, visible, &connection).await?;
    let holding = Holding::of(services.store(), account, entitlement).await?;
    Ok((holding, connected))
}

/// Nothing takes a grant away at its time yet, so that no end may be promised.
fn check_lasting(connected: &Connected, create: &CreateGrant) -> Result<()> {
    let ends = [
        ("/duration_seconds", create.duration_seconds.is_some()),
        ("/ends_at", create.ends_at.is_some()),
    ];
    let given = ends.iter().filter(|(_, is_given)| *is_given);
    let refusal = unsupported(
        connected,
        "A grant lasts until it is deleted: one that ends by itself can't be made yet.",
    );
    let refused = given.fold(None, |refused: Option<Error>, (pointer, _)| {
        let error = refused.unwrap_or_else(|| refusal.clone());
        Some(error.field(*pointer, "must be left out"))
    });
    refused.map_or(Ok(()), Err)
}

fn check_assignable(connected: &Connected, entitlement: &Entitlement) -> Result<()> {
    let record = &entitlement.record;
    if record.assignable {
        return Ok(());
    }
    let detail = if record.requestable {
        "can't be granted directly; it can only be asked for at the vendor"
    } else if record.is_rest {
        "can't be granted; it is what an account holds when nothing else was given to it"
    } else {
        "can't be granted through the gateway; it is only shown"
    };
    Err(
        unsupported(connected, format!("`{}` {detail}.", record.name))
            .field("/entitlement_id", detail),
    )
}

/// Refuses what would take the place of something else that was given to the account.
async fn check_exclusive(services: &Services, holding: &Holding) -> Result<()> {
    let entitlement = &holding.entitlement;
    let Some(group) = entitlement.record.exclusive_group.as_deref() else {
        return Ok(());
    };
    let pool = services.store().requests();
    let rivals = grants::rivals(pool, holding.account.id, entitlement.id, group).await?;
    // What is just being taken away is gone, or not, when this one's turn comes: then the vendor is asked.
    let rival = rivals
        .iter()
        .find(|rival| !rival.is_rest && rival.status != GrantStatus::Revoking.as_str());
    let Some(rival) = rival else {
        return Ok(());
    };
    let name = &rival.name;
    Err(Error::new(
        Code::Conflict,
        format!(
            "The account holds `{name}`, and it can hold only one of `{group}` at a time. Delete the grant {} first.",
            rival.id
        ),
    )
    .field(
        "/entitlement_id",
        format!("would take the place of `{name}`"),
    ))
}

fn unsupported(connected: &Connected, detail: impl Into<String>) -> Error {
    Error {
        capabilities: Some(connected.capabilities()),
        ..Error::new(Code::CapabilityNotSupported, detail)
    }
}

/// Waits for the operation and shows the grant as it is then.
async fn answer(
    services: &Services,
    caller: &Caller,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Reply<Observed<Grant>>> {
    let operation_id = submitted.operation_id;
    let outcome = wait(services, submitted, intent).await?;
    let Some(id) = outcome.and_then(|outcome| outcome.about.grant_id) else {
        return Ok(Reply::Accepted { operation_id });
    };
    let shown = async {
        let pool = services.store().requests();
        let grant = grants::find(pool, &caller.connections, id, false)
            .await?
            .ok_or_else(|| Error::not_found("grant"))?;
        let seen = (grant.connection_id, grant.seen_at);
        observed(services, caller, Noun::Grants, grant, seen).await
    };
    match shown.await {
        // It is done, and only can't be shown now.
        Err(error) if error.is_retryable() => Ok(Reply::Accepted { operation_id }),
        shown => Ok(Reply::Done(shown?)),
    }
}
