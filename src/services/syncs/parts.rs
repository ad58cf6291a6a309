//! The parts of a run, one after the other: whatever a connection can list. A part that fails by itself leaves the others
//! alone; trouble of the whole connection ends the run.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::time::sleep;
use tracing::warn;

use super::run::{End, texts};
use super::{SyncRun, read};
use crate::domain::SyncPart;
use crate::error::{Code, Error, Result};
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::syncs::{self, Ending};
use crate::store::{activity, copies};

/// How far what happened is asked for again: vendors report late, and clocks differ.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// What a connection can list, in the order in which a sync goes over it.
pub(super) fn of(connected: &Connected) -> Vec<SyncPart> {
    let can = connected.capabilities();
    let parts = SyncPart::ALL.into_iter();
    parts.filter(|part| can.contains(&part.listing())).collect()
}

/// Goes over the parts of a run from where it stands; the status that the run ended with, `None` when it is another's now.
///
/// # Errors
/// Our own trouble, which ends the run, with the parts of it.
pub(super) async fn see_through(
    services: &Services,
    run: &mut SyncRun,
) -> Result<Option<&'static str>, (Vec<SyncPart>, Error)> {
    let connected = connected::open_background(services, run.connection_id)
        .await
        .map_err(|error| (Vec::new(), error))?;
    let parts = of(&connected);
    if parts.is_empty() {
        let none = "This connection can't list anything any more.";
        return Err((parts, Error::new(Code::CapabilityNotSupported, none)));
    }
    let see = See {
        services,
        connected: &connected,
        parts: &parts,
    };
    let ended = see.all(run).await;
    ended.map_err(|error| (parts, error))
}

/// Ends a run for a reason that is no part's own; what it was at and what it had before it count as failed.
pub(super) async fn break_off(
    services: &Services,
    run: &mut SyncRun,
    parts: &[SyncPart],
    error: Error,
) -> Option<&'static str> {
    let Some(part) = SyncPart::parse(&run.noun) else {
        warn!(sync.id = %run.id, "Sync {} is at an unknown part, {}", run.id, run.noun);
        return None;
    };
    let end = Ended::of(part, Ok(End::failed(error)));
    let left = after(parts, part);
    end_until_it_is(services, run, part, &end, Next::Break(left)).await
}

/// Seeing one run through.
struct See<'a> {
    services: &'a Services,
    connected: &'a Connected,
    parts: &'a [SyncPart],
}

/// What comes after a part.
#[derive(Clone, Copy)]
enum Next<'a> {
    /// This one.
    Part(SyncPart),
    /// The end of the run; these are not gone over any more.
    Break(&'a [SyncPart]),
}

impl See<'_> {
    async fn all(&self, run: &mut SyncRun) -> Result<Option<&'static str>> {
        let Some(mut part) = self.at_hand(run).await? else {
            return Ok(None);
        };
        loop {
            let end = match read::read_part(self.services, self.connected, run, part).await {
                Ok(End::NotOurs) => return Ok(None),
                end => Ended::of(part, end),
            };
            let left = after(self.parts, part);
            let next = match left.first() {
                Some(next) if !end.concerns_connection => Next::Part(*next),
                _ => Next::Break(left),
            };
            let status = end_until_it_is(self.services, run, part, &end, next).await;
            match next {
                Next::Part(next) if status.is_some() => part = next,
                _ => return Ok(status),
            }
        }
    }

    /// The part that a run is at, begun if it is its first; `None` when the run is another's now.
    async fn at_hand(&self, run: &mut SyncRun) -> Result<Option<SyncPart>> {
        let at = SyncPart::parse(&run.noun);
        let is_fresh = run.parts.is_empty() && run.pages == 0;
        if let Some(part) = at.filter(|part| self.parts.contains(part))
            && run.part_started_at.is_some()
        {
            return Ok(Some(part));
        }
        // The connection can't list it any more, or nothing was begun.
        let first = self
            .parts
            .iter()
            .find(|part| is_fresh || Some(**part) >= at);
        let Some(first) = first.or(self.parts.last()).copied() else {
            return Ok(None);
        };
        let mut transaction = self.services.store().begin_background().await?;
        let owner = self.services.ledger().owner();
        if !syncs::hold(&mut transaction, run, owner).await? {
            return Ok(None);
        }
        let since = since(self.services, &mut transaction, run, first).await?;
        *run = syncs::begin_part(&mut transaction, run.id, first, since).await?;
        transaction.commit().await?;
        Ok(Some(first))
    }
}

/// The parts after one.
fn after(parts: &[SyncPart], part: SyncPart) -> &[SyncPart] {
    let next = parts.partition_point(|other| *other <= part);
    &parts[next..]
}

/// From when on a part asks for what happened, if it does: what we have is not asked for again.
async fn since(
    services: &Services,
    transaction: &mut sqlx::PgConnection,
    run: &SyncRun,
    part: SyncPart,
) -> Result<Option<DateTime<Utc>>> {
    if part != SyncPart::Activity {
        return Ok(None);
    }
    let newest = activity::newest(transaction, run.connection_id).await?;
    let first = run.observed_at - whole_seconds(services.settings().activity_first);
    Ok(Some(newest.map_or(first, |at| at - OVERLAP)))
}

fn whole_seconds(duration: Duration) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 1000))
}

/// How a part ended, ready to be recorded.
struct Ended {
    ending: Ending,
    /// It is trouble of the whole connection: no other part would fare better.
    concerns_connection: bool,
}

impl Ended {
    fn of(part: SyncPart, end: Result<End>) -> Self {
        let (status, defects, error) = match end {
            Ok(End::Read { defects }) if defects.is_empty() => ("complete", defects, None),
            Ok(End::Read { defects }) => ("incomplete", defects, None),
            Ok(End::Failed { defects, error }) => ("failed", defects, Some(error)),
            Ok(End::NotOurs) => ("failed", Vec::new(), Some(Error::internal("not ours"))),
            Err(error) => ("failed", Vec::new(), Some(error)),
        };
        if let Some(error) = &error {
            warn!(noun = part.as_str(), %error, internal = error.internal, "Syncing {part} failed");
        }
        Self {
            concerns_connection: error.as_ref().is_some_and(concerns_connection),
            ending: Ending {
                status,
                defects: json!(defects),
                braked: error
                    .as_ref()
                    .is_some_and(|error| error.code == Code::ChangeBrake),
                error: error.as_ref().map(|error| json!(error)),
            },
        }
    }
}

/// Whether it is the connection that is in trouble, and not what was asked of it. A vendor that refuses one listing by its
/// 403 may allow the others.
fn concerns_connection(error: &Error) -> bool {
    let status = error.upstream.as_ref().and_then(|upstream| upstream.status);
    match error.code {
        Code::UpstreamAuthFailed => status != Some(403),
        Code::UpstreamUnavailable
        | Code::UpstreamRateLimited
        | Code::UpstreamTimeout
        | Code::ServiceUnavailable
        | Code::Internal => true,
        _ => false,
    }
}

/// Records the end of a part, and of the run where it was the last, however long the database takes; the status of the
/// part or of the run, `None` when the run is another's now.
async fn end_until_it_is(
    services: &Services,
    run: &mut SyncRun,
    part: SyncPart,
    end: &Ended,
    next: Next<'_>,
) -> Option<&'static str> {
    let mut pause = Duration::from_millis(100);
    loop {
        match end_part(services, run, part, end, next).await {
            Ok(status) => {
                if status.is_some() {
                    let (noun, outcome) = (part.as_str(), end.ending.status);
                    metrics::counter!("iam_gateway_sync_parts_total", "noun" => noun, "outcome" => outcome)
                        .increment(1);
                }
                return status;
            }
            Err(error) => {
                warn!(sync.id = %run.id, %error, "The end of a part of sync {} could not be recorded yet", run.id);
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
    }
}

async fn end_part(
    services: &Services,
    run: &mut SyncRun,
    part: SyncPart,
    end: &Ended,
    next: Next<'_>,
) -> Result<Option<&'static str>> {
    let owner = services.ledger().owner();
    let mut transaction = services.store().begin_background().await?;
    if !syncs::hold(&mut transaction, run, owner).await? {
        return Ok(None);
    }
    if let SyncPart::Rows(noun) = part {
        copies::reset_missed(&mut transaction, noun, run.id).await?;
        if end.ending.status == "complete" {
            copies::mark_missed(&mut transaction, noun, run.id).await?;
        }
    } else {
        let kept = whole_seconds(services.settings().activity_kept);
        let before = run.observed_at - kept;
        activity::forget_before(&mut transaction, run.connection_id, before).await?;
    }
    let mut now = syncs::end_part(&mut transaction, run, part, &end.ending).await?;
    let status = match next {
        Next::Part(next) => {
            let since = since(services, &mut transaction, run, next).await?;
            now = syncs::begin_part(&mut transaction, run.id, next, since).await?;
            end.ending.status
        }
        Next::Break(left) => {
            let why = json!([format!("not reached: the sync ended with {part}")]);
            let error = end.ending.error.as_ref();
            syncs::miss_parts(&mut transaction, &now, left, &why, error).await?;
            finish(services, &mut transaction, &now).await?
        }
    };
    transaction.commit().await?;
    *run = now;
    Ok(Some(status))
}

/// Ends a run whose parts have ended. It is as bad as the worst of them, and tells why the first of these is.
async fn finish(
    services: &Services,
    transaction: &mut sqlx::PgConnection,
    run: &SyncRun,
) -> Result<&'static str> {
    let worst = |status: &str| run.parts.iter().find(|part| part.status == status);
    let (status, bad) = match (worst("failed"), worst("incomplete")) {
        (Some(part), _) => ("failed", Some(part)),
        (None, Some(part)) => ("incomplete", Some(part)),
        (None, None) => ("complete", None),
    };
    let defects: Vec<String> = bad
        .map(|part| {
            let named = texts(&part.defects).into_iter();
            named.map(|why| format!("{}: {why}", part.noun)).collect()
        })
        .unwrap_or_default();
    let error = bad.and_then(|part| {
        let mut error = part.error.clone()?;
        if !part.is_braked()
            && let Some(detail) = error.get("detail").and_then(Value::as_str)
        {
            error["detail"] = format!("Syncing {} failed: {detail}", part.noun).into();
        }
        Some(error)
    });
    let code = error.as_ref().and_then(|error| error.get("code")).cloned();
    let ending = Ending {
        status,
        defects: json!(defects),
        error,
        braked: run.parts.iter().any(syncs::PartRow::is_braked),
    };
    syncs::finish(&mut *transaction, run, services.ledger().owner(), &ending).await?;
    let missing: i64 = run.parts.iter().filter_map(|part| part.missing).sum();
    let parts: Vec<Value> = run
        .parts
        .iter()
        .map(|part| json!({"noun": part.noun, "status": part.status, "seen": part.seen}))
        .collect();
    audit::record(
        transaction,
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
            outcome: status,
            detail: json!({
                "run": run.id, "seen": run.seen, "created": run.created, "changed": run.changed,
                "removed": run.removed, "missing": missing, "code": code, "parts": parts,
            }),
            request_id: &run.id.to_string(),
        },
    )
    .await?;
    Ok(status)
}

impl End {
    fn failed(error: Error) -> Self {
        Self::Failed {
            defects: Vec::new(),
            error,
        }
    }
}
