//! How a connection's calls stand.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::auth::{Authorized, ConnectionsRead, Demand};
use crate::http::extract::{ConnectionName, NoQuery};
use crate::http::problem::Answer;
use crate::services::Services;
use crate::services::quota::{
    self, BudgetView, Limits, QuotaView, Share, SyncForecast, TrafficView, WAITS_OF_SECONDS,
};

/// Show a connection's quota
///
/// Its budget (setting `calls_per_minute`), which all replicas share; what is left of it and how long calls waited for it; the
/// breaker; and what a full sync will take. Breakers, calls under way and waiting are those of the replica that answers.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/quota",
    tag = "connections",
    params(("id" = String, Path, description = "Id or name of the connection.", example = "luna")),
    responses((status = 200, description = "How its calls stand.", body = Quota)),
    extensions(("x-required-scope" = json!(ConnectionsRead::WORD)))
)]
pub async fn find_quota(
    State(services): State<Services>,
    caller: Authorized<ConnectionsRead>,
    ConnectionName(name): ConnectionName,
    _: NoQuery,
) -> Answer<Json<Quota>> {
    let found = quota::find_quota(&services, &caller, &name).await?;
    Ok(Json(found.into()))
}

/// How a connection's calls stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quota {
    /// The connection.
    connection_id: Uuid,
    /// Its budget; null: its settings name none, so calls wait for nothing.
    #[schema(required)]
    budget: Option<Budget>,
    /// How its calls go, host by host; empty while it made none.
    hosts: Vec<Host>,
    /// What a full sync takes; null before there was a complete one.
    #[schema(required)]
    full_sync: Option<FullSync>,
}

/// A budget and what is left of it, over all replicas.
#[derive(Debug, Serialize, ToSchema)]
pub struct Budget {
    /// How many calls there may be in any minute.
    #[schema(example = 60)]
    calls_per_minute: u32,
    /// How many of a hundred are kept for each sort of calls.
    #[schema(example = 20)]
    reserved_percent: u32,
    /// Calls made within the last minute, or held by replicas that may still make them.
    #[schema(example = 31)]
    used: i64,
    /// How many seconds `calls`, `mean_wait_ms` and `longest_wait_ms` go back.
    #[schema(example = 600)]
    waits_of_seconds: i64,
    /// What each sort of calls may use, the least urgent first.
    shares: Vec<BudgetShare>,
}

/// What one sort of calls may use of a budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetShare {
    /// `syncs`, `ordinary` (readings and acts that somebody waits for) or `removals` (taking access away).
    #[schema(example = "removals")]
    urgency: &'static str,
    /// How many could be made now.
    #[schema(example = 29)]
    left: i64,
    /// How many wait now, on the replica that answers.
    #[schema(example = 0)]
    waiting: usize,
    /// How many got leave of late.
    #[schema(example = 12)]
    calls: i64,
    /// How long they waited on average, in milliseconds.
    #[schema(example = 3)]
    mean_wait_ms: i64,
    /// How long the longest of them waited, in milliseconds.
    #[schema(example = 11)]
    longest_wait_ms: i64,
}

/// How calls go to one host of a connection, on the replica that answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Host {
    /// `api`, or `identity` for the identity provider that issues its tokens.
    #[schema(example = "api")]
    host: &'static str,
    /// `closed` lets calls pass, `open` refuses them for a while after failures in a row, `half_open` lets one probe.
    #[schema(example = "closed")]
    breaker: &'static str,
    /// Calls under way.
    #[schema(example = 1)]
    under_way: usize,
    /// What the vendor itself says of the calls that are left; null where it says nothing.
    #[schema(required)]
    announced: Option<Announced>,
}

/// What a vendor says of the calls that are left.
#[derive(Debug, Serialize, ToSchema)]
pub struct Announced {
    /// How many there are.
    #[schema(example = 118)]
    remaining: u64,
    /// When there are all of them again.
    resets_at: DateTime<Utc>,
}

/// What a full sync takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FullSync {
    /// Pages; each costs a call at least.
    #[schema(example = 12)]
    pages: i32,
    /// Seconds, as the last complete ones took them, and no fewer than the budget allows.
    #[schema(example = 20.5)]
    seconds: f64,
}

impl From<QuotaView> for Quota {
    fn from(view: QuotaView) -> Self {
        let QuotaView {
            connection_id,
            budget,
            traffic,
            full_sync,
        } = view;
        Self {
            connection_id,
            budget: budget.map(Budget::from),
            hosts: traffic.into_iter().map(Host::from).collect(),
            full_sync: full_sync.map(|SyncForecast { pages, seconds }| FullSync { pages, seconds }),
        }
    }
}

impl From<BudgetView> for Budget {
    fn from(view: BudgetView) -> Self {
        let BudgetView {
            limits:
                Limits {
                    calls_per_minute,
                    reserved_percent,
                },
            used,
            shares,
        } = view;
        Self {
            calls_per_minute,
            reserved_percent,
            used,
            waits_of_seconds: WAITS_OF_SECONDS,
            shares: shares.into_iter().map(BudgetShare::from).collect(),
        }
    }
}

impl From<Share> for BudgetShare {
    fn from(share: Share) -> Self {
        let Share {
            urgency,
            left,
            waiting,
            calls,
            mean_wait_ms,
            longest_wait_ms,
        } = share;
        Self {
            urgency: urgency.as_str(),
            left,
            waiting,
            calls,
            mean_wait_ms,
            longest_wait_ms,
        }
    }
}

impl From<TrafficView> for Host {
    fn from(view: TrafficView) -> Self {
        let TrafficView {
            host,
            breaker,
            under_way,
            announced,
        } = view;
        Self {
            host,
            breaker,
            under_way,
            announced: announced.map(|(remaining, resets_at)| Announced {
                remaining,
                resets_at,
            }),
        }
    }
}
