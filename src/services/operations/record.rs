//! The end of an operation: its row, what it left in our tables, its audit event and the news of it, in one transaction.

use serde_json::{Value, json};
use sqlx::PgConnection;
use tracing::warn;

use super::acts::{Left, Thing};
use super::settle::Drive;
use crate::domain::{Effect, OperationKind, OperationStatus};
use crate::error::{Error, Result};
use crate::services::Services;
use crate::store::accounts;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::operations::{self, About, OperationRow, Settlement};

/// Records how an operation ended; nothing, when it goes on later.
///
/// # Errors
/// When the database fails, or can't take what the vendor showed.
pub(super) async fn record(services: &Services, row: &OperationRow, ending: &Drive) -> Result<()> {
    let mut transaction = services.store().begin_background().await?;
    let mut about = row.about;
    let mut effect = None;
    let mut error = None;
    let status = match ending {
        Drive::Later => return Ok(()),
        Drive::Succeeded(done) => {
            about = write_left(&mut transaction, row, &done.left).await?;
            effect = Some(done.effect);
            OperationStatus::Succeeded
        }
        Drive::Gone(thing) => {
            bury(&mut transaction, row, *thing).await?;
            error = Some(thing.gone());
            OperationStatus::Failed
        }
        Drive::Failed(why) => {
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
    };
    let owner = services.ledger().owner();
    let ours = operations::finish(&mut transaction, row.id, owner, row.epoch, settlement).await?;
    if !ours {
        warn!(operation.id = %row.id, epoch = row.epoch, "Operation {} is another's now: its outcome here is dropped", row.id);
        return Ok(());
    }
    let (noun, noun_id) = named(row, about);
    let mut detail = detail(about);
    detail["effect"] = json!(effect);
    detail["code"] = json!(error.as_ref().map(|error| error.code));
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
    transaction.commit().await?;
    services.ledger().announce_end(row.id);
    Ok(())
}

fn named(row: &OperationRow, about: About) -> (&'static str, Option<uuid::Uuid>) {
    match OperationKind::parse(&row.kind) {
        Some(kind) => (kind.noun(), about.id_of(kind.noun())),
        None => ("operation", Some(row.id)),
    }
}

/// What the audit events of an operation tell besides what it was done to.
pub(super) fn detail(about: About) -> Value {
    let _ = about;
    json!({})
}

/// Writes what an act left at the vendor; returns what the operation was about, by now.
async fn write_left(
    connection: &mut PgConnection,
    row: &OperationRow,
    left: &Left,
) -> Result<About> {
    let mut about = row.about;
    match left {
        Left::Nothing => {}
        Left::Account(record) => {
            let (id, vendor) = (row.connection_id, row.vendor.as_str());
            let written = accounts::upsert_written(connection, id, vendor, record, "write").await?;
            about.account_id = Some(written);
        }
        Left::NoAccount => {
            if let Some(id) = about.account_id {
                accounts::tombstone(connection, id, "write").await?;
            }
        }
    }
    Ok(about)
}

/// Marks as gone what a reading proved to be.
async fn bury(connection: &mut PgConnection, row: &OperationRow, thing: Thing) -> Result<()> {
    match thing {
        Thing::Account => {
            if let Some(id) = row.about.account_id {
                accounts::tombstone(connection, id, "read_through").await?;
            }
        }
    }
    Ok(())
}
