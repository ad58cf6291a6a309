//! What an operation is about, with its rows in our tables.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::Payload;
use crate::adapters::contract::Pair;
use crate::domain::{
    Account, Connections, Entitlement, Grant, GrantRecord, GrantStatus, OperationKind, ThingStatus,
};
use crate::error::{Error, Result};
use crate::services::Services;
use crate::store::operations::{About, OperationRow};
use crate::store::{Store, accounts, entitlements, grants};

/// What an operation is about, as it was when the operation was recorded or begun.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// An account that is not there yet, and what it shall hold from the beginning.
    NewAccount(Vec<Entitlement>),
    /// An account, with the vendor's payload.
    Account(Box<Account>),
    /// Several accounts, with the vendor's payloads, in the order of asking.
    Accounts(Vec<Account>),
    /// An entitlement, with the vendor's payload.
    Entitlement(Box<Entitlement>),
    /// Who holds, or shall hold, what.
    Grant(Box<Holding>),
    /// Who alone shall hold an entitlement.
    Holders(Box<Replacement>),
    /// The connection itself.
    Connection,
}

/// Who holds, or shall hold, what.
#[derive(Clone, Debug)]
pub(crate) struct Holding {
    /// Who, with the vendor's payload.
    pub(crate) account: Account,
    /// What, with the vendor's payload.
    pub(crate) entitlement: Entitlement,
    /// The grant, where there is a row of it.
    pub(crate) grant: Option<Grant>,
    /// The entitlement that the grant took the place of; its end gives it back.
    pub(super) displaced: Option<Entitlement>,
    /// What the account falls back to where nothing was displaced.
    pub(super) rest: Option<Entitlement>,
}

/// Who alone shall hold an entitlement.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    /// What, with the vendor's payload.
    pub(crate) entitlement: Entitlement,
    /// Who, with the vendor's payloads.
    pub(crate) holders: Vec<Account>,
    /// Who holds it as far as our copy knows.
    pub(super) known: Vec<Account>,
}

impl Replacement {
    /// These instead of those who hold it as far as our copy knows.
    pub(crate) async fn of(
        store: &Store,
        entitlement: Entitlement,
        holders: Vec<Account>,
    ) -> Result<Self> {
        let pool = store.background();
        let held = grants::live_of_entitlement(pool, entitlement.id).await?;
        let ids: Vec<Uuid> = held.iter().map(|grant| grant.account_id).collect();
        Ok(Self {
            known: accounts::find_all(pool, &Connections::All, &ids, false).await?,
            entitlement,
            holders,
        })
    }
}

impl Holding {
    /// The two with their grant, and with what takes the place of the entitlement when it is taken away.
    pub(crate) async fn of(
        store: &Store,
        account: Account,
        entitlement: Entitlement,
    ) -> Result<Self> {
        let pool = store.background();
        let grant = grants::find_pair(pool, account.id, entitlement.id).await?;
        let displaced = match grant.as_ref().and_then(|grant| grant.displaced_id) {
            Some(id) => entitlements::find(pool, &Connections::All, id, true).await?,
            None => None,
        };
        let rest = match entitlement.record.exclusive_group.as_deref() {
            Some(group) => entitlements::find_rest(pool, entitlement.connection_id, group).await?,
            None => None,
        };
        Ok(Self {
            displaced: displaced.filter(|other| other.record.status != ThingStatus::Deleted),
            rest: rest.filter(|other| other.id != entitlement.id),
            account,
            entitlement,
            grant,
        })
    }

    /// As an adapter takes it.
    pub(crate) fn pair(&self) -> Pair<'_> {
        Pair {
            account: &self.account.record,
            entitlement: &self.entitlement.record,
        }
    }

    /// Whether our copy says that it is held for certain, and not because of an act that is under way.
    pub(super) fn is_held(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| {
            grant.record.status == GrantStatus::Active && !grant.record.ambiguous
        })
    }

    /// That it is held, and nothing more.
    pub(super) fn record(&self) -> GrantRecord {
        GrantRecord::held(
            self.account.record.external_key.clone(),
            self.entitlement.record.external_key.clone(),
            serde_json::Value::Null,
        )
    }
}

impl Subject {
    /// The subject of a recorded operation, as it is now.
    pub(super) async fn load(
        services: &Services,
        row: &OperationRow,
        kind: OperationKind,
        payload: &Payload,
    ) -> Result<Self> {
        let store = services.store();
        Ok(match kind {
            OperationKind::CreateAccount => {
                let ids = match payload {
                    Payload::Create {
                        entitlement_ids, ..
                    } => entitlement_ids.as_slice(),
                    _ => &[],
                };
                let mut held = Vec::with_capacity(ids.len());
                for id in ids {
                    held.push(find_entitlement(store, row, Some(*id)).await?);
                }
                Self::NewAccount(held)
            }
            OperationKind::UpstreamWrite => Self::Connection,
            OperationKind::UpdateManyAccounts => {
                let ids: Vec<Uuid> = match payload {
                    Payload::UpdateMany { items, .. } => {
                        items.iter().map(|item| item.account_id).collect()
                    }
                    _ => Vec::new(),
                };
                Self::Accounts(find_accounts(store, row, &ids).await?)
            }
            OperationKind::UpdateEntitlement => {
                let entitlement = find_entitlement(store, row, row.about.entitlement_id).await?;
                Self::Entitlement(Box::new(entitlement))
            }
            OperationKind::ReplaceGrants => {
                let ids = match payload {
                    Payload::Replace { account_ids, .. } => account_ids.as_slice(),
                    _ => &[],
                };
                let entitlement = find_entitlement(store, row, row.about.entitlement_id).await?;
                let holders = find_accounts(store, row, ids).await?;
                Self::Holders(Box::new(
                    Replacement::of(store, entitlement, holders).await?,
                ))
            }
            OperationKind::UpdateAccount
            | OperationKind::DeleteAccount
            | OperationKind::ActivateAccount
            | OperationKind::DeactivateAccount => {
                Self::Account(Box::new(find_account(store, row).await?))
            }
            OperationKind::CreateGrant | OperationKind::DeleteGrant => {
                let account = find_account(store, row).await?;
                let entitlement = find_entitlement(store, row, row.about.entitlement_id).await?;
                Self::Grant(Box::new(Holding::of(store, account, entitlement).await?))
            }
        })
    }

    /// The ids of what is there already.
    pub(super) fn about(&self) -> About {
        match self {
            Self::NewAccount(_) | Self::Accounts(_) | Self::Connection => About::default(),
            Self::Entitlement(entitlement) => About {
                entitlement_id: Some(entitlement.id),
                ..About::default()
            },
            Self::Holders(replacement) => About {
                entitlement_id: Some(replacement.entitlement.id),
                ..About::default()
            },
            Self::Account(account) => About {
                account_id: Some(account.id),
                ..About::default()
            },
            Self::Grant(holding) => About {
                account_id: Some(holding.account.id),
                entitlement_id: Some(holding.entitlement.id),
                grant_id: holding.grant.as_ref().map(|grant| grant.id),
            },
        }
    }

    /// Shows in our tables that an act on it is under way, in the transaction that records the act. Returns the ids.
    pub(super) async fn begin(
        &self,
        connection: &mut PgConnection,
        kind: OperationKind,
    ) -> Result<About> {
        let mut about = self.about();
        if let Self::Grant(holding) = self {
            match (kind, about.grant_id) {
                (OperationKind::DeleteGrant, Some(id)) => {
                    grants::begin_revoking(connection, id).await?;
                }
                _ => {
                    let (id, vendor) = (holding.account.connection_id, &holding.account.vendor);
                    let record = holding.record();
                    let id = grants::begin_granting(connection, id, vendor, &record).await?;
                    about.grant_id = Some(id);
                    // Noted now: a sync may see it go before the operation ends.
                    if let Some(group) = &holding.entitlement.record.exclusive_group {
                        let (account, entitlement) = (holding.account.id, holding.entitlement.id);
                        let rivals =
                            grants::rivals(&mut *connection, account, entitlement, group).await?;
                        let displaced = rivals.first().map(|rival| rival.entitlement_id);
                        grants::note_displaced(connection, id, displaced).await?;
                    }
                }
            }
        }
        Ok(about)
    }
}

async fn find_account(store: &Store, row: &OperationRow) -> Result<Account> {
    let found = match row.about.account_id {
        Some(id) => accounts::find(store.background(), &Connections::All, id, true).await?,
        None => None,
    };
    found.ok_or_else(|| missing("account", row.id))
}

/// All of these, in their order.
async fn find_accounts(store: &Store, row: &OperationRow, ids: &[Uuid]) -> Result<Vec<Account>> {
    let found = accounts::find_all(store.background(), &Connections::All, ids, true).await?;
    let mut by_id: HashMap<Uuid, Account> = found
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let found = ids.iter().map(|id| by_id.remove(id));
    let found: Option<Vec<Account>> = found.collect();
    found.ok_or_else(|| missing("account", row.id))
}

async fn find_entitlement(
    store: &Store,
    row: &OperationRow,
    id: Option<Uuid>,
) -> Result<Entitlement> {
    let found = match id {
        Some(id) => entitlements::find(store.background(), &Connections::All, id, true).await?,
        None => None,
    };
    found.ok_or_else(|| missing("entitlement", row.id))
}

fn missing(noun: &str, operation_id: Uuid) -> Error {
    Error::internal(format!(
        "the {noun} of operation {operation_id} is not there"
    ))
}
