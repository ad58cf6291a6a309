//! How many calls a connection may make, has made and still can, over all replicas.

mod budget;
mod limits;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use budget::Budgets;
pub use limits::Limits;

use super::callers::require;
use super::connections::find_visible;
use super::{Services, syncs};
use crate::adapters::contract::Urgency;
use crate::adapters::transport::{BreakerState, Door};
use crate::domain::{Caller, Scope};
use crate::error::Result;
use crate::store::quota::{self, KEPT_SECONDS};

/// How a connection's calls stand.
#[derive(Clone, Debug)]
pub struct QuotaView {
    /// The connection.
    pub connection_id: Uuid,
    /// Its budget; `None`: it may make any number of calls.
    pub budget: Option<BudgetView>,
    /// How its calls go on this replica, host by host.
    pub traffic: Vec<TrafficView>,
    /// What a full sync takes; `None` before there was a complete one.
    pub full_sync: Option<SyncForecast>,
}

/// A budget and what is left of it.
#[derive(Clone, Debug)]
pub struct BudgetView {
    /// What the connection's settings say.
    pub limits: Limits,
    /// Calls made, or held by replicas that may still make them, within the last minute.
    pub used: i64,
    /// By urgency, the least urgent first.
    pub shares: Vec<Share>,
}

/// What one urgency has of a budget.
#[derive(Clone, Debug)]
pub struct Share {
    /// Which.
    pub urgency: Urgency,
    /// How many calls it could make now.
    pub left: i64,
    /// Calls of it that wait for leave, on this replica.
    pub waiting: usize,
    /// How many calls of it got leave within the last ten minutes, over all replicas.
    pub calls: i64,
    /// How long they waited on average, in milliseconds.
    pub mean_wait_ms: i64,
    /// How long the longest of them waited, in milliseconds.
    pub longest_wait_ms: i64,
}

/// How calls go to one host.
#[derive(Clone, Debug)]
pub struct TrafficView {
    /// `api` or `identity`.
    pub host: &'static str,
    /// What the breaker does: `closed`, `open` or `half_open`.
    pub breaker: &'static str,
    /// Calls under way.
    pub under_way: usize,
    /// Calls left, and when there are all of them again, as the vendor itself says.
    pub announced: Option<(u64, DateTime<Utc>)>,
}

/// What a full sync takes.
#[derive(Clone, Copy, Debug)]
pub struct SyncForecast {
    /// Pages, which is calls at least.
    pub pages: i32,
    /// Seconds, as the last complete runs took them; no fewer than the budget allows.
    pub seconds: f64,
}

/// How many seconds the shown waits go back.
pub const WAITS_OF_SECONDS: i64 = KEPT_SECONDS;

/// How a connection's calls stand.
///
/// # Errors
/// Without the scope; not found.
pub async fn find_quota(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
) -> Result<QuotaView> {
    require(caller, Scope::CONNECTIONS_READ)?;
    let connection = find_visible(services, caller, id_or_name).await?;
    let limits = Limits::of(&connection.settings);
    let budget = match limits {
        Some(limits) => Some(budget(services, connection.id, limits).await?),
        None => None,
    };
    let traffic = services.transport().traffic(connection.id);
    let forecast = syncs::forecast(services, connection.id).await?;
    Ok(QuotaView {
        connection_id: connection.id,
        budget,
        traffic: traffic
            .into_iter()
            .map(|(door, traffic)| TrafficView {
                host: match door {
                    Door::Api => "api",
                    Door::Identity => "identity",
                },
                breaker: match traffic.breaker {
                    BreakerState::Closed => "closed",
                    BreakerState::Open => "open",
                    BreakerState::HalfOpen => "half_open",
                },
                under_way: traffic.under_way,
                announced: traffic
                    .announced
                    .map(|quota| (quota.remaining, quota.resets_at.into())),
            })
            .collect(),
        full_sync: forecast.map(|forecast| SyncForecast {
            pages: forecast.pages,
            seconds: limits.map_or(forecast.seconds, |limits| {
                forecast.seconds.max(limits.seconds_of_sync(forecast.pages))
            }),
        }),
    })
}

async fn budget(services: &Services, connection_id: Uuid, limits: Limits) -> Result<BudgetView> {
    let pool = services.store().requests();
    let uses = quota::used(pool, connection_id, Limits::SPAN_SECONDS).await?;
    let of = |urgency: Urgency| uses.iter().find(|by| by.urgency == urgency.as_str());
    let used = Urgency::ALL.map(|urgency| of(urgency).map_or(0, |by| by.used));
    let shares = Urgency::ALL.map(|urgency| {
        let by = of(urgency);
        let calls = by.map_or(0, |by| by.calls);
        Share {
            urgency,
            left: limits.room(used, urgency),
            waiting: services.budgets().waiting(connection_id, urgency),
            calls,
            mean_wait_ms: by.map_or(0, |by| by.waited_ms / calls.max(1)),
            longest_wait_ms: by.map_or(0, |by| by.longest_wait_ms),
        }
    });
    Ok(BudgetView {
        limits,
        used: used.iter().sum(),
        shares: shares.into(),
    })
}
