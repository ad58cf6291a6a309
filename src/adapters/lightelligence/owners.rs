//! Who stays an owner: the tenant's last one, and whom the connection itself logs in as.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::Api;
use super::convert::{self, Held, Named};
use super::settings::MAX_PAGE_SIZE;
use super::walk::walk;
use crate::adapters::contract::{AdapterError, Call, Trouble};

/// What all acts take turns by that may leave the tenant with one owner less: each must see what the one before it did.
pub(super) const FEWER_OWNERS: &str = "removal of a user";

impl Api {
    /// Whose tokens we live by stays: nobody could prove the act any more, nor do anything after it.
    pub(super) async fn refuse_own_login(
        &self,
        call: &Call,
        user: Uuid,
    ) -> Result<(), AdapterError> {
        if self.client.subject(call).await? != Some(user) {
            return Ok(());
        }
        Err(AdapterError::new(
            Trouble::Conflict,
            "this is the user whom the connection itself logs in as: give it the credentials of somebody else first",
        ))
    }

    /// A tenant without an owner could be managed by nobody any more; what the vendor does then is not known (§7).
    pub(super) async fn refuse_last_owner(
        &self,
        call: &Call,
        user: Uuid,
    ) -> Result<(), AdapterError> {
        if self.has_other_owner(call, user).await? {
            return Ok(());
        }
        Err(AdapterError::new(
            Trouble::Conflict,
            "this is the last owner of the tenant, who is never removed and stays an owner: make somebody else an owner first",
        ))
    }

    /// Whether anybody but this user owns the tenant. Users whose rows show no roles are asked about, one by one.
    async fn has_other_owner(&self, call: &Call, user: Uuid) -> Result<bool, AdapterError> {
        let (mut found, mut silent) = (false, Vec::new());
        walk(
            |page| self.client.list_users(call, page, MAX_PAGE_SIZE),
            |raw| {
                match convert::roles_of_user(&raw) {
                    Ok((other, Some(roles))) if other != user => {
                        found = roles.iter().any(Named::is_owner);
                    }
                    Ok((other, None)) if other != user => silent.push(other),
                    // A sync tells of those that can't be read.
                    _ => {}
                }
                if found {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        )
        .await?;
        for other in silent {
            if found {
                break;
            }
            let roles = self.roles_of(call, other).await?.unwrap_or_default();
            found = roles.iter().any(Held::is_owner);
        }
        Ok(found)
    }
}
