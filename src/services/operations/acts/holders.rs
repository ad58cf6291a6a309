//! Replacing all who hold an entitlement.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::{Deed, Done, Left, Look, Thing, no_slot};
use crate::adapters::contract::{AdapterError, Call, Holders};
use crate::domain::{AccountRecord, Effect};
use crate::services::connected::Connected;
use crate::services::operations::Subject;
use crate::services::operations::holders::Replaced;
use crate::services::operations::subject::Replacement;

/// A replacement of all who hold an entitlement.
pub(super) struct ReplaceDeed(Box<Replacement>);

impl ReplaceDeed {
    /// From the stored form; `None` when the parts do not fit each other.
    pub(super) fn open(subject: Subject) -> Option<Self> {
        match subject {
            Subject::Holders(replacement) => Some(Self(replacement)),
            _ => None,
        }
    }

    fn holders(&self) -> Vec<AccountRecord> {
        let accounts = self.0.holders.iter();
        accounts.map(|account| account.record.clone()).collect()
    }
}

#[async_trait]
impl Deed for ReplaceDeed {
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
        let replacer = at.adapter.grant_replacer().ok_or_else(no_slot)?;
        let entitlement = &self.0.entitlement.record;
        let outcome = replacer
            .replace_grants(call, entitlement, &self.holders())
            .await?;
        let replaced = Replaced::of(&self.0, &**replacer, &outcome.value);
        Ok(done(outcome.effect, replaced))
    }

    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        before: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let replacer = at.adapter.grant_replacer().ok_or_else(no_slot)?;
        let entitlement = &self.0.entitlement.record;
        let Some(read) = replacer.find_holders(call, entitlement).await? else {
            return Ok(Look::Gone(Thing::Entitlement));
        };
        let names: Vec<Vec<String>> = self
            .holders()
            .iter()
            .map(|holder| replacer.names_of(holder))
            .collect();
        if !read.are(&names) {
            return Ok(Look::NotDone);
        }
        let before = before.and_then(marked).unwrap_or(read);
        let replaced = Replaced::of(&self.0, &**replacer, &before);
        Ok(Look::Done(done(Effect::Updated, replaced)))
    }

    fn foresees(&self, at: &Connected, before: &Value) -> Option<Replaced> {
        let replacer = at.adapter.grant_replacer()?;
        Some(Replaced::of(&self.0, &**replacer, &marked(before)?))
    }
}

/// Who held it, as recorded with the mark.
fn marked(before: &Value) -> Option<Holders> {
    Holders::deserialize(before).ok()
}

fn done(effect: Effect, replaced: Replaced) -> Done {
    Done {
        effect,
        left: Left::Holders(Box::new(replaced)),
    }
}
