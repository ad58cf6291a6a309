//! Renaming groups, which is all that can be changed of what can be held (§6.13).

use async_trait::async_trait;
use serde_json::json;

use super::usable;
use crate::adapters::apono::grants::{changeable_group, turns};
use crate::adapters::apono::pages::malformed;
use crate::adapters::apono::{Api, convert};
use crate::adapters::contract::{AdapterError, Call, Outcome, UpdatesEntitlements};
use crate::domain::{Effect, EntitlementChange, EntitlementRecord};

#[async_trait]
impl UpdatesEntitlements for Api {
    fn turns_of_updating(&self, known: &EntitlementRecord) -> String {
        turns(known)
    }

    fn prepare_update(
        &self,
        known: &EntitlementRecord,
        _change: &EntitlementChange,
    ) -> Result<(), AdapterError> {
        changeable_group(known).map(drop)
    }

    async fn update_entitlement(
        &self,
        call: &Call,
        known: &EntitlementRecord,
        change: &EntitlementChange,
    ) -> Result<Outcome<EntitlementRecord>, AdapterError> {
        let id = changeable_group(known)?;
        let now = self.own_group(call, &id).await?;
        if now.name == change.name {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: now,
            });
        }
        let before = json!({ "name": now.name });
        let raw = self
            .client
            .rename_group(call, &id, &change.name, &before)
            .await?;
        let after = usable(convert::group(raw))?;
        if after.external_key != known.external_key || after.name != change.name {
            return Err(malformed(
                "Apono accepted the new name and answered with another group or name",
            ));
        }
        Ok(Outcome {
            effect: Effect::Updated,
            value: after,
        })
    }
}
