//! Reading through: where a caller says how old a copy may be, an older one is read anew before it answers.
//!
//! A single thing is read by itself, and a failure to read it is an error: who says `max_age` means it. A list asks for a
//! full run over each connection that it draws from, waits a while, and answers with what there is then; `as_of` says what
//! that is worth.

mod flights;
mod single;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::time::{Duration, Instant, sleep};
use uuid::Uuid;

pub(super) use flights::Flights;
pub(super) use single::again;

use super::Services;
use super::coverage::{Covered, covered};
use crate::domain::{Caller, Noun, SyncPart};
use crate::error::{Error, Result};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::connections::CoverageRow;
use crate::store::syncs;

/// How many connections one list may have read anew.
const MOST_CONNECTIONS: usize = 20;
/// How many things one answer may have read anew, and how many of them at a time.
const MOST_THINGS: usize = 50;
const AT_A_TIME: usize = 8;
/// How often it is looked whether the runs have ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How old a copy may be that answers.
#[derive(Clone, Debug)]
pub struct MaxAge {
    /// In seconds; 0 asks for what the vendor says now.
    pub seconds: u32,
    /// The request that says so; passed on to the vendor.
    pub request_id: String,
}

impl MaxAge {
    /// Whether what was seen then is older at `now`, by the database's clock.
    fn is_passed(&self, as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        as_of.is_none_or(|at| now - at > TimeDelta::seconds(self.seconds.into()))
    }
}

/// A thing that may have to be read anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aged {
    /// The thing.
    pub(super) id: Uuid,
    /// Its connection.
    pub(super) connection_id: Uuid,
    /// When it was last seen.
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// Reads one thing anew, where `max_age` says so; whether it was.
///
/// # Errors
/// The vendor's trouble; a connection that can't read single things of this noun.
pub(super) async fn one(
    services: &Services,
    caller: &Caller,
    noun: Noun,
    thing: Aged,
    max_age: Option<MaxAge>,
) -> Result<bool> {
    match max_age {
        Some(max_age) => things(services, caller, noun, [thing], &max_age).await,
        None => Ok(false),
    }
}

/// Reads things of a noun anew that are too old; whether any was.
///
/// # Errors
/// The first vendor's trouble; a connection that can't read single ones; too many at once.
pub(super) async fn things(
    services: &Services,
    caller: &Caller,
    noun: Noun,
    things: impl IntoIterator<Item = Aged>,
    max_age: &MaxAge,
) -> Result<bool> {
    let now = services.store().now().await?;
    let old: Vec<Aged> = things
        .into_iter()
        .filter(|thing| max_age.is_passed(thing.as_of, now))
        .collect();
    if old.len() > MOST_THINGS {
        return Err(Error::invalid(
            "max_age_seconds",
            format!(
                "{} {noun} would have to be read anew, and no more than {MOST_THINGS} are at once. Read them one by one, or take older copies.",
                old.len()
            ),
        ));
    }
    let read_any = !old.is_empty();
    stream::iter(old)
        .map(async |thing| {
            let read = single::anew(services, caller, noun, thing, max_age).await;
            read.map_err(|error| with_age(error, thing.as_of.map(|at| now - at)))
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect::<()>()
        .await?;
    Ok(read_any)
}

/// The failure of a reading, with how old the copy is that could be had instead.
fn with_age(mut error: Error, age: Option<TimeDelta>) -> Error {
    let copy = match age {
        Some(age) => format!("Our copy is {} s old", age.num_seconds().max(0)),
        None => "Our copy is of unknown age".to_owned(),
    };
    let words = error.detail.trim_end_matches('.');
    error.detail = format!(
        "It could not be read anew: {words}. {copy}; without `max_age_seconds` it is answered."
    );
    error
}

/// The connections that a list draws from, narrowed to one or to a vendor's; those that are too old are read anew before, where
/// `max_age` says so.
///
/// # Errors
/// Narrowed to a connection that can't list such things; too many connections at once.
pub(super) async fn list(
    services: &Services,
    caller: &Caller,
    part: SyncPart,
    (connection_id, vendor): (Option<Uuid>, Option<&str>),
    max_age: Option<&MaxAge>,
) -> Result<Covered> {
    let known = covered(services, caller, part, connection_id, vendor).await?;
    if let Some(max_age) = max_age
        && runs(services, caller, &known.listed, max_age).await?
    {
        return covered(services, caller, part, connection_id, vendor).await;
    }
    Ok(known)
}

/// Asks for a full run over each connection whose copy is too old, or joins one that is open, and waits for their ends as
/// long as a caller should; whether there were any. How a run ended shows in the coverage.
async fn runs(
    services: &Services,
    caller: &Caller,
    covered: &[CoverageRow],
    max_age: &MaxAge,
) -> Result<bool> {
    let now = services.store().now().await?;
    let old: Vec<Uuid> = covered
        .iter()
        .filter(|row| max_age.is_passed(row.as_of, now))
        .map(|row| row.connection_id)
        .collect();
    if old.len() > MOST_CONNECTIONS {
        return Err(Error::invalid(
            "max_age_seconds",
            format!(
                "{} connections would have to be read anew, and no more than {MOST_CONNECTIONS} are at once. Narrow the list by `connection_id`, or take older copies.",
                old.len()
            ),
        ));
    }
    let deadline = Instant::now() + services.settings().answer_wait;
    let mut runs = Vec::with_capacity(old.len());
    for connection_id in &old {
        runs.push(run_of(services, caller, *connection_id, max_age).await?);
    }
    let pool = services.store().requests();
    while syncs::any_open(pool, &runs).await? && Instant::now() < deadline {
        sleep(LOOK_EVERY).await;
    }
    Ok(!old.is_empty())
}

/// The open run of a connection, asked for if there is none.
async fn run_of(
    services: &Services,
    caller: &Caller,
    connection_id: Uuid,
    max_age: &MaxAge,
) -> Result<Uuid> {
    let mut transaction = services.store().begin().await?;
    let (run_id, is_new) = syncs::request_or_join(&mut transaction, connection_id).await?;
    if is_new {
        audit::record(
            &mut transaction,
            AuditEntry {
                actor: Actor::from(caller),
                action: "connection.sync",
                noun: "connection",
                noun_id: Some(connection_id),
                connection_id: Some(connection_id),
                operation_id: None,
                outcome: "requested",
                detail: json!({"run": run_id, "max_age_seconds": max_age.seconds}),
                request_id: &max_age.request_id,
            },
        )
        .await?;
    }
    transaction.commit().await?;
    Ok(run_id)
}
