//! What a run did not meet: judged only when nothing about its listing was doubtful.

use super::SyncRun;
use super::run::{End, call, texts};
use crate::adapters::contract::AdapterError;
use crate::domain::Capability;
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
        match confirm(services, connected, run, &absence).await {
            Ok(Absent::Yes) => {
                let mut transaction = services.store().begin_background().await?;
                if !syncs::hold(&mut transaction, run, services.ledger().owner()).await? {
                    return Ok(End::NotOurs);
                }
                let gone = accounts::tombstone_missed(&mut transaction, &absence).await?;
                transaction.commit().await?;
                removed += i64::from(gone);
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

enum Absent {
    Yes,
    No,
    /// No single read here: the next complete run decides.
    Perhaps,
}

async fn confirm(
    services: &Services,
    connected: &Connected,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Absent, AdapterError> {
    let readable = connected.capabilities().contains(&Capability::ReadAccounts);
    match connected.adapter.account_reader().filter(|_| readable) {
        None if absence.missed_runs > 0 => Ok(Absent::Yes),
        None => Ok(Absent::Perhaps),
        Some(reader) => {
            let found = reader
                .find_account(&call(services, run), &absence.key())
                .await?;
            Ok(if found.is_none() {
                Absent::Yes
            } else {
                Absent::No
            })
        }
    }
}
