//! What a run did not meet: judged only when nothing about its listing was doubtful.

use chrono::{DateTime, Utc};

use super::SyncRun;
use super::run::{End, call, texts};
use crate::adapters::contract::{AdapterError, Trouble};
use crate::domain::{AccountRecord, Capability, Connections};
use crate::error::{Code, Error, Result};
use crate::services::Services;
use crate::services::connected::Connected;
use crate::store::accounts::{self, Absence};
use crate::store::syncs;

/// A run that would remove more than this many rows and more than a tenth of all stops instead.
const BRAKE_ROWS: i64 = 50;

/// What the run did not meet: gone, if nothing about the listing was doubtful and a single read (or a second run) says so.
pub(super) async fn judge(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
) -> Result<End> {
    let mut defects = texts(&run.defects);
    if let Some(total) = run.total
        && run.seen < total
    {
        defects.push(format!(
            "the vendor counts {total} accounts, and its listing showed {}",
            run.seen
        ));
    }
    if !defects.is_empty() {
        return Ok(End::Read {
            removed: 0,
            missed: Vec::new(),
            defects,
        });
    }
    let pool = services.store().background();
    let missed = accounts::missed(pool, run.id).await?;
    let live = accounts::count_live(pool, run.connection_id).await?;
    let many = missed.len() as i64;
    if many > BRAKE_ROWS && many * 10 > live {
        return Ok(End::Failed {
            defects: Vec::new(),
            error: Error::new(
                Code::ChangeBrake,
                format!(
                    "{many} of {live} accounts are missing from the listing, which is more than a tenth: nothing was removed. If the vendor really removed them, look why before it is believed."
                ),
            ),
        });
    }
    let mut removed = 0;
    let mut again = Vec::new();
    let mut still_there = 0;
    for absence in missed {
        match confirm(services, connected, run, &absence).await? {
            Ok(Absent::Yes) => {
                let mut transaction = services.store().begin_background().await?;
                if !syncs::hold(&mut transaction, run, services.ledger().owner()).await? {
                    return Ok(End::NotOurs);
                }
                let gone = accounts::tombstone_missed(&mut transaction, &absence).await?;
                transaction.commit().await?;
                removed += i64::from(gone);
            }
            Ok(Absent::Became(successor)) => {
                let kept = follow(services, connected, run, &absence, *successor).await?;
                if !kept {
                    return Ok(End::NotOurs);
                }
            }
            Ok(Absent::Perhaps) => again.push(absence),
            Ok(Absent::No) => still_there += 1,
            Err(error) => {
                defects.push(format!(
                    "an account that the listing lacks could not be read alone: {}",
                    error.message
                ));
                break;
            }
        }
    }
    if still_there > 0 {
        defects.push(format!(
            "the listing lacks {still_there} accounts that are there when they are read alone: it is not complete"
        ));
    }
    Ok(End::Read {
        removed,
        missed: again,
        defects,
    })
}

/// Writes the account that took the place of one which is gone, onto its row; `false` when the run is another's already.
async fn follow(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
    absence: &Absence,
    successor: Successor,
) -> Result<bool> {
    let mut transaction = services.store().begin_background().await?;
    if !syncs::hold(&mut transaction, run, services.ledger().owner()).await? {
        return Ok(false);
    }
    accounts::upsert_page(
        &mut transaction,
        run.connection_id,
        &connected.row.vendor,
        successor.asked_at,
        &[successor.record],
    )
    .await?;
    // Only where the successor has a row of its own already is the old one still at the version that was missed.
    accounts::tombstone_missed(&mut transaction, absence).await?;
    transaction.commit().await?;
    Ok(true)
}

struct Successor {
    record: AccountRecord,
    asked_at: DateTime<Utc>,
}

enum Absent {
    Yes,
    No,
    /// It is another account now.
    Became(Box<Successor>),
    /// No single read here: the next complete run decides.
    Perhaps,
}

async fn confirm(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Result<Absent, AdapterError>> {
    let readable = connected.capabilities().contains(&Capability::ReadAccounts);
    // Without a single reading, the second complete run that misses it decides.
    let by_runs = || match absence.missed_runs {
        0 => Absent::Perhaps,
        _ => Absent::Yes,
    };
    let Some(reader) = connected.adapter.account_reader().filter(|_| readable) else {
        return Ok(Ok(by_runs()));
    };
    let call = call(services, run);
    match reader.find_account(&call, &absence.key()).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(Ok(Absent::No)),
        // It reads accounts, but not of this sort.
        Err(error) if error.trouble == Trouble::Unsupported => return Ok(Ok(by_runs())),
        Err(error) => return Ok(Err(error)),
    }
    let pool = services.store().background();
    let row = accounts::find(pool, &Connections::All, absence.id, true).await?;
    let (Some(finder), Some(row)) = (connected.adapter.successor_finder(), row) else {
        return Ok(Ok(Absent::Yes));
    };
    let asked_at = services.store().now().await?;
    let successor = finder.find_successor(&call, &row.record).await;
    Ok(successor.map(|successor| match successor {
        Some(record) => Absent::Became(Box::new(Successor { record, asked_at })),
        None => Absent::Yes,
    }))
}
