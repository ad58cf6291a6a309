//! Members are told by their address, accounts are kept by their id: the way from the one to the other.

use std::collections::HashMap;

use serde_json::Value;

use super::{convert, email_of};
use crate::adapters::apono::Api;
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::domain::{EntitlementRecord, ExternalKey, GrantRecord};

/// So few are looked for one by one; for more, the one list of everybody costs less.
const FEW: usize = 3;

impl Api {
    /// The members of a group as grants.
    pub(super) async fn held(
        &self,
        call: &Call,
        group: &EntitlementRecord,
        members: Vec<Value>,
        defects: &mut Vec<String>,
    ) -> Result<Vec<GrantRecord>, AdapterError> {
        let everybody = if members.len() > FEW {
            self.everybody(call).await?
        } else {
            HashMap::new()
        };
        let mut grants = Vec::with_capacity(members.len());
        for member in members {
            let Some(email) = email_of(&member) else {
                defects.push("a member of a group has no address".to_owned());
                continue;
            };
            let key = match everybody.get(&email.to_lowercase()) {
                Some(key) => Some(key.clone()),
                None => self.user_of(call, &email).await?,
            };
            match key {
                Some(key) => grants.push(convert::member(key, group, &email)),
                None => defects.push("a member of a group is no user whom Apono knows".to_owned()),
            }
        }
        Ok(grants)
    }

    /// Everybody by address, from the list that shows all at once: the current one has no way to ask for an address (§7.10).
    async fn everybody(&self, call: &Call) -> Result<HashMap<String, ExternalKey>, AdapterError> {
        let listed = self.client.legacy_users(call).await?;
        let users = listed.data.into_iter();
        let users = users.filter_map(|raw| convert::user(raw).ok());
        Ok(users
            .filter_map(|user| Some((user.email?.to_lowercase(), user.external_key)))
            .collect())
    }

    /// One user by an address, which the legacy API takes for an id.
    async fn user_of(&self, call: &Call, email: &str) -> Result<Option<ExternalKey>, AdapterError> {
        if matches!(email, "." | "..") {
            return Ok(None);
        }
        match self.client.legacy_user(call, email).await {
            Ok(raw) => Ok(convert::user(raw).ok().map(|user| user.external_key)),
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
