//! One connection's leave on this replica: blocks of calls, taken from the database and used up within two seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgPool;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use super::Limits;
use crate::adapters::contract::{AdapterError, Permit, Permits, Trouble, Urgency};
use crate::store::quota::{self, Waits, Wanted};

/// The budgets of this replica, by connection.
#[derive(Default)]
pub(in crate::services) struct Budgets(Mutex<HashMap<Uuid, Weak<Budget>>>);

impl Budgets {
    /// The leave of a connection with these limits; its waits are counted together with those of the one before it.
    pub(in crate::services) fn open(
        &self,
        pool: &PgPool,
        connection_id: Uuid,
        vendor: &'static str,
        limits: Limits,
    ) -> Arc<dyn Permits> {
        let mut budgets = self.lock();
        budgets.retain(|_, budget| budget.strong_count() > 0);
        if let Some(budget) = budgets.get(&connection_id).and_then(Weak::upgrade)
            && budget.limits == limits
        {
            return budget;
        }
        let budget = Arc::new(Budget {
            pool: pool.clone(),
            connection_id,
            vendor,
            limits,
            lines: Urgency::ALL.map(|_| Line::default()),
            blocks: Mutex::default(),
        });
        budgets.insert(connection_id, Arc::downgrade(&budget));
        budget
    }

    /// How many calls of a connection wait for leave here.
    pub(super) fn waiting(&self, connection_id: Uuid, urgency: Urgency) -> usize {
        let budget = self.lock().get(&connection_id).and_then(Weak::upgrade);
        budget.map_or(0, |budget| budget.line(urgency).tally().waiting as usize)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Weak<Budget>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Budget {
    pool: PgPool,
    connection_id: Uuid,
    vendor: &'static str,
    limits: Limits,
    lines: [Line; 3],
    blocks: Mutex<Vec<Block>>,
}

/// Calls taken and not made yet.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// What they were taken for, and count as.
    urgency: Urgency,
    left: i32,
    until: Instant,
}

/// Those who wait for leave of one urgency, first come, first served.
#[derive(Default)]
struct Line {
    head: tokio::sync::Mutex<()>,
    tally: Mutex<Tally>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    waiting: i32,
    /// Told to the database with the next block.
    waits: Waits,
    /// Calls of the block before, and of this one: what to expect.
    last: i32,
    now: i32,
}

impl Line {
    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waits; leaves the line however the waiting ends.
struct Waiting<'a>(&'a Line);

impl<'a> Waiting<'a> {
    fn join(line: &'a Line) -> Self {
        line.tally().waiting += 1;
        Self(line)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.tally().waiting -= 1;
    }
}

#[async_trait]
impl Permits for Budget {
    async fn permit(&self, urgency: Urgency, deadline: Instant) -> Result<Permit, AdapterError> {
        let line = self.line(urgency);
        let since = Instant::now();
        let waiting = Waiting::join(line);
        let permit = self.wait(line, urgency, deadline).await?;
        drop(waiting);
        let waited = since.elapsed();
        let waited_ms = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        let mut tally = line.tally();
        tally.now = tally.now.saturating_add(1);
        tally.waits.calls = tally.waits.calls.saturating_add(1);
        tally.waits.total_ms = tally.waits.total_ms.saturating_add(waited_ms);
        tally.waits.longest_ms = tally.waits.longest_ms.max(waited_ms);
        metrics::histogram!("iam_gateway_quota_wait_seconds", "vendor" => self.vendor, "urgency" => urgency.as_str())
            .record(waited);
        Ok(permit)
    }
}

impl Budget {
    async fn wait(
        &self,
        line: &Line,
        urgency: Urgency,
        deadline: Instant,
    ) -> Result<Permit, AdapterError> {
        if let Some(permit) = self.use_up(urgency) {
            return Ok(permit);
        }
        // One at a time asks the database, and for those behind it as well.
        let Ok(_head) = timeout_at(deadline, line.head.lock()).await else {
            return Err(used_up(Duration::from_secs(1)));
        };
        loop {
            if let Some(permit) = self.use_up(urgency) {
                return Ok(permit);
            }
            let Some(wait) = self.take(line, urgency).await? else {
                continue;
            };
            if Instant::now() + wait >= deadline {
                return Err(used_up(wait));
            }
            sleep(wait).await;
        }
    }

    /// Takes a block; where there is none, the time to wait.
    async fn take(&self, line: &Line, urgency: Urgency) -> Result<Option<Duration>, AdapterError> {
        let (calls, waits) = {
            let mut tally = line.tally();
            let expected = tally.now.max(tally.last).min(self.limits.block());
            (tally.last, tally.now) = (tally.now, 0);
            (
                tally.waiting.max(expected).max(1),
                std::mem::take(&mut tally.waits),
            )
        };
        // The database's clock reads later than this by the time it counts the block.
        let asked = Instant::now();
        let wanted = Wanted {
            connection_id: self.connection_id,
            urgency: urgency.as_str(),
            calls,
            allowed: self.limits.allowed(),
            guaranteed: self.limits.guaranteed(),
            span_seconds: Limits::SPAN_SECONDS,
            pace_cap: self.limits.pace(urgency),
            pace_seconds: Limits::PACE_SECONDS,
            waits,
        };
        let granted = quota::take(&self.pool, wanted).await.map_err(|error| {
            tracing::warn!(connection.id = %self.connection_id, %error, "The budget of connection {} can't be read", self.connection_id);
            AdapterError::new(
                Trouble::Unavailable,
                "how many calls this connection may still make can't be told now, so nothing was sent",
            )
            .after(Some(Duration::from_secs(1)))
        })?;
        if granted.calls == 0 {
            let wait = u64::try_from(granted.retry_ms).unwrap_or(1);
            return Ok(Some(Duration::from_millis(wait)));
        }
        self.blocks().push(Block {
            urgency,
            left: granted.calls,
            until: asked + Duration::from_secs_f64(Limits::BLOCK_SECONDS),
        });
        Ok(None)
    }

    /// A call of a block that is at hand.
    fn use_up(&self, urgency: Urgency) -> Option<Permit> {
        let now = Instant::now();
        let mut blocks = self.blocks();
        blocks.retain(|block| block.left > 0 && block.until > now);
        let block = blocks
            .iter_mut()
            .filter(|block| block.urgency == urgency)
            .min_by_key(|block| block.until)?;
        block.left -= 1;
        Some(Permit { until: block.until })
    }

    fn line(&self, urgency: Urgency) -> &Line {
        match urgency {
            Urgency::Bulk => &self.lines[0],
            Urgency::Ordinary => &self.lines[1],
            Urgency::Removal => &self.lines[2],
        }
    }

    fn blocks(&self) -> std::sync::MutexGuard<'_, Vec<Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn used_up(wait: Duration) -> AdapterError {
    AdapterError::new(
        Trouble::RateLimited,
        "the connection's `calls_per_minute` are used up for now, so nothing was sent",
    )
    .after(Some(wait))
}
