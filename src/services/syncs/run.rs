//! Owning a run: claim it, see its parts through, record its end. `parts` goes from part to part, `read` over the listing of
//! one, `judge` over what that did not show.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tracing::{info, warn};

use super::{SyncRun, parts};
use crate::adapters::contract::{Call, Urgency};
use crate::error::{Code, Error, Result};
use crate::services::{Services, lease};
use crate::store::syncs;

/// Claims of one run before it fails: one that kills its owner every time must not do so for ever.
const MAX_ATTEMPTS: i32 = 10;

/// How much longer than a caller's reading one of a run may take: nobody waits for it, and it may have to wait for its part of
/// the connection's budget, or until the vendor's own is renewed.
const BULK_PATIENCE: Duration = Duration::from_secs(90);

/// How a part of a run ended.
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
    let status = if run.attempts > MAX_ATTEMPTS {
        let error = Error::new(
            Code::Internal,
            format!("The run was begun {MAX_ATTEMPTS} times and never ended."),
        );
        parts::break_off(services, &mut run, &[], error).await
    } else {
        match parts::see_through(services, &mut run).await {
            Ok(status) => status,
            Err((parts, error)) => parts::break_off(services, &mut run, &parts, error).await,
        }
    };
    let Some(status) = status else { return };
    metrics::counter!("iam_gateway_syncs_total", "outcome" => status).increment(1);
    let duration_ms = started.elapsed().as_millis() as u64;
    info!(sync.id = %run.id, connection.id = %run.connection_id, outcome = status, pages = run.pages, seen = run.seen, duration_ms, "Sync {} is {status}", run.id);
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
