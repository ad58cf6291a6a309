//! What the end of an operation changes in our copies of the vendor's things.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::acts::{Done, Left, Row, Thing};
use super::results::{AccountUpdated, AccountsUpdated, RowError, RowStatus};
use crate::domain::{
    AccountRecord, Connections, Effect, ExternalKey, GrantRecord, GrantStatus, Noun, OperationKind,
};
use crate::error::{Error, Result};
use crate::store::operations::{About, OperationRow};
use crate::store::{accounts, copies, entitlements, grants};

/// The source of what an operation wrote.
const WRITE: &str = "write";
/// The source of what a reading showed.
const READ: &str = "read_through";

/// What an act left at the vendor, as it was written.
#[derive(Default)]
pub(super) struct Written {
    /// What the operation was about, by now.
    pub(super) about: About,
    /// What it tells of several things.
    pub(super) result: Option<Value>,
}

/// Writes what an act left at the vendor.
pub(super) async fn write(
    connection: &mut PgConnection,
    row: &OperationRow,
    done: &Done,
) -> Result<Written> {
    let mut about = row.about;
    let mut result = None;
    match &done.left {
        Left::Nothing | Left::Answer(_) => {}
        Left::Entitlement(record) => {
            let (id, vendor) = (row.connection_id, &row.vendor);
            entitlements::upsert_written(connection, id, vendor, record, WRITE).await?;
        }
        Left::Holders(replaced) => {
            // Told before it is written: afterwards nothing shows who held it.
            let told = replaced.told(connection, row.connection_id).await?;
            if let Some(id) = about.entitlement_id {
                replaced.write(connection, row, id).await?;
            }
            result = Some(serde_json::to_value(told).map_err(Error::internal)?);
        }
        Left::Rows(rows) => {
            for row_done in rows {
                if let Ok(record) = &row_done.outcome {
                    write_account(connection, row, record).await?;
                }
            }
            let told = AccountsUpdated::of(rows.iter().map(AccountUpdated::from).collect());
            result = Some(serde_json::to_value(told).map_err(Error::internal)?);
        }
        Left::Account(record, held) => {
            about.account_id = Some(write_account(connection, row, record).await?);
            for key in held {
                let holder = record.external_key.clone();
                let record = GrantRecord::held(holder, key.clone(), Value::Null);
                let id = write_grant(connection, row, &record).await?;
                grants::set_managed(connection, id, true, None).await?;
            }
        }
        Left::NoAccount => {
            if let Some(id) = about.account_id {
                accounts::tombstone(connection, id, WRITE).await?;
                grants::tombstone_of_account(connection, id, WRITE).await?;
            }
        }
        Left::Grant(record, account) => {
            if let Some(account) = account {
                write_account(connection, row, account).await?;
            }
            let record = rekeyed(connection, about, record).await?;
            let id = write_grant(connection, row, &record).await?;
            about.grant_id = Some(id);
            let displaced = displace(connection, about).await?;
            // What was there already was given by somebody else, and stays theirs.
            if done.effect == Effect::Created {
                grants::set_managed(connection, id, true, displaced).await?;
            }
            grants::settle(connection, id, row.id, true).await?;
        }
        Left::NoGrant(instead, account) => {
            if let Some(account) = account {
                write_account(connection, row, account).await?;
            }
            if let Some(id) = about.grant_id {
                grants::settle(connection, id, row.id, false).await?;
            }
            if let Some(instead) = instead {
                let holder = holder(connection, about).await?;
                let account_key = holder.unwrap_or_else(|| instead.account_key.clone());
                let instead = GrantRecord {
                    account_key,
                    ..(**instead).clone()
                };
                write_grant(connection, row, &instead).await?;
            }
        }
    }
    Ok(Written { about, result })
}

impl From<&Row> for AccountUpdated {
    fn from(row: &Row) -> Self {
        let error = row.outcome.as_ref().err().map(|error| RowError {
            code: error.code,
            detail: error.detail.clone(),
        });
        Self {
            account_id: row.account_id,
            status: match error {
                None => RowStatus::Updated,
                Some(_) => RowStatus::Failed,
            },
            error,
        }
    }
}

/// Marks as gone what a reading proved to be, and with it what was held of it or by it.
pub(super) async fn bury(
    connection: &mut PgConnection,
    row: &OperationRow,
    thing: Thing,
) -> Result<()> {
    let About {
        account_id,
        entitlement_id,
        ..
    } = row.about;
    match (thing, account_id, entitlement_id) {
        (Thing::Account, Some(id), _) => {
            accounts::tombstone(connection, id, READ).await?;
            grants::tombstone_of_account(connection, id, READ).await
        }
        (Thing::Entitlement, _, Some(id)) => {
            copies::tombstone(connection, Noun::Entitlements, id, READ).await?;
            grants::tombstone_of_entitlement(connection, id, READ).await
        }
        _ => Ok(()),
    }
}

/// Where a grant stands again after an act on it that was not done.
pub(super) async fn step_back(
    connection: &mut PgConnection,
    row: &OperationRow,
    kind: Option<OperationKind>,
) -> Result<()> {
    if let (Some(id), Some(kind)) = (row.about.grant_id, kind) {
        grants::step_back(connection, id, row.id, kind).await?;
    }
    Ok(())
}

/// Where a grant stands after a person said how an act on it ended. What moved on meanwhile stays as it is.
pub(super) async fn resolve(
    connection: &mut PgConnection,
    row: &OperationRow,
    succeeded: bool,
) -> Result<()> {
    let kind = OperationKind::parse(&row.kind);
    if !succeeded {
        return step_back(connection, row, kind).await;
    }
    let Some(id) = row.about.grant_id else {
        return Ok(());
    };
    let grant = grants::find(&mut *connection, &Connections::All, id, false).await?;
    match (kind, grant.map(|grant| grant.record.status)) {
        (Some(OperationKind::CreateGrant), Some(GrantStatus::Granting)) => {
            grants::set_status(connection, id, GrantStatus::Active).await?;
            let displaced = displace(connection, row.about).await?;
            grants::set_managed(connection, id, true, displaced).await
        }
        (Some(OperationKind::DeleteGrant), Some(GrantStatus::Revoking)) => {
            grants::settle(connection, id, row.id, false).await
        }
        _ => Ok(()),
    }
}

/// An account holds one entitlement of an exclusive group at a time: the others of the group that it held are gone. Returns
/// the entitlement whose place was taken.
async fn displace(connection: &mut PgConnection, about: About) -> Result<Option<Uuid>> {
    let (Some(account_id), Some(entitlement_id)) = (about.account_id, about.entitlement_id) else {
        return Ok(None);
    };
    let found = entitlements::find(&mut *connection, &Connections::All, entitlement_id, false);
    let Some(group) = found.await?.and_then(|found| found.record.exclusive_group) else {
        return Ok(None);
    };
    let rivals = grants::rivals(&mut *connection, account_id, entitlement_id, &group).await?;
    for rival in &rivals {
        copies::tombstone(connection, Noun::Grants, rival.id, WRITE).await?;
    }
    Ok(rivals.first().map(|rival| rival.entitlement_id))
}

/// The record under the keys that the rows have by now: an invite may have turned into a user meanwhile.
async fn rekeyed(
    connection: &mut PgConnection,
    about: About,
    record: &GrantRecord,
) -> Result<GrantRecord> {
    let mut record = record.clone();
    if let Some(key) = holder(connection, about).await? {
        record.account_key = key;
    }
    Ok(record)
}

async fn holder(connection: &mut PgConnection, about: About) -> Result<Option<ExternalKey>> {
    let Some(id) = about.account_id else {
        return Ok(None);
    };
    let account = accounts::find(connection, &Connections::All, id, false).await?;
    Ok(account.map(|account| account.record.external_key))
}

async fn write_account(
    connection: &mut PgConnection,
    row: &OperationRow,
    record: &AccountRecord,
) -> Result<Uuid> {
    accounts::upsert_written(connection, row.connection_id, &row.vendor, record, WRITE).await
}

async fn write_grant(
    connection: &mut PgConnection,
    row: &OperationRow,
    record: &GrantRecord,
) -> Result<Uuid> {
    // A vendor that takes its time is followed by syncs; what we are about to do is not touched by them.
    let source = match record.status {
        GrantStatus::Active => WRITE,
        _ => READ,
    };
    grants::upsert_written(connection, row.connection_id, &row.vendor, record, source).await
}
