//! Reading through: where a caller says how old a copy may be, an older one is read anew before it answers.
//!
//! A single account is read by itself, and a failure to read it is an error: who says `max_age` means it. A list asks for a
//! full run over each connection that it draws from, waits a while, and answers with what there is then; `as_of` says what
//! that is worth.

mod flights;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::time::{Duration, Instant, sleep};
use tracing::debug;
use uuid::Uuid;

pub(super) use flights::Flights;

use super::Services;
use super::connected::{self, Connected};
use crate::domain::{Caller, Capability, Connections, Noun};
use crate::error::{Error, Result};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::connections::CoverageRow;
use crate::store::{accounts, copies, syncs};

/// How many connections one list may have read anew.
const MOST_CONNECTIONS: usize = 20;
/// How many accounts one identity may have read anew, and how many of them at a time.
const MOST_ACCOUNTS: usize = 50;
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

/// An account that may have to be read anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aged {
    /// The account.
    pub(super) id: Uuid,
    /// Its connection.
    pub(super) connection_id: Uuid,
    /// When it was last seen.
    pub(super) as_of: Option<DateTime<Utc>>,
}

/// Reads accounts anew that are too old; whether any was.
///
/// # Errors
/// The first vendor's trouble; a connection that can't read single accounts; too many accounts at once.
pub(super) async fn accounts(
    services: &Services,
    caller: &Caller,
    accounts: impl IntoIterator<Item = Aged>,
    max_age: &MaxAge,
) -> Result<bool> {
    let now = services.store().now().await?;
    let old: Vec<Aged> = accounts
        .into_iter()
        .filter(|account| max_age.is_passed(account.as_of, now))
        .collect();
    if old.len() > MOST_ACCOUNTS {
        return Err(Error::invalid(
            "max_age_seconds",
            format!(
                "{} accounts would have to be read anew, and no more than {MOST_ACCOUNTS} are at once. Read them one by one, or take older copies.",
                old.len()
            ),
        ));
    }
    let read_any = !old.is_empty();
    stream::iter(old)
        .map(async |account| {
            let read = anew(services, caller, account, max_age).await;
            read.map_err(|error| with_age(error, account.as_of.map(|at| now - at)))
        })
        .buffer_unordered(AT_A_TIME)
        .try_collect::<()>()
        .await?;
    Ok(read_any)
}

/// Reads one account anew, together with whoever else asks for it meanwhile.
async fn anew(services: &Services, caller: &Caller, account: Aged, max_age: &MaxAge) -> Result<()> {
    let id = account.connection_id.to_string();
    let connected = connected::open(services, &caller.connections, &id).await?;
    connected.require(Capability::ReadAccounts)?;
    let request_id = max_age.request_id.clone();
    let owned = services.clone();
    services
        .flights()
        .share(services.ledger(), account.id, async move {
            read(&owned, &connected, account.id, &request_id).await
        })
        .await
}

/// Asks the vendor for one account and keeps what it says, unless something was written to our copy since it was asked.
async fn read(
    services: &Services,
    connected: &Connected,
    id: Uuid,
    request_id: &str,
) -> Result<()> {
    let pool = services.store().background();
    let account = accounts::find(pool, &Connections::All, id, false)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    let asked_at = services.store().now().await?;
    let call = connected::reading(services, request_id);
    let found = connected.find(&call, &account.record).await;
    let vendor = &connected.row.vendor;
    let outcome = match &found {
        Ok(Some(_)) => "found",
        Ok(None) => "gone",
        Err(_) => "failed",
    };
    metrics::counter!("iam_gateway_read_through_total", "vendor" => vendor.clone(), "outcome" => outcome)
        .increment(1);
    debug!(account.id = %id, vendor, outcome, "Read account {id} anew: {outcome}");
    let mut transaction = services.store().begin_background().await?;
    match found.map_err(|error| connected.explain(error))? {
        Some(record) => {
            let connection_id = account.connection_id;
            accounts::upsert_read(&mut transaction, connection_id, vendor, &record, asked_at)
                .await?;
        }
        None => copies::tombstone_read(&mut transaction, Noun::Accounts, id, asked_at).await?,
    }
    transaction.commit().await?;
    Ok(())
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

/// Asks for a full run over each connection whose copy is too old, or joins one that is open, and waits for their ends as
/// long as a caller should; whether there were any. How a run ended shows in the coverage.
///
/// # Errors
/// Too many connections at once.
pub(super) async fn lists(
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
