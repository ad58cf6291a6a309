//! Owning a run: claim it, see it through, record its end. `read` goes over the listing, `judge` over what it did not show.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::{SyncRun, read};
use crate::adapters::contract::{Call, Urgency};
use crate::error::{Code, Error, Result};
use crate::services::{Services, lease};
use crate::store::accounts;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::syncs::{self, Ending};

/// Claims of one run before it fails: one that kills its owner every time must not do so for ever.
const MAX_ATTEMPTS: i32 = 10;

/// How much longer than a caller's reading one of a run may take: nobody waits for it, and it may have to wait for its part of
/// the connection's budget, or until the vendor's own is renewed.
const BULK_PATIENCE: Duration = Duration::from_secs(90);

/// How a run ended.
pub(super) enum End {
    /// Every page was read; with `defects` it proves no absence.
    Read { defects: Vec<String> },
    /// It did not get to its end.
    Failed { defects: Vec<String>, error: Error },
    /// Another replica owns it now.
    NotOurs,
}

/// Turns due schedules into runs and sets going what is due; returns how many runs were claimed.
///
/// # Errors
/// When the database fails.
pub async fn run_due(services: &Services) -> Result<usize> {
    let pool = services.store().background();
    syncs::request_due(pool).await?;
    let mut started = 0;
    while !services.ledger().is_closing() {
        let Some(permit) = services.ledger().try_sync_slot() else {
            break;
        };
        let lease = services.settings().lease.as_secs_f64();
        let Some(run) = syncs::claim(pool, services.ledger().owner(), lease).await? else {
            break;
        };
        started += 1;
        let owned = services.clone();
        services.ledger().spawn(async move {
            own(&owned, run).await;
            drop(permit);
        });
    }
    Ok(started)
}

async fn own(services: &Services, run: SyncRun) {
    let ledger = services.ledger();
    let pool = services.store().background();
    let (id, epoch, connection_id) = (run.id, run.epoch, run.connection_id);
    let lease = services.settings().lease.as_secs_f64();
    let extend = || syncs::extend(pool, id, ledger.owner(), epoch, lease);
    let has_ended = || async move {
        let row = syncs::find(pool, connection_id, id).await?;
        Ok(row.is_some_and(|row| row.epoch == epoch && row.status != "running"))
    };
    let handed_over = tokio::select! {
        () = drive(services, run) => false,
        () = lease::lost(services, "sync", id, extend, has_ended) => false,
        // A run stops between two pages and resumes at its cursor: no need to wait for its end.
        () = ledger.closed() => true,
    };
    if handed_over && let Err(error) = syncs::release(pool, id, ledger.owner(), epoch).await {
        warn!(sync.id = %id, %error, "Sync {id} could not be handed over; its lease will run out");
    }
}

async fn drive(services: &Services, mut run: SyncRun) {
    let started = std::time::Instant::now();
    let end = if run.attempts > MAX_ATTEMPTS {
        Ok(End::Failed {
            defects: Vec::new(),
            error: Error::new(
                Code::Internal,
                format!("The run was begun {MAX_ATTEMPTS} times and never ended."),
            ),
        })
    } else {
        read::read_all(services, &mut run).await
    };
    let (status, defects, error) = match end {
        Ok(End::NotOurs) => return,
        Ok(End::Read { defects }) if defects.is_empty() => ("complete", defects, None),
        Ok(End::Read { defects }) => ("incomplete", defects, None),
        Ok(End::Failed { defects, error }) => ("failed", defects, Some(error)),
        Err(error) => ("failed", Vec::new(), Some(error)),
    };
    if let Some(error) = &error {
        warn!(sync.id = %run.id, connection.id = %run.connection_id, %error, internal = error.internal, "Sync {} failed", run.id);
    }
    let mut pause = Duration::from_millis(100);
    let ending = Ending {
        status,
        defects: json!(defects),
        error: error.as_ref().map(|error| json!(error)),
        braked: error
            .as_ref()
            .is_some_and(|error| error.code == Code::ChangeBrake),
    };
    while let Err(error) = finish(services, &run, &ending, error.as_ref()).await {
        warn!(sync.id = %run.id, %error, "The end of sync {} could not be recorded yet", run.id);
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
    metrics::counter!("iam_gateway_syncs_total", "outcome" => status).increment(1);
    let duration_ms = started.elapsed().as_millis() as u64;
    info!(sync.id = %run.id, connection.id = %run.connection_id, outcome = status, pages = run.pages, passes = run.pass, seen = run.seen, duration_ms, "Sync {} is {status}", run.id);
}

async fn finish(
    services: &Services,
    run: &SyncRun,
    ending: &Ending<'_>,
    error: Option<&Error>,
) -> Result<()> {
    let owner = services.ledger().owner();
    let mut transaction = services.store().begin_background().await?;
    if !syncs::hold(&mut transaction, run, owner).await? {
        return Ok(());
    }
    accounts::reset_missed(&mut transaction, run.id).await?;
    if ending.status == "complete" {
        accounts::mark_missed(&mut transaction, run.id).await?;
    }
    syncs::finish(&mut transaction, run, owner, ending).await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor {
                id: uuid::Uuid::nil(),
                name: "iam-gateway",
                person: None,
            },
            action: "connection.sync",
            noun: "connection",
            noun_id: Some(run.connection_id),
            connection_id: Some(run.connection_id),
            operation_id: None,
            outcome: ending.status,
            detail: json!({
                "run": run.id, "seen": run.seen, "created": run.created, "changed": run.changed,
                "removed": run.removed, "missing": run.missing, "code": error.map(|error| error.code),
            }),
            request_id: &run.id.to_string(),
        },
    )
    .await?;
    transaction.commit().await.map_err(Error::from)
}

pub(super) fn call(services: &Services, run: &SyncRun) -> Call {
    Call::read(
        run.id.to_string(),
        Instant::now() + services.settings().readings() + BULK_PATIENCE,
    )
    .of(Urgency::Bulk)
}

pub(super) fn texts(defects: &Value) -> Vec<String> {
    defects
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
