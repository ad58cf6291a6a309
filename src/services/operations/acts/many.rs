//! Changing attributes of several accounts by one request, each of which may fail by itself.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::{Deed, Done, Left, Look, Row, no_slot};
use crate::adapters::contract::{AdapterError, Call};
use crate::domain::{AttributesChange, Effect};
use crate::error::{Code, Error};
use crate::services::connected::Connected;
use crate::services::operations::{Payload, Subject};

/// A change of several accounts.
pub(super) struct ManyDeed {
    ids: Vec<Uuid>,
    changes: Vec<AttributesChange>,
}

impl ManyDeed {
    /// From the stored form; `None` when the parts do not fit each other.
    pub(super) fn open(payload: Payload, subject: Subject) -> Option<Self> {
        let (Payload::UpdateMany { items, .. }, Subject::Accounts(accounts)) = (payload, subject)
        else {
            return None;
        };
        if items.len() != accounts.len() {
            return None;
        }
        let changes = items.into_iter().zip(&accounts);
        Some(Self {
            ids: accounts.iter().map(|account| account.id).collect(),
            changes: changes
                .map(|(item, account)| AttributesChange {
                    account: account.record.clone(),
                    attributes: item.attributes,
                })
                .collect(),
        })
    }
}

#[async_trait]
impl Deed for ManyDeed {
    fn effect(&self) -> Effect {
        Effect::Updated
    }

    /// It sets a state.
    fn is_idempotent(&self, _: &Connected) -> bool {
        true
    }

    fn secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    async fn perform(&self, at: &Connected, call: &Call) -> Result<Done, AdapterError> {
        let updater = at.adapter.many_accounts_updater().ok_or_else(no_slot)?;
        let outcome = updater.update_accounts(call, &self.changes).await?;
        let rows = self.ids.iter().zip(outcome.value);
        let rows = rows.map(|(account_id, outcome)| Row {
            account_id: *account_id,
            outcome: outcome.map(Box::new).map_err(|error| at.explain(error)),
        });
        Ok(Done {
            effect: outcome.effect,
            left: Left::Rows(rows.collect()),
        })
    }

    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        _: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let updater = at.adapter.many_accounts_updater().ok_or_else(no_slot)?;
        let shown = updater.find_updates(call, &self.changes).await?;
        let (all, done) = (shown.len(), shown.iter().flatten().count());
        let rows = self.ids.iter().zip(shown).map(|(account_id, shown)| Row {
            account_id: *account_id,
            outcome: shown.map(Box::new).ok_or_else(not_changed),
        });
        let left = Left::Rows(rows.collect());
        let effect = Effect::Updated;
        Ok(match done {
            0 => Look::NotDone,
            done if done == all => Look::Done(Done { effect, left }),
            _ => Look::Partly(Done { effect, left }),
        })
    }
}

fn not_changed() -> Error {
    Error::new(
        Code::UpstreamUnavailable,
        "The vendor gave no clear answer, and two readings show that this account was not changed. You may ask again.",
    )
}
