//! Sync runs on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::paging::{Limit, page};
use crate::http::v1::failure::Failure;
use crate::services::{Listing, PageSpec, syncs};

/// One run over everything that a vendor lists, part by part: resources, entitlements, accounts, grants, and what was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncRun {
    /// UUIDv7.
    id: Uuid,
    /// The connection.
    connection_id: Uuid,
    /// The part at hand: `resources`, `entitlements`, `accounts`, `grants` or `activity`; of a run that ended, its last.
    #[schema(example = "grants")]
    noun: String,
    /// `demand` or `schedule`.
    #[schema(example = "demand")]
    cause: String,
    /// `pending` or `running`; then the worst of its parts: `complete`, `incomplete` (it had defects, so nothing counts as
    /// gone) or `failed`.
    #[schema(example = "complete")]
    status: String,
    /// When it was asked for.
    requested_at: DateTime<Utc>,
    /// The person who asked for it, by e-mail; null: a service or the schedule did.
    #[schema(required)]
    requested_by: Option<String>,
    /// When its first page was asked for.
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// How many items the vendor says there are, in all parts so far where it says so for each.
    #[schema(required)]
    total: Option<i64>,
    /// Pages read so far, in all passes of all parts.
    pages: i32,
    /// How often a listing was gone over so far at most: again, up to three times, where it shifted while it was read.
    passes: i16,
    /// Pages that a pending or running sync will have read at its end: from the vendor's total where it gives one, else from
    /// the last complete syncs. Null where nothing is known.
    #[schema(required)]
    expected_pages: Option<i64>,
    /// When a running sync will have read its last page, at its pace so far. Null where nothing is known.
    #[schema(required)]
    expected_end_at: Option<DateTime<Utc>>,
    /// Seconds until then.
    #[schema(required)]
    remaining_seconds: Option<i64>,
    /// Different items met so far.
    seen: i64,
    /// Items that were new to us.
    created: i64,
    /// Items that had changed.
    changed: i64,
    /// Items that are gone.
    removed: i64,
    /// Why its first part that was not complete proves no absence, in words.
    #[schema(value_type = Vec<String>)]
    defects: Value,
    /// Why its first part failed that did.
    #[schema(required)]
    error: Option<Failure>,
    /// The parts that have ended, in order. One that fails by itself leaves the others alone; where the connection itself is in
    /// trouble, the parts that the run did not get to count as failed.
    parts: Vec<SyncPart>,
    /// What it would have removed, if the brake stopped it (`error.code` is `change_brake`).
    #[schema(required)]
    brake: Option<Brake>,
}

/// One part of a run that has ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncPart {
    /// `resources`, `entitlements`, `accounts`, `grants` or `activity`.
    #[schema(example = "grants")]
    noun: String,
    /// `complete`, `incomplete` (it had defects, so nothing counts as gone) or `failed`.
    #[schema(example = "complete")]
    status: String,
    /// How many items the vendor says there are, where it says so.
    #[schema(required)]
    total: Option<i64>,
    /// Pages read, in all passes.
    pages: i32,
    /// How often the listing was gone over.
    passes: i16,
    /// Different items met.
    seen: i64,
    /// Items that were new to us.
    created: i64,
    /// Items that had changed.
    changed: i64,
    /// Items that are gone.
    removed: i64,
    /// Items that it did not meet. Null where they were not counted.
    #[schema(required)]
    missing: Option<i64>,
    /// Of how many.
    #[schema(required)]
    live: Option<i64>,
    /// Why it proves no absence, in words.
    #[schema(value_type = Vec<String>)]
    defects: Value,
    /// Why it failed.
    #[schema(required)]
    error: Option<Failure>,
    /// When it ended.
    finished_at: DateTime<Utc>,
}

impl From<syncs::PartRow> for SyncPart {
    fn from(part: syncs::PartRow) -> Self {
        let syncs::PartRow {
            noun,
            status,
            pages,
            passes,
            seen,
            created,
            changed,
            removed,
            missing,
            live,
            total,
            defects,
            error,
            finished_at,
        } = part;
        Self {
            noun,
            status,
            total,
            pages,
            passes,
            seen,
            created,
            changed,
            removed,
            missing,
            live,
            defects,
            error: error.map(Failure::of_stored),
            finished_at,
        }
    }
}

/// A part of a sync that would have removed more than a tenth (and more than 50) of its items was stopped; two people may let
/// them go.
#[derive(Debug, Serialize, ToSchema)]
pub struct Brake {
    /// How many items the parts that were stopped would have removed; each part says its own.
    missing: i64,
    /// Of how many.
    live: i64,
    /// Who lifted it, in order.
    lifted_by: Vec<Lift>,
    /// How many more people have to lift it. A person who asked for the sync counts as the first.
    #[schema(example = 1)]
    needs: usize,
    /// The sync that may remove them, once two people stand behind it. Should it miss any other item, it is stopped as well.
    #[schema(required)]
    lifted_into: Option<Uuid>,
}

/// A person's word that a brake shall be lifted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lift {
    /// By e-mail.
    #[schema(example = "ada.lind@example.org")]
    person: String,
    /// Why.
    reason: String,
    /// When.
    at: DateTime<Utc>,
}

impl From<syncs::Lift> for Lift {
    fn from(lift: syncs::Lift) -> Self {
        let syncs::Lift { person, reason, at } = lift;
        Self { person, reason, at }
    }
}

/// Why the brake of a sync shall be lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBrake {
    /// How you know that the items are really gone, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

impl From<syncs::SyncRun> for SyncRun {
    fn from(run: syncs::SyncRun) -> Self {
        let syncs::Progress {
            expected_pages,
            remaining_seconds,
            expected_end_at,
        } = syncs::progress(&run);
        let needs = run.people_needed();
        let braked = run.is_braked().then(|| run.would_remove());
        let (total, passes) = over_all(&run);
        let syncs::SyncRun {
            id,
            connection_id,
            noun,
            cause,
            status,
            // How replicas share the work is their own business.
            epoch: _,
            attempts: _,
            cursor: _,
            observed_at: _,
            // The present pass is the sync's own business; what it tells of the end is shown above.
            pass_pages: _,
            pass_items: _,
            pass_seen: _,
            shifted: _,
            expected_pages: _,
            expected_seconds: _,
            pass: _,
            total: _,
            missing: _,
            live: _,
            part_started_at: _,
            since: _,
            unresolved: _,
            parts,
            lifts,
            lifted_into,
            requested_at,
            requested_by,
            started_at,
            finished_at,
            pages,
            seen,
            created,
            changed,
            removed,
            defects,
            error,
        } = run;
        Self {
            id,
            connection_id,
            noun,
            cause,
            status,
            requested_at,
            requested_by,
            started_at,
            finished_at,
            total,
            pages,
            passes,
            expected_pages,
            expected_end_at,
            remaining_seconds,
            seen,
            created,
            changed,
            removed,
            defects,
            error: error.map(Failure::of_stored),
            parts: parts.0.into_iter().map(SyncPart::from).collect(),
            brake: braked.map(|(missing, live)| Brake {
                missing,
                live,
                lifted_by: lifts.0.into_iter().map(Lift::from).collect(),
                needs,
                lifted_into,
            }),
        }
    }
}

/// The vendor's count and the most passes over all parts of a run, the one at hand too.
fn over_all(run: &syncs::SyncRun) -> (Option<i64>, i16) {
    let ended = run.parts.iter().map(|part| (part.total, part.passes));
    let at_hand = run
        .finished_at
        .is_none()
        .then_some((run.total, run.pass))
        .into_iter();
    let all = ended
        .chain(at_hand)
        .reduce(|(total, passes), (more, again)| {
            let total = total.zip(more).map(|(total, more)| total + more);
            (total, passes.max(again))
        });
    all.unwrap_or((run.total, run.pass))
}

/// The runs of a connection, and what the next one will take.
#[derive(Debug, Serialize, ToSchema)]
pub struct SyncPage {
    /// The runs of this page.
    items: Vec<SyncRun>,
    /// Where the list goes on: give it as `cursor`. Null on the last page.
    #[schema(required)]
    next_cursor: Option<String>,
    /// What a full run takes, from the last five complete ones. Null before there was one.
    #[schema(required)]
    forecast: Option<Forecast>,
    /// When the schedule asks for the next run. Null without a schedule.
    #[schema(required)]
    next_at: Option<DateTime<Utc>>,
}

/// What a full run takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Forecast {
    /// Seconds from its first page to its end.
    #[schema(example = 40)]
    seconds: i64,
    /// Pages.
    #[schema(example = 20)]
    pages: i32,
}

impl From<syncs::Syncs> for SyncPage {
    fn from(syncs: syncs::Syncs) -> Self {
        let syncs::Syncs {
            runs: Listing {
                items, next_cursor, ..
            },
            forecast,
            next_at,
        } = syncs;
        Self {
            items: items.into_iter().map(SyncRun::from).collect(),
            next_cursor,
            forecast: forecast.map(|syncs::Forecast { pages, seconds }| Forecast {
                seconds: seconds.ceil() as i64,
                pages,
            }),
            next_at,
        }
    }
}

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SyncQuery {
    /// How many items the page holds at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Limit,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

impl From<SyncQuery> for PageSpec {
    fn from(query: SyncQuery) -> Self {
        let SyncQuery { limit, cursor } = query;
        page(limit, cursor)
    }
}
