//! Running a sync: read page by page, write what changed, and judge absences only when nothing was doubtful.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::{SyncRun, judge};
use crate::adapters::contract::{AdapterError, Call, Page, PageRequest};
use crate::domain::AccountRecord;
use crate::error::{Code, Error, Result};
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::services::upstream::explain;
use crate::store::accounts::{self, Absence};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::syncs::{self, Ending, PageRead};

/// How often a page is asked for anew, beyond the transport's own retries, before the run fails.
const PAGE_TRIES: u32 = 3;
/// Pages without a single item in a row before a listing counts as endless.
const MAX_EMPTY_PAGES: u32 = 100;
/// Claims of one run before it fails: one that kills its owner every time must not do so for ever.
const MAX_ATTEMPTS: i32 = 10;
/// The longest login, e-mail or id that is kept, in bytes; PostgreSQL indexes no more than some 2700.
const MAX_KEY_BYTES: usize = 1024;

/// How a run ended.
pub(super) enum End {
    /// Every page was read; with `defects` it proves no absence. Of the `missed` only another run can tell.
    Read {
        removed: i64,
        missed: Vec<Absence>,
        defects: Vec<String>,
    },
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
    let handed_over = tokio::select! {
        () = drive(services, run.clone()) => false,
        () = lost(services, &run) => {
            warn!(sync.id = %run.id, "Sync {} belongs to another replica now", run.id);
            false
        }
        // A run stops between two pages and resumes at its cursor: no need to wait for its end.
        () = ledger.closed() => true,
    };
    if handed_over && let Err(error) = syncs::release(pool, run.id, ledger.owner(), run.epoch).await
    {
        warn!(sync.id = %run.id, %error, "Sync {} could not be handed over; its lease will run out", run.id);
    }
}

async fn lost(services: &Services, run: &SyncRun) {
    let settings = services.settings();
    loop {
        sleep(settings.heartbeat).await;
        let extended = syncs::extend(
            services.store().background(),
            run.id,
            services.ledger().owner(),
            run.epoch,
            settings.lease.as_secs_f64(),
        )
        .await;
        match extended {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => warn!(sync.id = %run.id, %error, "Heartbeat of sync {} failed", run.id),
        }
    }
}

async fn drive(services: &Services, run: SyncRun) {
    let started = std::time::Instant::now();
    let (run, end) = if run.attempts > MAX_ATTEMPTS {
        let error = Error::new(
            Code::Internal,
            format!("The run was begun {MAX_ATTEMPTS} times and never ended."),
        );
        let defects = Vec::new();
        (run, End::Failed { defects, error })
    } else {
        let mut run = run;
        let end = match read_all(services, &mut run).await {
            Ok(end) => end,
            Err(error) => End::Failed {
                defects: Vec::new(),
                error,
            },
        };
        (run, end)
    };
    let (status, removed, missed, defects, error) = match end {
        End::NotOurs => return,
        End::Read {
            removed,
            missed,
            defects,
        } if defects.is_empty() => ("complete", removed, missed, defects, None),
        End::Read {
            removed, defects, ..
        } => ("incomplete", removed, Vec::new(), defects, None),
        End::Failed { defects, error } => ("failed", 0, Vec::new(), defects, Some(error)),
    };
    if let Some(error) = &error {
        warn!(sync.id = %run.id, connection.id = %run.connection_id, %error, internal = error.internal, "Sync {} failed", run.id);
    }
    let mut pause = Duration::from_millis(100);
    let ending = Ending {
        status,
        removed,
        defects: json!(defects),
        error: error.as_ref().map(|error| json!(error)),
    };
    while let Err(error) = finish(services, &run, &ending, &missed, error.as_ref()).await {
        warn!(sync.id = %run.id, %error, "The end of sync {} could not be recorded yet", run.id);
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
    metrics::counter!("iam_gateway_syncs_total", "outcome" => status).increment(1);
    let duration_ms = started.elapsed().as_millis() as u64;
    info!(sync.id = %run.id, connection.id = %run.connection_id, outcome = status, pages = run.pages, seen = run.seen, duration_ms, "Sync {} is {status}", run.id);
}

async fn finish(
    services: &Services,
    run: &SyncRun,
    ending: &Ending<'_>,
    missed: &[Absence],
    error: Option<&Error>,
) -> Result<()> {
    let owner = services.ledger().owner();
    let mut transaction = services.store().begin_background().await?;
    if !syncs::hold(&mut transaction, run, owner).await? {
        return Ok(());
    }
    accounts::reset_missed(&mut transaction, run.id).await?;
    for absence in missed {
        accounts::mark_missed(&mut transaction, absence).await?;
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
                "removed": ending.removed, "code": error.map(|error| error.code),
            }),
            request_id: &run.id.to_string(),
        },
    )
    .await?;
    transaction.commit().await.map_err(Error::from)
}

/// Reads the listing from the run's cursor to its end, then judges what it did not meet.
async fn read_all(services: &Services, run: &mut SyncRun) -> Result<End> {
    let connected = connected::open_background(services, run.connection_id).await?;
    let mut cursors: HashSet<String> = run.cursor.iter().cloned().collect();
    let mut empty_pages = 0;
    // A run that was resumed after its last page goes straight to its judgement.
    let mut more = run.pages == 0 || run.cursor.is_some();
    while more {
        let asked_at = services.store().now().await?;
        let page = match read_page(services, &connected, run).await {
            Ok(page) => page,
            Err(error) => {
                return Ok(End::Failed {
                    defects: texts(&run.defects),
                    error: explain(&connected.row.vendor, error),
                });
            }
        };
        let mut defects = page.defects;
        let (items, too_long): (Vec<_>, Vec<_>) = page.items.into_iter().partition(is_storable);
        if !too_long.is_empty() {
            defects.push(format!(
                "page {} has {} accounts whose login, e-mail or id is longer than {MAX_KEY_BYTES} bytes: they are left out",
                run.pages + 1,
                too_long.len()
            ));
        }
        let mut next = page.next;
        if let Some(cursor) = &next
            && !cursors.insert(cursor.clone())
        {
            defects.push(format!(
                "page {} leads back to a page that was read before: the listing goes in circles",
                run.pages + 1
            ));
            next = None;
        }
        empty_pages = if items.is_empty() { empty_pages + 1 } else { 0 };
        if empty_pages > MAX_EMPTY_PAGES {
            defects.push(format!("more than {MAX_EMPTY_PAGES} empty pages in a row"));
            next = None;
        }
        let seen_before = run.seen;
        let mut transaction = services.store().begin_background().await?;
        let kept = syncs::keep_page(
            &mut transaction,
            PageRead {
                run,
                owner: services.ledger().owner(),
                vendor: &connected.row.vendor,
                asked_at,
                records: &items,
                next: next.as_deref(),
                total: page.total.and_then(|total| i64::try_from(total).ok()),
                defects: &defects,
            },
        )
        .await?;
        let Some(kept) = kept else {
            return Ok(End::NotOurs);
        };
        transaction.commit().await?;
        *run = kept;
        let nothing_new = !items.is_empty() && run.seen == seen_before;
        // A page of nothing but repetitions: whatever follows, the listing is not to be trusted.
        more = next.is_some() && !nothing_new;
    }
    judge::judge(services, &connected, run).await
}

/// One page, asked for a few times: a resumed run reads at most one page again.
async fn read_page(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
) -> Result<Page<AccountRecord>, AdapterError> {
    let lister = connected.adapter.account_lister().ok_or_else(|| {
        AdapterError::unsupported("", "This connection can't list accounts any more.")
    })?;
    let request = PageRequest {
        cursor: run.cursor.clone(),
        size: services.settings().page_size,
    };
    let mut tries = 0;
    loop {
        tries += 1;
        match lister.list_accounts(&call(services, run), &request).await {
            Err(error) if error.trouble.is_passing() && tries < PAGE_TRIES => {
                warn!(sync.id = %run.id, %error, tries, "A page of sync {} could not be read yet", run.id);
                sleep(error.retry_after.unwrap_or(Duration::from_secs(1) * tries)).await;
            }
            other => return other,
        }
    }
}

pub(super) fn call(services: &Services, run: &SyncRun) -> Call {
    Call::read(
        run.id.to_string(),
        Instant::now() + services.settings().readings(),
    )
}

/// Whether the columns that are indexed are short enough for an index.
fn is_storable(record: &AccountRecord) -> bool {
    let short = |text: &str| text.len() <= MAX_KEY_BYTES;
    short(record.external_key.as_str())
        && short(&record.external_id)
        && [&record.login, &record.email]
            .into_iter()
            .flatten()
            .all(|text| short(text))
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
