//! Running operations: own, act, settle, or hand over.

use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::acts::Act;
use super::record;
use super::settle::{self, Drive};
use crate::domain::{Connections, OperationStatus};
use crate::error::{Code, Error, Result};
use crate::services::{Services, lease};
use crate::store::operations::{self, OperationRow};

/// Claims of one operation before it is parked: one that kills its owner every time must not do so for ever.
const MAX_ATTEMPTS: i32 = 10;

/// Sets a recorded operation going here, in its own task; if this fails, the due-scan of any replica finds it.
pub(super) fn kick(services: &Services, operation_id: Uuid, connection_id: Uuid) {
    if services.ledger().is_closing() {
        return;
    }
    let owned = services.clone();
    services.ledger().spawn(async move {
        let ledger = owned.ledger();
        let permit = tokio::select! {
            permit = ledger.slot(connection_id) => permit,
            () = ledger.closed() => None,
        };
        let Some(permit) = permit else { return };
        let claimed = operations::claim_one(
            owned.store().background(),
            ledger.owner(),
            owned.settings().lease.as_secs_f64(),
            operation_id,
        )
        .await;
        match claimed {
            Ok(Some(row)) => own(&owned, row, permit).await,
            // Not its turn, or another replica was faster.
            Ok(None) => {}
            Err(error) => warn!(%operation_id, %error, "Operation {operation_id} could not be claimed at once"),
        }
    });
}

/// Claims what is due, as long as there are free slots; returns how many operations were set going.
///
/// # Errors
/// When the database fails.
pub async fn run_due(services: &Services) -> Result<usize> {
    let ledger = services.ledger();
    let mut started = 0;
    while !ledger.is_closing() {
        let claimed = operations::claim(
            services.store().background(),
            ledger.owner(),
            services.settings().lease.as_secs_f64(),
            &ledger.busy(),
        )
        .await?;
        let Some(row) = claimed else { break };
        started += 1;
        let Some(permit) = ledger.try_slot(row.connection_id) else {
            // The last slot went meanwhile: back into the queue.
            operations::release(
                services.store().background(),
                row.id,
                ledger.owner(),
                row.epoch,
                0.2,
            )
            .await?;
            continue;
        };
        let owned = services.clone();
        ledger.spawn(async move { own(&owned, row, permit).await });
    }
    Ok(started)
}

/// Drives an operation that is ours, with a heartbeat beside it.
async fn own(services: &Services, row: OperationRow, permit: OwnedSemaphorePermit) {
    let (id, epoch) = (row.id, row.epoch);
    let ledger = services.ledger();
    let pool = services.store().background();
    let lease = services.settings().lease.as_secs_f64();
    let extend = || operations::extend(pool, id, ledger.owner(), epoch, lease);
    let has_ended = || async move {
        let row = operations::find(pool, &Connections::All, id).await?;
        let running = OperationStatus::Running.as_str();
        Ok(row.is_some_and(|row| row.epoch == epoch && row.status != running))
    };
    let handed_over = tokio::select! {
        () = drive(services, row) => false,
        () = lease::lost(services, "operation", id, extend, has_ended) => false,
        () = ledger.stopped() => true,
    };
    drop(permit);
    if handed_over
        && let Err(error) = operations::release(pool, id, ledger.owner(), epoch, 0.0).await
    {
        warn!(operation.id = %id, %error, "Operation {id} could not be handed over; its lease will run out");
    }
}

async fn drive(services: &Services, row: OperationRow) {
    let id = row.id;
    let kind = row.kind.clone();
    let started = std::time::Instant::now();
    let mut ending = if row.attempts > MAX_ATTEMPTS {
        given_up(&row)
    } else {
        match Act::load(services, &row).await {
            Ok(act) => settle::drive(services, &row, &act).await,
            // Not readable now is not unreadable for ever.
            Err(error) if error.is_retryable() => {
                warn!(operation.id = %id, %error, "Operation {id} can't be begun yet");
                Drive::Later
            }
            Err(error) if row.sent_at.is_none() => Drive::Failed(error),
            Err(error) => Drive::Unknown(error),
        }
    };
    let word = ending.word();
    let mut pause = Duration::from_millis(100);
    loop {
        match record::record(services, &row, &ending).await {
            Ok(()) => break,
            Err(error) => {
                // What is known must not get lost over a short outage; if it lasts, the lease ends and a reading tells again.
                error!(operation.id = %id, %error, internal = error.internal, "The outcome of operation {id} could not be recorded yet");
                if !error.is_retryable() {
                    // What the vendor showed may be what our tables can't take. The outcome must not hang on our copy.
                    ending.forget_record();
                }
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
    }
    metrics::counter!("iam_gateway_operations_total", "vendor" => row.vendor.clone(), "kind" => kind.clone(), "outcome" => word)
        .increment(1);
    let duration_ms = started.elapsed().as_millis() as u64;
    info!(operation.id = %id, kind, outcome = word, duration_ms, "Operation {id} ({kind}) is {word}");
}

fn given_up(row: &OperationRow) -> Drive {
    let error = Error::new(
        Code::OutcomeUnknown,
        format!("The operation was begun {MAX_ATTEMPTS} times and never ended; it is parked."),
    );
    if row.sent_at.is_none() {
        Drive::Failed(Error {
            code: Code::Internal,
            ..error
        })
    } else {
        Drive::Unknown(error)
    }
}

impl Drive {
    /// Leaves what the vendor showed to the next sync.
    fn forget_record(&mut self) {
        if let Self::Succeeded(done) = self {
            done.left.forget_record();
        }
    }

    /// The word for logs and metrics.
    fn word(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => OperationStatus::Succeeded.as_str(),
            Self::Failed(_) | Self::Gone(_) => OperationStatus::Failed.as_str(),
            Self::Unknown(_) => OperationStatus::OutcomeUnknown.as_str(),
            Self::Later => "handed_over",
        }
    }
}
