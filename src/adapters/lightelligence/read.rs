//! Listing and reading accounts: the tenant's users, and the open invites of those who will be.

use std::ops::ControlFlow;

use async_trait::async_trait;
use uuid::Uuid;

use super::Api;
use super::convert::{self, Key};
use super::place::{Part, Place};
use super::settings::MAX_PAGE_SIZE;
use super::walk::walk;
use crate::adapters::contract::{
    AdapterError, Call, FindsSuccessors, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::domain::{AccountRecord, ExternalKey};

#[async_trait]
impl ListsAccounts for Api {
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            Some(cursor) => Place::parse(cursor).ok_or_else(|| {
                AdapterError::invalid("/cursor", "the cursor is not of a Lightelligence listing")
            })?,
            // Counted first, so that the total is the same on every page of both parts while nothing changes.
            None => Place {
                part: Part::Users,
                page: 0,
                size: page.size.clamp(1, MAX_PAGE_SIZE),
                count: Some(self.open_invites(call).await?.len() as u64),
            },
        };
        let listing = match place.part {
            Part::Users => self.client.list_users(call, place.page, place.size).await?,
            Part::Invites => {
                self.client
                    .list_invites(call, place.page, place.size)
                    .await?
            }
        };
        Ok(place.page(listing))
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        match convert::key(key).ok_or_else(not_ours)? {
            Key::User(id) => self.find_user(call, id).await,
            Key::Invite(id) => self.find_invite(call, id).await,
        }
    }
}

#[async_trait]
impl FindsSuccessors for Api {
    async fn find_successor(
        &self,
        call: &Call,
        gone: &AccountRecord,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        match (convert::key(&gone.external_key), &gone.email) {
            (Some(Key::Invite(_)), Some(email)) => self.user_by_email(call, email).await,
            _ => Ok(None),
        }
    }
}

impl Api {
    /// The user with this id. The vendor reads no single user of a tenant (§4), and its 404 hides as much as it tells (§3):
    /// a user is gone only if this very credential sees all users but not this one, and the vendor knows no roles of theirs.
    pub(super) async fn find_user(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let key = convert::user_key(id);
        let found = self
            .first_user(call, |user| user.external_key == key)
            .await?;
        if found.is_some() {
            return Ok(found);
        }
        match self.client.user_roles(call, id).await {
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Err(AdapterError::new(
                Trouble::Malformed,
                "Lightelligence lists no such user and knows the user's roles: the listing moved while it was read",
            )),
        }
    }

    /// The open invite with this id; two readings of all of them must agree that there is none.
    async fn find_invite(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let key = convert::invite_key(id);
        for _ in 0..2 {
            let mut open = self.open_invites(call).await?;
            open.retain(|invite| invite.external_key == key);
            if let Some(invite) = open.pop() {
                return Ok(Some(invite));
            }
        }
        Ok(None)
    }

    /// The user with this e-mail.
    pub(super) async fn user_by_email(
        &self,
        call: &Call,
        email: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        self.first_user(call, |user| convert::has_email(user, email))
            .await
    }

    /// The first user that is wanted, of all users of the tenant.
    pub(super) async fn first_user(
        &self,
        call: &Call,
        is_wanted: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let mut found = None;
        walk(
            |page| self.client.list_users(call, page, MAX_PAGE_SIZE),
            |raw| match convert::user(raw) {
                Ok(user) if is_wanted(&user) => {
                    found = Some(user);
                    ControlFlow::Break(())
                }
                // A sync tells of those that can't be read.
                _ => ControlFlow::Continue(()),
            },
        )
        .await?;
        Ok(found)
    }

    /// Every open invite of the tenant.
    pub(super) async fn open_invites(
        &self,
        call: &Call,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let mut open = Vec::new();
        walk(
            |page| self.client.list_invites(call, page, MAX_PAGE_SIZE),
            |raw| {
                open.extend(convert::invite(raw).unwrap_or_default());
                ControlFlow::Continue(())
            },
        )
        .await?;
        Ok(open)
    }
}

pub(super) fn not_ours() -> AdapterError {
    AdapterError::new(
        Trouble::Invalid,
        "the key is not of a Lightelligence user or invite",
    )
}
