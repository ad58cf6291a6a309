//! The end of an operation: its row, its audit event and the news of it, in the transaction that writes what it left.

use serde_json::{Value, json};
use sqlx::PgConnection;
use tracing::warn;
use uuid::Uuid;

use super::Payload;
use super::acts::{Answered, Left};
use super::copies::{self, Written};
use super::settle::Drive;
use crate::domain::{Effect, OperationKind, OperationStatus};
use crate::error::{Error, Result};
use crate::services::{Services, passthrough};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::operations::{self, About, OperationRow, Settlement};
use crate::store::upstream_answers;

/// Records how an operation ended; nothing, when it goes on later.
///
/// # Errors
/// When the database fails, or can't take what the vendor showed.
pub(super) async fn record(services: &Services, row: &OperationRow, ending: &Drive) -> Result<()> {
    let mut transaction = services.store().begin_background().await?;
    let kind = OperationKind::parse(&row.kind);
    let mut about = row.about;
    let mut effect = None;
    let mut result = None;
    let mut error = None;
    let status = match ending {
        Drive::Later => return Ok(()),
        Drive::Succeeded(done) => {
            if let Left::Answer(answered) = &done.left {
                keep_answer(services, &mut transaction, row, answered).await?;
            }
            Written { about, result } = copies::write(&mut transaction, row, done).await?;
            effect = Some(done.effect);
            OperationStatus::Succeeded
        }
        Drive::Gone(thing) => {
            copies::bury(&mut transaction, row, *thing).await?;
            error = Some(thing.gone());
            OperationStatus::Failed
        }
        Drive::Failed(why) => {
            copies::step_back(&mut transaction, row, kind).await?;
            error = Some(why.clone());
            OperationStatus::Failed
        }
        Drive::Unknown(why) => {
            error = Some(why.clone());
            OperationStatus::OutcomeUnknown
        }
    };
    if let Some(internal) = error.as_ref().and_then(|error| error.internal.as_deref()) {
        warn!(operation.id = %row.id, internal, "Operation {} failed on our side", row.id);
    }
    let effect = effect.map(Effect::as_str);
    let settlement = Settlement {
        status: status.as_str(),
        effect,
        about,
        error: error
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(Error::internal)?,
        result: result.clone(),
    };
    let owner = services.ledger().owner();
    let ours = operations::finish(&mut transaction, row.id, owner, row.epoch, settlement).await?;
    if !ours {
        warn!(operation.id = %row.id, epoch = row.epoch, "Operation {} is another's now: its outcome here is dropped", row.id);
        return Ok(());
    }
    let noun = kind.map_or("operation", OperationKind::noun);
    let noun_id = kind.map_or(Some(row.id), |kind| noun_id(kind, about, row.connection_id));
    let mut detail = detail(about, &row.payload);
    detail["effect"] = json!(effect);
    detail["code"] = json!(error.as_ref().map(|error| error.code));
    if let Some(result) = result {
        detail["result"] = result;
    }
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor {
                id: row.caller_id,
                name: &row.caller_name,
                person: None,
            },
            action: &row.kind,
            noun,
            noun_id,
            connection_id: Some(row.connection_id),
            operation_id: Some(row.id),
            outcome: status.as_str(),
            detail,
            request_id: &row.request_id,
        },
    )
    .await?;
    // Before the end can be seen: whoever waits takes it as soon as it is.
    if let Drive::Succeeded(done) = ending
        && let Left::Answer(answered) = &done.left
        && let Some(answer) = answered.take()
    {
        services.ledger().handover().give(row.id, answer);
    }
    transaction.commit().await?;
    services.ledger().announce_end(row.id);
    if row.kind == OperationKind::UpstreamWrite.as_str() && status != OperationStatus::Failed {
        passthrough::read_touched(services, row);
    }
    Ok(())
}

/// Keeps the answer of the vendor for repetitions of the request, sealed.
async fn keep_answer(
    services: &Services,
    connection: &mut PgConnection,
    row: &OperationRow,
    answered: &Answered,
) -> Result<()> {
    let Some(body) = &answered.kept else {
        return Ok(());
    };
    let sealed = services
        .vault()
        .seal(&[&row.id.to_string(), "answer"], body)
        .map_err(Error::internal)?;
    upstream_answers::keep(
        connection,
        row.id,
        answered.status,
        answered.content_type.as_deref(),
        (sealed.key_id, sealed.wrapped_key, sealed.ciphertext),
    )
    .await
}

/// The id of what an operation is about, for its audit events.
pub(super) fn noun_id(kind: OperationKind, about: About, connection_id: Uuid) -> Option<Uuid> {
    match kind {
        OperationKind::UpdateManyAccounts | OperationKind::UpstreamWrite => Some(connection_id),
        kind => about.id_of(kind.noun()),
    }
}

/// What the audit events of an operation tell besides what it was done to.
pub(super) fn detail(about: About, payload: &Value) -> Value {
    let mut detail = Value::Object(Payload::told(payload));
    // An act on an account alone says so by its noun.
    if about.grant_id.is_some() {
        detail["account_id"] = json!(about.account_id);
        detail["entitlement_id"] = json!(about.entitlement_id);
    }
    detail
}
