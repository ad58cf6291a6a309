//! Reading one thing anew, and keeping what the vendor says.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tracing::debug;
use uuid::Uuid;

use super::{Aged, MaxAge};
use crate::adapters::contract::{AdapterError, Call, Pair, Trouble};
use crate::domain::{
    AccountRecord, Caller, Connections, EntitlementRecord, GrantRecord, Noun, ResourceRecord,
};
use crate::error::{Error, Result};
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::store::{accounts, copies, entitlements, grants, resources};

/// Reads one thing anew, together with whoever else asks for it meanwhile.
pub(super) async fn anew(
    services: &Services,
    caller: &Caller,
    noun: Noun,
    thing: Aged,
    max_age: &MaxAge,
) -> Result<()> {
    let id = thing.connection_id.to_string();
    let connected = connected::open(services, &caller.connections, &id).await?;
    connected.require(noun.reading())?;
    let request_id = max_age.request_id.clone();
    let owned = services.clone();
    services
        .flights()
        .share(services.ledger(), thing.id, async move {
            read(&owned, &connected, noun, thing.id, &request_id).await
        })
        .await
}

/// Reads one thing anew for nobody in particular.
///
/// # Errors
/// The vendor's trouble; a connection that can't read single things of this noun.
pub(in crate::services) async fn again(
    services: &Services,
    connected: &Connected,
    noun: Noun,
    id: Uuid,
    request_id: &str,
) -> Result<()> {
    connected.require(noun.reading())?;
    read(services, connected, noun, id, request_id).await
}

/// What a vendor says of one thing.
enum Said {
    Resource(ResourceRecord),
    Entitlement(EntitlementRecord),
    Account(AccountRecord),
    Grant(GrantRecord),
}

type Answer = Result<Option<Said>, AdapterError>;

/// Asks the vendor for one thing and keeps what it says, unless something was written to our copy since it was asked.
async fn read(
    services: &Services,
    connected: &Connected,
    noun: Noun,
    id: Uuid,
    request_id: &str,
) -> Result<()> {
    let known = Known::find(services, noun, id).await?;
    let asked_at = services.store().now().await?;
    let call = connected::reading(services, request_id);
    let said = known.ask(connected, &call).await;
    let vendor = &connected.row.vendor;
    let outcome = match &said {
        Ok(Some(_)) => "found",
        Ok(None) => "gone",
        Err(_) => "failed",
    };
    metrics::counter!("iam_gateway_read_through_total", "vendor" => vendor.clone(), "outcome" => outcome)
        .increment(1);
    debug!(%noun, id = %id, vendor, outcome, "Read {} {id} anew: {outcome}", noun.singular());
    let said = said.map_err(|error| connected.explain(error))?;
    let mut transaction = services.store().begin_background().await?;
    match said {
        Some(said) => keep(&mut transaction, connected, said, asked_at).await?,
        None => copies::tombstone_read(&mut transaction, noun, id, asked_at).await?,
    }
    transaction.commit().await?;
    Ok(())
}

/// What we have of the thing, as far as it takes to ask for it.
enum Known {
    Resource(ResourceRecord),
    Entitlement(EntitlementRecord),
    Account(AccountRecord),
    Grant(AccountRecord, EntitlementRecord),
}

impl Known {
    async fn find(services: &Services, noun: Noun, id: Uuid) -> Result<Self> {
        let pool = services.store().background();
        let all = &Connections::All;
        let known = match noun {
            Noun::Resources => resources::find(pool, all, id, false)
                .await?
                .map(|row| Self::Resource(row.record)),
            Noun::Entitlements => entitlements::find(pool, all, id, false)
                .await?
                .map(|row| Self::Entitlement(row.record)),
            Noun::Accounts => accounts::find(pool, all, id, false)
                .await?
                .map(|row| Self::Account(row.record)),
            Noun::Grants => match grants::find(pool, all, id, false).await? {
                Some(grant) => {
                    let account = accounts::find(pool, all, grant.account_id, true).await?;
                    let entitlement =
                        entitlements::find(pool, all, grant.entitlement_id, true).await?;
                    account
                        .zip(entitlement)
                        .map(|(account, held)| Self::Grant(account.record, held.record))
                }
                None => None,
            },
        };
        known.ok_or_else(|| Error::not_found(noun.singular()))
    }

    async fn ask(&self, connected: &Connected, call: &Call) -> Answer {
        let adapter = &connected.adapter;
        match self {
            Self::Resource(known) => {
                let reader = adapter.resource_reader().ok_or_else(lost)?;
                let found = reader.find_resource(call, &known.external_key).await?;
                Ok(found.map(Said::Resource))
            }
            Self::Entitlement(known) => {
                let reader = adapter.entitlement_reader().ok_or_else(lost)?;
                let found = reader.find_entitlement(call, &known.external_key).await?;
                Ok(found.map(Said::Entitlement))
            }
            Self::Account(known) => Ok(connected.find(call, known).await?.map(Said::Account)),
            Self::Grant(account, entitlement) => {
                let reader = adapter.grant_reader().ok_or_else(lost)?;
                let pair = Pair {
                    account,
                    entitlement,
                };
                Ok(reader.find_grant(call, pair).await?.map(Said::Grant))
            }
        }
    }
}

fn lost() -> AdapterError {
    AdapterError::new(
        Trouble::Unsupported,
        "This connection can't read such things one by one any more.",
    )
}

async fn keep(
    transaction: &mut PgConnection,
    connected: &Connected,
    said: Said,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let (id, vendor) = (connected.row.id, connected.row.vendor.as_str());
    match said {
        Said::Resource(record) => {
            resources::upsert_read(transaction, id, vendor, &record, asked_at).await
        }
        Said::Entitlement(record) => {
            entitlements::upsert_read(transaction, id, vendor, &record, asked_at).await
        }
        Said::Account(record) => {
            accounts::upsert_read(transaction, id, vendor, &record, asked_at).await
        }
        Said::Grant(record) => {
            grants::upsert_read(transaction, id, vendor, &record, asked_at).await
        }
    }
}
