//! All the members of a group at once (§7.10).

use async_trait::async_trait;
use serde_json::json;

use super::{address, changeable_group, turns};
use crate::adapters::apono::Api;
use crate::adapters::apono::convert::{self, EntitlementKey};
use crate::adapters::apono::pages::malformed;
use crate::adapters::contract::{AdapterError, Call, Holders, Outcome, ReplacesGrants, Trouble};
use crate::domain::{AccountRecord, Effect, EntitlementRecord};

#[async_trait]
impl ReplacesGrants for Api {
    fn turns_of_replacing(&self, entitlement: &EntitlementRecord) -> String {
        turns(entitlement)
    }

    fn names_of(&self, account: &AccountRecord) -> Vec<String> {
        convert::emails(account)
    }

    fn prepare_replacement(
        &self,
        entitlement: &EntitlementRecord,
        holders: &[AccountRecord],
    ) -> Result<(), AdapterError> {
        changeable_group(entitlement)?;
        if holders.is_empty() {
            return Err(AdapterError::invalid(
                "/account_ids",
                "Apono keeps no group without a member: name at least one account, or delete the group there",
            ));
        }
        let mut addresses: Vec<String> = Vec::with_capacity(holders.len());
        for (index, holder) in holders.iter().enumerate() {
            let pointer = format!("/account_ids/{index}");
            let email = address(holder).map_err(|error| error.at(&pointer))?;
            let email = email.to_lowercase();
            if addresses.contains(&email) {
                let words = "has the e-mail address of another one, and that is what Apono tells members by";
                return Err(AdapterError::invalid(&pointer, words));
            }
            addresses.push(email);
        }
        Ok(())
    }

    async fn find_holders(
        &self,
        call: &Call,
        entitlement: &EntitlementRecord,
    ) -> Result<Option<Holders>, AdapterError> {
        let Some(EntitlementKey::Group(id)) = EntitlementKey::read(&entitlement.external_key)
        else {
            return Err(AdapterError::new(
                Trouble::Unsupported,
                "Apono shows who is in a group; who holds anything else only the holders can see",
            ));
        };
        let mut holders = Vec::new();
        let every = |email: &str| {
            holders.push(email.to_owned());
            false
        };
        let read = self.each_member(call, &id, every).await?;
        Ok(read.map(|()| Holders { holders }))
    }

    async fn replace_grants(
        &self,
        call: &Call,
        entitlement: &EntitlementRecord,
        holders: &[AccountRecord],
    ) -> Result<Outcome<Holders>, AdapterError> {
        let id = changeable_group(entitlement)?;
        let emails = holders
            .iter()
            .map(address)
            .collect::<Result<Vec<&str>, AdapterError>>()?;
        let names: Vec<Vec<String>> = holders.iter().map(convert::emails).collect();
        let before = self.find_holders(call, entitlement).await?;
        let before =
            before.ok_or_else(|| AdapterError::new(Trouble::NotFound, "the group is gone"))?;
        let outcome = |effect, value| Ok(Outcome { effect, value });
        if before.are(&names) {
            return outcome(Effect::Noop, before);
        }
        self.own_group(call, &id).await?;
        self.client
            .replace_members(call, &id, &emails, &json!(before))
            .await?;
        match self.find_holders(call, entitlement).await? {
            Some(after) if after.are(&names) => outcome(Effect::Updated, before),
            _ => Err(malformed(
                "Apono accepted the members and shows others in the group",
            )),
        }
    }
}
