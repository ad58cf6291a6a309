//! What a run did not meet: judged only when nothing about its listing was doubtful.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use sqlx::PgConnection;
use tracing::warn;

use super::SyncRun;
use super::run::{End, call, texts};
use crate::adapters::contract::{AdapterError, Trouble};
use crate::domain::{AccountRecord, Capability, Connections, Noun};
use crate::error::{Code, Error, Result};
use crate::services::Services;
use crate::services::connected::Connected;
use crate::store::accounts;
use crate::store::copies::{self, Absence};
use crate::store::syncs::{self, Verdict};

/// A run that would remove more than this many rows and more than a tenth of all stops instead.
const BRAKE_ROWS: i64 = 50;
/// Rows that are judged in one step.
const BATCH: i64 = 100;
/// Rows of it that are read at a time.
const READS: usize = 4;

/// What the run did not meet: gone, if nothing about the listing was doubtful and a single read (or a second run) says so.
/// A judgement that was cut short goes on where it was.
pub(super) async fn judge(
    services: &Services,
    connected: &Connected,
    run: &mut SyncRun,
) -> Result<End> {
    let mut defects = texts(&run.defects);
    if let Some(total) = run.total
        && run.pass_seen < total
    {
        defects.push(format!(
            "the vendor counts {total} accounts, and its listing showed {}",
            run.pass_seen
        ));
    }
    if !defects.is_empty() {
        return Ok(End::Read { defects });
    }
    let owner = services.ledger().owner();
    let pool = services.store().background();
    if run.missing.is_none() {
        let mut transaction = services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, owner).await? {
            return Ok(End::NotOurs);
        }
        *run = syncs::note_missed(&mut transaction, run.id).await?;
        transaction.commit().await?;
    }
    if let Some(error) = brake(services, run).await? {
        metrics::counter!("iam_gateway_sync_brakes_total", "vendor" => connected.row.vendor.clone())
            .increment(1);
        return Ok(End::Failed {
            defects: Vec::new(),
            error,
        });
    }

    let mut still_there = 0;
    let mut unread: Option<AdapterError> = None;
    let mut after = None;
    while unread.is_none() {
        let batch = syncs::unjudged(pool, run.id, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        let mut told = Vec::with_capacity(batch.len());
        for some in batch.chunks(READS) {
            let looks = some
                .iter()
                .map(|absence| look(services, connected, run, absence));
            for (absence, answer) in some.iter().zip(join_all(looks).await) {
                match answer? {
                    Ok(found) => told.push((absence, found)),
                    Err(error) => unread = Some(error),
                }
            }
        }
        let mut transaction = services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, owner).await? {
            return Ok(End::NotOurs);
        }
        let mut verdicts = Vec::with_capacity(told.len());
        let mut removed = 0;
        for (absence, found) in told {
            let verdict = match found {
                Found::Nothing => {
                    let gone =
                        copies::tombstone_missed(&mut transaction, Noun::Accounts, absence).await?;
                    removed += i64::from(gone);
                    Verdict::Gone
                }
                Found::Successor(successor) => {
                    follow(&mut transaction, connected, absence, *successor).await?;
                    Verdict::Gone
                }
                Found::Itself => {
                    still_there += 1;
                    Verdict::There
                }
                Found::NoAnswer => Verdict::Perhaps,
            };
            verdicts.push((absence.id, verdict));
        }
        *run = syncs::judged(&mut transaction, run.id, &verdicts, removed).await?;
        transaction.commit().await?;
    }
    if let Some(error) = unread {
        warn!(sync.id = %run.id, %error, "An account that sync {} missed could not be read", run.id);
        defects.push(format!(
            "an account that the listing lacks could not be read alone: {}",
            error.message
        ));
    }
    if still_there > 0 {
        defects.push(format!(
            "the listing lacks {still_there} accounts that are there when they are read alone: it is not complete"
        ));
    }
    Ok(End::Read { defects })
}

/// Why the brake stops the run, if it does.
async fn brake(services: &Services, run: &SyncRun) -> Result<Option<Error>> {
    let (missing, live) = (
        run.missing.unwrap_or_default(),
        run.live.unwrap_or_default(),
    );
    if missing <= BRAKE_ROWS || missing * 10 <= live {
        return Ok(None);
    }
    let pool = services.store().background();
    let lifted = match syncs::outside_lift(pool, run.id).await? {
        Some(0) => return Ok(None),
        Some(outside) => format!(" The brake was lifted for others than {outside} of them."),
        None => String::new(),
    };
    Ok(Some(Error::new(
        Code::ChangeBrake,
        format!(
            "{missing} of {live} accounts are missing from the listing, which is more than a tenth: nothing was removed.{lifted} If the vendor really removed them, look why; two people can lift the brake of this sync, as long as no newer one was asked for."
        ),
    )))
}

/// What looking for a missing account found.
enum Found {
    /// It is gone.
    Nothing,
    /// It is there.
    Itself,
    /// It is another account now.
    Successor(Box<Successor>),
    /// No single read here: the next complete run decides.
    NoAnswer,
}

struct Successor {
    record: AccountRecord,
    asked_at: DateTime<Utc>,
}

/// Looks for an account that the run missed. The outer error is our own trouble, the inner one the vendor's.
async fn look(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Result<Found, AdapterError>> {
    // Without a single read it takes two complete runs.
    let by_runs = if absence.missed_runs > 0 {
        Found::Nothing
    } else {
        Found::NoAnswer
    };
    let readable = connected.capabilities().contains(&Capability::ReadAccounts);
    let Some(reader) = connected.adapter.account_reader().filter(|_| readable) else {
        return Ok(Ok(by_runs));
    };
    let call = call(services, run);
    match reader.find_account(&call, &absence.key()).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(Ok(Found::Itself)),
        // It reads some kinds of accounts alone, and not this one.
        Err(error) if error.trouble == Trouble::Unsupported => return Ok(Ok(by_runs)),
        Err(error) => return Ok(Err(error)),
    }
    let Some(finder) = connected.adapter.successor_finder() else {
        return Ok(Ok(Found::Nothing));
    };
    let pool = services.store().background();
    let Some(row) = accounts::find(pool, &Connections::All, absence.id, true).await? else {
        return Ok(Ok(Found::Nothing));
    };
    let asked_at = services.store().now().await?;
    let successor = finder.find_successor(&call, &row.record).await;
    Ok(successor.map(|successor| match successor {
        Some(record) => Found::Successor(Box::new(Successor { record, asked_at })),
        None => Found::Nothing,
    }))
}

/// Writes the account that took the place of one which is gone, onto its row.
async fn follow(
    transaction: &mut PgConnection,
    connected: &Connected,
    absence: &Absence,
    successor: Successor,
) -> Result<()> {
    accounts::upsert_page(
        transaction,
        connected.row.id,
        &connected.row.vendor,
        successor.asked_at,
        &[successor.record],
    )
    .await?;
    // Only where the successor has a row of its own already is the old one still at the version that was missed.
    copies::tombstone_missed(transaction, Noun::Accounts, absence).await?;
    Ok(())
}
