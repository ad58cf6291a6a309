//! Switching accounts on and off, and removing them. The answer's `status` counts, never the legacy flags (contract §B7).

use async_trait::async_trait;
use serde_json::{Value, json};

use super::client::Written;
use super::read::account_id;
use super::wire::StatusAnswer;
use super::{Connector, convert};
use crate::adapters::contract::{
    ActivatesAccounts, AdapterError, Call, DeactivatesAccounts, DeletesAccounts, Outcome,
    ReadsAccounts, SideEffect, Trouble,
};
use crate::domain::{AccountRecord, AccountStatus, Effect};

#[async_trait]
impl ActivatesAccounts for Connector {
    async fn activate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        let id = account_id(&known.external_key)?;
        let written = self
            .client
            .activate_account(call, &id, &before(known))
            .await?;
        // PENDING: the person still has to follow an invitation, the connector has done its part.
        self.changed(call, known, &id, &written, "activate_account", |status| {
            matches!(status, AccountStatus::Active | AccountStatus::Pending)
        })
        .await
    }
}

#[async_trait]
impl DeactivatesAccounts for Connector {
    async fn deactivate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        let id = account_id(&known.external_key)?;
        let written = self
            .client
            .deactivate_account(call, &id, &before(known))
            .await?;
        // Which of its inactive states a connector gives is its choice (contract §B7). An unknown word is none of them.
        self.changed(call, known, &id, &written, "deactivate_account", |status| {
            !matches!(status, AccountStatus::Active | AccountStatus::Unknown)
        })
        .await
    }
}

#[async_trait]
impl DeletesAccounts for Connector {
    fn turns_of_removal(&self, _known: &AccountRecord) -> Option<&'static str> {
        None
    }

    async fn delete_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<()>, AdapterError> {
        let id = account_id(&known.external_key)?;
        let written = match self.client.delete_account(call, &id, &before(known)).await {
            Ok(written) => written,
            Err(error) => {
                self.confirm_gone(call, error).await?;
                return Ok(Outcome {
                    effect: Effect::Noop,
                    value: (),
                });
            }
        };
        let word = written.response.status.as_deref().unwrap_or("none");
        if convert::known_status(word) != Some(AccountStatus::Deleted) {
            // Only a reading can tell whether this word means that the access is gone.
            match self.find_account(call, &known.external_key).await {
                Ok(None) => {}
                _ => return Err(not_done("delete_account", word)),
            }
        }
        let effect = written.summary.effect.as_deref().and_then(convert::effect);
        Ok(Outcome {
            effect: effect.unwrap_or(Effect::Deleted),
            value: (),
        })
    }
}

impl Connector {
    /// The outcome of a change of state, when the answered status is a `wanted` one.
    async fn changed(
        &self,
        call: &Call,
        known: &AccountRecord,
        id: &str,
        written: &Written<StatusAnswer>,
        capability: &str,
        wanted: fn(AccountStatus) -> bool,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        let word = written.response.status.as_deref();
        let status = word.and_then(convert::known_status);
        let status = status
            .filter(|status| wanted(*status))
            .ok_or_else(|| not_done(capability, word.unwrap_or("none")))?;
        let said = written.summary.effect.as_deref().and_then(convert::effect);
        let already = known.vendor_status.as_deref() == word;
        let effect = said.unwrap_or(if already {
            Effect::Noop
        } else {
            Effect::Updated
        });
        let read = self
            .read_back(call, id, |record| record.status == status)
            .await
            .filter(|record| record.status == status);
        // A reading that lags behind the answer is not worth more than the answer.
        let record = read.unwrap_or_else(|| AccountRecord {
            status,
            vendor_status: word.map(str::to_owned),
            ..known.clone()
        });
        Ok(Outcome {
            effect,
            value: Some(record),
        })
    }
}

fn before(known: &AccountRecord) -> Value {
    json!({ "status": known.vendor_status })
}

/// The connector took the call, and its answer does not say that it is done.
fn not_done(capability: &str, word: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Rejected,
        format!("the connector answered `{capability}` with the status `{word}`, which is not what was asked for"),
    )
    .with_effect(SideEffect::Unknown)
}
