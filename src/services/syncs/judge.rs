//! What a run did not meet: judged only when nothing about its listing was doubtful.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use sqlx::PgConnection;
use tracing::warn;

use super::SyncRun;
use super::look::{Found, look};
use super::run::{End, texts};
use crate::adapters::contract::{AdapterError, Completeness};
use crate::domain::{AccountRecord, Noun};
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

/// What a part of a run did not meet: gone, if nothing about the listing was doubtful and a single read (or a second run) says
/// so. A judgement that was cut short goes on where it was.
pub(super) async fn judge(
    services: &Services,
    connected: &Connected,
    run: &mut SyncRun,
    noun: Noun,
) -> Result<End> {
    let mut defects = texts(&run.defects);
    if let Some(total) = run.total
        && run.pass_seen < total
    {
        defects.push(format!(
            "the vendor counts {total} {noun}, and its listing showed {}",
            run.pass_seen
        ));
    }
    let unresolved = (run.unresolved > 0).then(|| {
        format!(
            "{} grants name accounts or entitlements that the connection doesn't list",
            run.unresolved
        )
    });
    if !defects.is_empty() {
        defects.extend(unresolved);
        return Ok(End::Read { defects });
    }
    let owner = services.ledger().owner();
    if run.missing.is_none() {
        let mut transaction = services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, owner).await? {
            return Ok(End::NotOurs);
        }
        *run = syncs::note_missed(&mut transaction, run.id, noun).await?;
        transaction.commit().await?;
    }
    let judge = Judge {
        services,
        connected,
        noun,
        is_partial: is_partial(connected, noun),
    };
    let missing = run.missing.unwrap_or_default();
    if !judge.is_partial
        && let Some(error) = judge.brake(run, missing).await?
    {
        return Ok(judge.braked(error));
    }
    let Some(sentence) = judge.all(run).await? else {
        return Ok(End::NotOurs);
    };
    let Sentence {
        still_there,
        unread,
        brake,
    } = sentence;
    if let Some(error) = brake {
        return Ok(judge.braked(error));
    }
    let one = noun.singular();
    if let Some(error) = unread {
        warn!(sync.id = %run.id, %error, "One of the {noun} that sync {} missed could not be read", run.id);
        defects.push(format!(
            "one of the {noun} that the listing lacks could not be read alone: {}",
            error.message
        ));
    }
    if still_there > 0 && !judge.is_partial {
        let words = if still_there == 1 {
            format!("1 {one} that is there when it is read alone")
        } else {
            format!("{still_there} {noun} that are there when they are read alone")
        };
        defects.push(format!("the listing lacks {words}: it is not complete"));
    }
    defects.extend(unresolved);
    Ok(End::Read { defects })
}

/// Whether absence from the listing means nothing.
fn is_partial(connected: &Connected, noun: Noun) -> bool {
    let lister = connected.adapter.grant_lister();
    let lister = lister.filter(|_| noun == Noun::Grants);
    lister.is_some_and(|lister| matches!(lister.completeness(), Completeness::Partial(_)))
}

/// Judging one part of a run.
pub(super) struct Judge<'a> {
    pub(super) services: &'a Services,
    pub(super) connected: &'a Connected,
    pub(super) noun: Noun,
    /// What the listing lacks is gone only where a single reading proves it.
    pub(super) is_partial: bool,
}

/// What became of what a part missed.
#[derive(Default)]
struct Sentence {
    still_there: usize,
    /// Why the rest was not looked at.
    unread: Option<AdapterError>,
    brake: Option<Error>,
}

impl Judge<'_> {
    /// Looks at every row that the part missed; `None` when the run is another's now.
    async fn all(&self, run: &mut SyncRun) -> Result<Option<Sentence>> {
        let pool = self.services.store().background();
        let owner = self.services.ledger().owner();
        let mut sentence = Sentence::default();
        let mut after = None;
        while sentence.unread.is_none() {
            let batch = syncs::unjudged(pool, run.id, self.noun, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            let mut told = Vec::with_capacity(batch.len());
            for some in batch.chunks(READS) {
                let looks = some.iter().map(|absence| look(self, run, absence));
                for (absence, answer) in some.iter().zip(join_all(looks).await) {
                    match answer? {
                        Ok(found) => told.push((absence, found)),
                        Err(error) => sentence.unread = Some(error),
                    }
                }
            }
            let mut transaction = self.services.store().begin_background().await?;
            if !syncs::hold(&mut transaction, run, owner).await? {
                return Ok(None);
            }
            if self.is_partial {
                // Nobody knows beforehand how many are gone.
                let gone = told.iter().filter(|(_, found)| found.is_gone()).count() as i64;
                let before = syncs::found_gone(&mut transaction, run.id, self.noun).await?;
                sentence.brake = self.brake(run, before + gone).await?;
                if sentence.brake.is_some() {
                    return Ok(Some(sentence));
                }
            }
            let mut verdicts = Vec::with_capacity(told.len());
            let mut removed = 0;
            for (absence, found) in told {
                let verdict = match found {
                    Found::Nothing => {
                        let gone =
                            copies::tombstone_missed(&mut transaction, self.noun, absence).await?;
                        removed += i64::from(gone);
                        Verdict::Gone
                    }
                    Found::Successor { record, asked_at } => {
                        let records = [*record];
                        self.follow(&mut transaction, absence, &records, asked_at)
                            .await?;
                        Verdict::Gone
                    }
                    Found::Itself => {
                        sentence.still_there += 1;
                        Verdict::There
                    }
                    Found::NoAnswer if self.is_partial => Verdict::There,
                    Found::NoAnswer => Verdict::Perhaps,
                };
                verdicts.push((absence.id, verdict));
            }
            *run = syncs::judged(&mut transaction, run.id, &verdicts, removed).await?;
            transaction.commit().await?;
        }
        Ok(Some(sentence))
    }

    /// Why the brake stops the part, if it does, where so many would go.
    async fn brake(&self, run: &SyncRun, missing: i64) -> Result<Option<Error>> {
        let live = run.live.unwrap_or_default();
        if missing <= BRAKE_ROWS || missing * 10 <= live {
            return Ok(None);
        }
        let pool = self.services.store().background();
        let lifted = match syncs::outside_lift(pool, run.id, self.noun).await? {
            Some(0) => return Ok(None),
            Some(outside) => format!(" The brake was lifted for others than {outside} of them."),
            None => String::new(),
        };
        let noun = self.noun;
        let told = if self.is_partial {
            format!(
                "{missing} of {live} {noun} are gone when they are read alone, which is more than a tenth: the rest was not removed."
            )
        } else {
            format!(
                "{missing} of {live} {noun} are missing from the listing, which is more than a tenth: nothing was removed."
            )
        };
        Ok(Some(Error::new(
            Code::ChangeBrake,
            format!(
                "{told}{lifted} If the vendor really removed them, look why; two people can lift the brake of this sync, as long as no newer one was asked for."
            ),
        )))
    }

    fn braked(&self, error: Error) -> End {
        let vendor = self.connected.row.vendor.clone();
        metrics::counter!("iam_gateway_sync_brakes_total", "vendor" => vendor).increment(1);
        End::Failed {
            defects: Vec::new(),
            error,
        }
    }

    /// Writes the account that took the place of one which is gone, onto its row.
    async fn follow(
        &self,
        transaction: &mut PgConnection,
        absence: &Absence,
        successor: &[AccountRecord],
        asked_at: DateTime<Utc>,
    ) -> Result<()> {
        let row = &self.connected.row;
        accounts::upsert_page(&mut *transaction, row.id, &row.vendor, asked_at, successor).await?;
        // Only where the successor has a row of its own already is the old one still at the version that was missed.
        copies::tombstone_missed(transaction, Noun::Accounts, absence).await?;
        Ok(())
    }
}
