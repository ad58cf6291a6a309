//! Looking for one thing that a listing lacks.

use chrono::{DateTime, Utc};

use super::SyncRun;
use super::judge::Judge;
use super::run::call;
use crate::adapters::contract::{AdapterError, Pair, Trouble};
use crate::domain::{AccountRecord, AccountStatus, Connections, Noun, ThingStatus};
use crate::error::Result;
use crate::store::copies::Absence;
use crate::store::{accounts, entitlements, grants};

/// What looking for a missing thing found.
pub(super) enum Found {
    /// It is gone.
    Nothing,
    /// It is there.
    Itself,
    /// It is another account now.
    Successor {
        record: Box<AccountRecord>,
        /// When the vendor was asked for it.
        asked_at: DateTime<Utc>,
    },
    /// No single read here: the next complete run decides.
    NoAnswer,
}

impl Found {
    /// Whether the row goes.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

/// What is made of an absence by itself: without a single read it takes two complete runs.
fn by_runs(judge: &Judge<'_>, absence: &Absence) -> Found {
    if absence.missed_runs > 0 && !judge.is_partial {
        Found::Nothing
    } else {
        Found::NoAnswer
    }
}

/// Looks for a thing that the run missed. The outer error is our own trouble, the inner one the vendor's.
pub(super) async fn look(
    judge: &Judge<'_>,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Result<Found, AdapterError>> {
    let can = judge.connected.capabilities();
    if !can.contains(&judge.noun.reading()) {
        return Ok(Ok(by_runs(judge, absence)));
    }
    let looked = match judge.noun {
        Noun::Accounts => account(judge, run, absence).await?,
        Noun::Grants => grant(judge, run, absence).await?,
        Noun::Resources | Noun::Entitlements => thing(judge, run, absence).await,
    };
    Ok(match looked {
        // It reads some kinds of things alone, and not this one.
        Err(error) if error.trouble == Trouble::Unsupported => Ok(by_runs(judge, absence)),
        looked => looked,
    })
}

async fn thing(judge: &Judge<'_>, run: &SyncRun, absence: &Absence) -> Result<Found, AdapterError> {
    let call = call(judge.services, run);
    let adapter = &judge.connected.adapter;
    let is_there = match (
        judge.noun,
        adapter.resource_reader(),
        adapter.entitlement_reader(),
    ) {
        (Noun::Resources, Some(reader), _) => {
            reader.find_resource(&call, &absence.key()).await?.is_some()
        }
        (Noun::Entitlements, _, Some(reader)) => {
            let found = reader.find_entitlement(&call, &absence.key()).await?;
            found.is_some()
        }
        _ => return Ok(by_runs(judge, absence)),
    };
    Ok(if is_there {
        Found::Itself
    } else {
        Found::Nothing
    })
}

async fn account(
    judge: &Judge<'_>,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Result<Found, AdapterError>> {
    let adapter = &judge.connected.adapter;
    let Some(reader) = adapter.account_reader() else {
        return Ok(Ok(by_runs(judge, absence)));
    };
    let call = call(judge.services, run);
    match reader.find_account(&call, &absence.key()).await {
        Ok(None) => {}
        Ok(Some(_)) => return Ok(Ok(Found::Itself)),
        Err(error) => return Ok(Err(error)),
    }
    let Some(finder) = adapter.successor_finder() else {
        return Ok(Ok(Found::Nothing));
    };
    let store = judge.services.store();
    let pool = store.background();
    let Some(row) = accounts::find(pool, &Connections::All, absence.id, true).await? else {
        return Ok(Ok(Found::Nothing));
    };
    let asked_at = store.now().await?;
    let successor = finder.find_successor(&call, &row.record).await;
    Ok(successor.map(|successor| match successor {
        Some(record) => Found::Successor {
            record: Box::new(record),
            asked_at,
        },
        None => Found::Nothing,
    }))
}

/// Who is gone holds nothing, and what is gone is held by nobody. An answer that is ambiguous proves nothing.
async fn grant(
    judge: &Judge<'_>,
    run: &SyncRun,
    absence: &Absence,
) -> Result<Result<Found, AdapterError>> {
    let Some(reader) = judge.connected.adapter.grant_reader() else {
        return Ok(Ok(by_runs(judge, absence)));
    };
    let pool = judge.services.store().background();
    let Some(row) = grants::find(pool, &Connections::All, absence.id, false).await? else {
        return Ok(Ok(Found::Nothing));
    };
    let account = accounts::find(pool, &Connections::All, row.account_id, true).await?;
    let entitlement = entitlements::find(pool, &Connections::All, row.entitlement_id, true).await?;
    let (Some(account), Some(entitlement)) = (account, entitlement) else {
        return Ok(Ok(Found::Nothing));
    };
    if account.record.status == AccountStatus::Deleted
        || entitlement.record.status == ThingStatus::Deleted
    {
        return Ok(Ok(Found::Nothing));
    }
    let pair = Pair {
        account: &account.record,
        entitlement: &entitlement.record,
    };
    let found = reader.find_grant(&call(judge.services, run), pair).await;
    Ok(found.map(|found| match found {
        Some(grant) if grant.ambiguous => Found::NoAnswer,
        Some(_) => Found::Itself,
        None => Found::Nothing,
    }))
}
