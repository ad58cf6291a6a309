//! Going over a listing: the next page is asked for while the last one is written, so a slow vendor costs its own time and
//! no more. A listing that shifts meanwhile is gone over again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use tracing::{info, warn};

use super::SyncRun;
use super::judge;
use super::run::{End, call, texts};
use crate::adapters::contract::{self, AdapterError, PageRequest};
use crate::domain::{Noun, SyncPart};
use crate::error::Result;
use crate::services::Services;
use crate::services::connected::Connected;
use crate::services::upstream::explain;
use crate::store::syncs::{self, Page, Records, Unwritten};

/// How often a page is asked for anew, beyond the transport's own retries, before the part fails.
const PAGE_TRIES: u32 = 3;
/// Pages without a single item in a row before a listing counts as endless.
const MAX_EMPTY_PAGES: u32 = 100;
/// How often a shifting listing is gone over at most.
const PASSES: i16 = 3;

/// Reads the listing of a part from the run's cursor to its end, again if it shifted, then judges what it did not meet.
pub(super) async fn read_part(
    services: &Services,
    connected: &Connected,
    run: &mut SyncRun,
    part: SyncPart,
) -> Result<End> {
    let pass = Pass {
        services,
        connected,
        part,
    };
    loop {
        if let Some(end) = pass.go(run).await? {
            return Ok(end);
        }
        let SyncPart::Rows(noun) = part else {
            let defects = texts(&run.defects);
            return Ok(End::Read { defects });
        };
        if !goes_again(run) {
            return judge::judge(services, connected, run, noun).await;
        }
        info!(sync.id = %run.id, pass = run.pass, "The listing shifted while sync {} read it: once more", run.id);
        let mut transaction = services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, services.ledger().owner()).await? {
            return Ok(End::NotOurs);
        }
        *run = syncs::next_pass(&mut transaction, run.id).await?;
        transaction.commit().await?;
    }
}

/// Whether another pass may show what this one missed. Only a vendor that counts its rows lets us know; a page that is wrong
/// in itself explains why rows are missing, and would be as wrong again.
fn goes_again(run: &SyncRun) -> bool {
    let Some(total) = run.total else { return false };
    let short = run.pass_seen < total && texts(&run.defects).is_empty();
    run.pass < PASSES && (run.shifted || short)
}

/// Going over the listing once.
struct Pass<'a> {
    services: &'a Services,
    connected: &'a Connected,
    part: SyncPart,
}

/// A page as it came.
struct Came {
    records: Records,
    next: Option<String>,
    total: Option<u64>,
    defects: Vec<String>,
}

impl Came {
    fn of<T>(page: contract::Page<T>, records: impl FnOnce(Vec<T>) -> Records) -> Self {
        let contract::Page {
            items,
            next,
            total,
            defects,
        } = page;
        Self {
            records: records(items),
            next,
            total,
            defects,
        }
    }
}

/// A page, and when it was asked for by the database's clock.
type Fetched = Result<(DateTime<Utc>, Came), AdapterError>;

impl Pass<'_> {
    /// Reads and writes from the run's place to the end of the pass; the end of the run, if it comes to that.
    async fn go(&self, run: &mut SyncRun) -> Result<Option<End>> {
        // What an earlier owner had read and not yet written.
        let pool = self.services.store().background();
        let mut unwritten = syncs::unwritten(pool, run.id, self.part).await?;
        let mut empty_pages = 0;
        loop {
            let (fetched, written) =
                tokio::join!(self.fetch(run), self.write(run, unwritten.take()));
            match written? {
                None => return Ok(Some(End::NotOurs)),
                Some(now) => *run = now,
            }
            if is_over(run) {
                return Ok(None);
            }
            let Some(fetched) = fetched? else {
                return Ok(None);
            };
            let (asked_at, page) = match fetched {
                Ok(fetched) => fetched,
                Err(error) => {
                    return Ok(Some(End::Failed {
                        defects: texts(&run.defects),
                        error: explain(&self.connected.row.vendor, error),
                    }));
                }
            };
            empty_pages = if page.records.is_empty() {
                empty_pages + 1
            } else {
                0
            };
            match self.keep(run, asked_at, page, empty_pages).await? {
                None => return Ok(Some(End::NotOurs)),
                Some((now, parked)) => {
                    *run = now;
                    unwritten = parked;
                }
            }
        }
    }

    /// The next page, if there is one; asked for a few times.
    async fn fetch(&self, run: &SyncRun) -> Result<Option<Fetched>> {
        if is_over(run) {
            return Ok(None);
        }
        let request = PageRequest {
            cursor: run.cursor.clone(),
            size: self.services.settings().page_size,
        };
        let mut tries = 0;
        loop {
            tries += 1;
            let asked_at = self.services.store().now().await?;
            match self.page(run, &request).await {
                Ok(page) => return Ok(Some(Ok((asked_at, page)))),
                Err(error) if error.trouble.is_passing() && tries < PAGE_TRIES => {
                    warn!(sync.id = %run.id, %error, tries, "A page of sync {} could not be read yet", run.id);
                    sleep(error.retry_after.unwrap_or(Duration::from_secs(1) * tries)).await;
                }
                Err(error) => return Ok(Some(Err(error))),
            }
        }
    }

    /// One page of the part's listing.
    async fn page(&self, run: &SyncRun, request: &PageRequest) -> Result<Came, AdapterError> {
        let adapter = &self.connected.adapter;
        let call = &call(self.services, run);
        match self.part {
            SyncPart::Rows(Noun::Resources) => {
                let lister = adapter.resource_lister().ok_or_else(|| self.lost())?;
                let page = lister.list_resources(call, request).await?;
                Ok(Came::of(page, Records::Resources))
            }
            SyncPart::Rows(Noun::Entitlements) => {
                let lister = adapter.entitlement_lister().ok_or_else(|| self.lost())?;
                let page = lister.list_entitlements(call, request).await?;
                Ok(Came::of(page, Records::Entitlements))
            }
            SyncPart::Rows(Noun::Accounts) => {
                let lister = adapter.account_lister().ok_or_else(|| self.lost())?;
                let page = lister.list_accounts(call, request).await?;
                Ok(Came::of(page, Records::Accounts))
            }
            SyncPart::Rows(Noun::Grants) => {
                let lister = adapter.grant_lister().ok_or_else(|| self.lost())?;
                let page = lister.list_grants(call, request).await?;
                Ok(Came::of(page, Records::Grants))
            }
            SyncPart::Activity => {
                let lister = adapter.activity_lister().ok_or_else(|| self.lost())?;
                let since = run.since.unwrap_or(run.observed_at);
                let page = lister.list_activity(call, since, request).await?;
                Ok(Came::of(page, Records::Activity))
            }
        }
    }

    fn lost(&self) -> AdapterError {
        let words = format!("This connection can't list {} any more.", self.part);
        AdapterError::unsupported("", words)
    }

    /// Writes the page before; `None` when the run is no longer ours.
    async fn write(&self, run: &SyncRun, page: Option<Unwritten>) -> Result<Option<SyncRun>> {
        let Some(page) = page else {
            return Ok(Some(run.clone()));
        };
        let mut transaction = self.services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, self.services.ledger().owner()).await? {
            return Ok(None);
        }
        let vendor = &self.connected.row.vendor;
        let now = syncs::write(&mut transaction, run, vendor, &page).await?;
        transaction.commit().await?;
        Ok(Some(now))
    }

    /// Makes a page safe: from here on it is not asked for again. The last one is written at once, since nothing follows that
    /// could be asked for meanwhile. `None` when the run is no longer ours.
    async fn keep(
        &self,
        run: &SyncRun,
        asked_at: DateTime<Utc>,
        page: Came,
        empty_pages: u32,
    ) -> Result<Option<(SyncRun, Option<Unwritten>)>> {
        let Came {
            mut records,
            mut next,
            total,
            mut defects,
        } = page;
        let number = run.pass_pages + 1;
        let came = records.len();
        let unfit = [records.leave_out_long(), records.leave_out_deep()];
        for (left_out, why) in unfit.into_iter().flatten() {
            defects.push(format!(
                "page {number} has {left_out} {} whose {why}: they are left out",
                self.part
            ));
        }
        if next.is_some() && next == run.cursor {
            defects.push(format!(
                "page {number} leads back to itself: the listing goes in circles"
            ));
            next = None;
        }
        if empty_pages > MAX_EMPTY_PAGES {
            defects.push(format!("more than {MAX_EMPTY_PAGES} empty pages in a row"));
            next = None;
        }
        let total = total.and_then(|total| i64::try_from(total).ok());
        let before = run.total.filter(|_| run.pass_pages > 0);
        let changed = before.zip(total).filter(|(before, now)| before != now);
        // What was done becomes more while it is read; nothing is proven by its absence.
        let changed = changed.filter(|_| self.part != SyncPart::Activity);
        if let Some((before, now)) = changed {
            defects.push(format!(
                "the vendor counted {before} {} before page {number}, and {now} on it",
                self.part
            ));
        }
        let page = Unwritten { asked_at, records };
        let mut transaction = self.services.store().begin_background().await?;
        if !syncs::hold(&mut transaction, run, self.services.ledger().owner()).await? {
            return Ok(None);
        }
        let advanced = syncs::advance(
            &mut transaction,
            run.id,
            Page {
                items: came as i64,
                next: next.as_deref(),
                total,
                shifted: changed.is_some(),
                defects,
            },
        )
        .await?;
        let kept = if next.is_some() {
            syncs::park(&mut transaction, run.id, &page).await?;
            (advanced, Some(page))
        } else {
            let vendor = &self.connected.row.vendor;
            let written = syncs::write(&mut transaction, &advanced, vendor, &page).await?;
            (written, None)
        };
        transaction.commit().await?;
        let vendor = self.connected.row.vendor.clone();
        metrics::counter!("iam_gateway_sync_pages_total", "vendor" => vendor).increment(1);
        Ok(Some(kept))
    }
}

/// Whether the pass has no page left to ask for.
fn is_over(run: &SyncRun) -> bool {
    run.pass_pages > 0 && run.cursor.is_none()
}
