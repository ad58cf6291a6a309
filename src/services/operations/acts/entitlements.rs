//! Acts on entitlements themselves.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;

use super::{Deed, Done, Left, Look, Thing, no_slot};
use crate::adapters::contract::{AdapterError, Call};
use crate::domain::{Effect, Entitlement, EntitlementChange, EntitlementRecord};
use crate::services::connected::Connected;
use crate::services::operations::{Payload, Subject};

/// A change of an entitlement.
pub(super) struct EntitlementDeed {
    entitlement: Entitlement,
    change: EntitlementChange,
}

impl EntitlementDeed {
    /// From the stored form; `None` when the parts do not fit each other.
    pub(super) fn open(payload: Payload, subject: Subject) -> Option<Self> {
        match (payload, subject) {
            (Payload::UpdateEntitlement { name }, Subject::Entitlement(entitlement)) => {
                Some(Self {
                    entitlement: *entitlement,
                    change: EntitlementChange { name },
                })
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Deed for EntitlementDeed {
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
        let updater = at.adapter.entitlement_updater().ok_or_else(no_slot)?;
        let outcome = updater
            .update_entitlement(call, &self.entitlement.record, &self.change)
            .await?;
        Ok(done(outcome.effect, outcome.value))
    }

    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        _: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let reader = at.adapter.entitlement_reader().ok_or_else(no_slot)?;
        let key = &self.entitlement.record.external_key;
        Ok(match reader.find_entitlement(call, key).await? {
            None => Look::Gone(Thing::Entitlement),
            Some(read) if read.name == self.change.name => Look::Done(done(Effect::Updated, read)),
            Some(_) => Look::NotDone,
        })
    }
}

fn done(effect: Effect, record: EntitlementRecord) -> Done {
    Done {
        effect,
        left: Left::Entitlement(Box::new(record)),
    }
}
