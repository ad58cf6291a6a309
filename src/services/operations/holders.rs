//! What a replacement of all who hold an entitlement changes: among the vendor's holders, and in our copies.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::HoldersReplaced;
use super::subject::Replacement;
use crate::adapters::contract::{Holders, ReplacesGrants};
use crate::domain::{Account, GrantRecord, GrantStatus};
use crate::error::Result;
use crate::store::operations::OperationRow;
use crate::store::{accounts, grants};

/// Who holds an entitlement now, and who did before.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    /// Everybody who holds it now, by account.
    held: BTreeMap<Uuid, GrantRecord>,
    /// Those of them who did not before.
    added: Vec<Uuid>,
    /// Who did before and don't now, as far as our copy has a grant of theirs.
    removed: Vec<Uuid>,
    /// The others, by the vendor's names for them.
    others: Vec<String>,
}

impl Replaced {
    /// What a replacement makes of those who held it before.
    pub(super) fn of(
        replacement: &Replacement,
        api: &dyn ReplacesGrants,
        before: &Holders,
    ) -> Self {
        let Replacement {
            entitlement,
            holders,
            known,
        } = replacement;
        let names_of = |accounts: &[Account]| -> Vec<Vec<String>> {
            let records = accounts.iter().map(|account| &account.record);
            records.map(|record| api.names_of(record)).collect()
        };
        let (names, known_names) = (names_of(holders), names_of(known));
        let gone = Holders {
            holders: before.besides(&names),
        };
        let added = holders.iter().zip(before.include(&names));
        let removed = known.iter().zip(gone.include(&known_names));
        let held = holders.iter().map(|account| {
            let (holder, held) = (&account.record, &entitlement.record);
            let keys = (holder.external_key.clone(), held.external_key.clone());
            (
                account.id,
                GrantRecord::held(keys.0, keys.1, serde_json::Value::Null),
            )
        });
        Self {
            added: added
                .filter(|(_, was)| !was)
                .map(|(one, _)| one.id)
                .collect(),
            removed: removed
                .filter(|(_, was)| *was)
                .map(|(one, _)| one.id)
                .collect(),
            others: gone.besides(&known_names),
            held: held.collect(),
        }
    }

    /// As it is told. A name that is the address of an account here, which our copy had no grant of, is that account's.
    pub(super) async fn told(
        &self,
        connection: &mut PgConnection,
        connection_id: Uuid,
    ) -> Result<HoldersReplaced> {
        let found = accounts::ids_of_emails(connection, connection_id, &self.others).await?;
        let mut told = HoldersReplaced {
            added: self.added.clone(),
            removed: self.removed.clone(),
            removed_unknown: Vec::new(),
        };
        for name in &self.others {
            match found.get(&name.to_lowercase()) {
                Some(id) => told.removed.push(*id),
                None => told.removed_unknown.push(name.clone()),
            }
        }
        Ok(told)
    }

    /// Writes who holds it now to our tables: what was added is managed, and what was there already stays as it was.
    pub(super) async fn write(
        &self,
        connection: &mut PgConnection,
        row: &OperationRow,
        entitlement_id: Uuid,
    ) -> Result<()> {
        let live = grants::live_of_entitlement(&mut *connection, entitlement_id).await?;
        for grant in &live {
            let is_held = self.held.contains_key(&grant.account_id);
            // Most stay as they are.
            if !is_held || grant.record.status != GrantStatus::Active {
                grants::settle(&mut *connection, grant.id, row.id, is_held).await?;
            }
        }
        for (account_id, record) in &self.held {
            let known = live.iter().find(|grant| grant.account_id == *account_id);
            let is_added = self.added.contains(account_id);
            let is_shown = known.is_some_and(|grant| grant.record.status != GrantStatus::Granting);
            if is_shown && !is_added {
                continue;
            }
            let (at, vendor) = (row.connection_id, &row.vendor);
            let id = grants::upsert_written(&mut *connection, at, vendor, record, "write").await?;
            if is_added {
                grants::set_managed(&mut *connection, id, true, None).await?;
            }
            grants::settle(&mut *connection, id, row.id, true).await?;
        }
        Ok(())
    }
}
