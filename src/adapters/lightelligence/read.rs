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
                count: Some(self.open_invites(call).await?.records.len() as u64),
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
        Ok(place.page(self.settings.tenant_id, listing))
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
            Key::Tenant(_) | Key::Role(_) | Key::Permission(_) => Err(not_ours()),
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
        match self.client.user_roles(call, id, 0, MAX_PAGE_SIZE).await {
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(_) => Err(AdapterError::new(
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
            let open = self.open_invites(call).await?;
            let mut same = open.matching(|invite| invite.external_key == key)?;
            if let Some(invite) = same.pop() {
                return Ok(Some(invite));
            }
        }
        Ok(None)
    }

    /// The user with this e-mail; `None` only if every user could be read.
    pub(super) async fn user_by_email(
        &self,
        call: &Call,
        email: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        self.only_user(call, |user| convert::has_email(user, email))
            .await
    }

    /// The first user that is wanted; `None` only if every user could be read.
    pub(super) async fn only_user(
        &self,
        call: &Call,
        is_wanted: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let mut odd = None;
        let found = self.search_users(call, is_wanted, &mut odd).await?;
        match (found, odd) {
            (None, Some(defect)) => Err(illegible(&defect)),
            (found, _) => Ok(found),
        }
    }

    /// The first user that is wanted, of all users of the tenant that can be read.
    async fn first_user(
        &self,
        call: &Call,
        is_wanted: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        // A sync tells of those that can't be read.
        self.search_users(call, is_wanted, &mut None).await
    }

    /// The first user that is wanted; what is wrong with the first that can't be read goes into `odd`.
    async fn search_users(
        &self,
        call: &Call,
        is_wanted: impl Fn(&AccountRecord) -> bool + Send,
        odd: &mut Option<String>,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let mut found = None;
        walk(
            |page| self.client.list_users(call, page, MAX_PAGE_SIZE),
            |raw| match convert::user(self.settings.tenant_id, raw) {
                Ok(user) if is_wanted(&user) => {
                    found = Some(user);
                    ControlFlow::Break(())
                }
                Ok(_) => ControlFlow::Continue(()),
                Err(defect) => {
                    odd.get_or_insert(defect);
                    ControlFlow::Continue(())
                }
            },
        )
        .await?;
        Ok(found)
    }

    /// Every open invite of the tenant.
    pub(super) async fn open_invites(&self, call: &Call) -> Result<Legible, AdapterError> {
        let mut open = Legible::default();
        walk(
            |page| self.client.list_invites(call, page, MAX_PAGE_SIZE),
            |raw| {
                match convert::invite(self.settings.tenant_id, raw) {
                    Ok(invite) => open.records.extend(invite),
                    Err(defect) => {
                        open.odd.get_or_insert(defect);
                    }
                }
                ControlFlow::Continue(())
            },
        )
        .await?;
        Ok(open)
    }
}

/// What could be read of a whole listing.
#[derive(Default)]
pub(super) struct Legible {
    pub(super) records: Vec<AccountRecord>,
    /// What is wrong with the first item that could not.
    odd: Option<String>,
}

impl Legible {
    /// The records that are wanted.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] when there is none and an item could not be read: it may be the one.
    pub(super) fn matching(
        mut self,
        is_wanted: impl Fn(&AccountRecord) -> bool,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        self.records.retain(is_wanted);
        match self.odd {
            Some(defect) if self.records.is_empty() => Err(illegible(&defect)),
            _ => Ok(self.records),
        }
    }
}

pub(super) fn illegible(defect: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!(
            "Lightelligence lists something that can't be read, so what it does not list may be there: {defect}"
        ),
    )
}

pub(super) fn not_ours() -> AdapterError {
    AdapterError::new(
        Trouble::Invalid,
        "the key is not of a Lightelligence user or invite",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invite_that_can_not_be_read_may_be_the_one_that_is_looked_for() {
        let raw = json!({"id": "11111111-1111-4111-8111-111111111111", "receiverEmail": "ann@example.test"});
        let ann = convert::invite(Uuid::nil(), raw).unwrap().unwrap();
        let listed = |odd: Option<&str>| Legible {
            records: vec![ann.clone()],
            odd: odd.map(str::to_owned),
        };
        let is =
            |email: &'static str| move |invite: &AccountRecord| convert::has_email(invite, email);
        assert_eq!(listed(None).matching(is("ben@example.test")), Ok(vec![]));
        let odd = Some("it has no usable `id`");
        assert_eq!(
            listed(odd).matching(is("ann@example.test")),
            Ok(vec![ann.clone()])
        );
        let unproven = listed(odd).matching(is("ben@example.test")).unwrap_err();
        assert_eq!(unproven.trouble, Trouble::Malformed);
    }
}
