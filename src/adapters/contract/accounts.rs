//! The account capabilities, one trait each. No default bodies: a slot is filled whole or not at all.
//!
//! The order of a write is always: `prepare_…` (pure, before anything is stored), then readings, then the one mutating
//! request, which the transport marks as sent. After a crash or an unclear answer the ledger reads before it repeats.

use async_trait::async_trait;
use serde_json::Value;

use super::{AdapterError, Call, Outcome, Page, PageRequest};
use crate::domain::{AccountChange, AccountRecord, AttributesChange, ExternalKey, NewAccount};

/// Lists the accounts of a connection.
#[async_trait]
pub trait ListsAccounts: Send + Sync {
    /// One page; the caller loops and may stop and resume at any cursor.
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError>;
}

/// Reads one account.
#[async_trait]
pub trait ReadsAccounts: Send + Sync {
    /// The account, or `None` when the vendor's answer proves that it is gone.
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError>;
}

/// How a reading proves that an account was made by one certain request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateProof {
    /// We choose the id (the operation's), so its presence proves it, and repeating the request is safe.
    ChosenId,
    /// It was absent before, and exactly one match is there now.
    OneNewMatch,
}

/// Creates accounts.
#[async_trait]
pub trait CreatesAccounts: Send + Sync {
    /// How a reading proves a creation at this vendor.
    fn create_proof(&self) -> CreateProof;

    /// Checks the input without any I/O and returns what makes the new account unique at the vendor (its login,
    /// say): one creation per such key runs at a time.
    ///
    /// # Errors
    /// [`super::Trouble::Invalid`] or [`super::Trouble::Unsupported`] with the pointer of the field: nothing is dropped silently.
    fn prepare_create(&self, new: &NewAccount) -> Result<String, AdapterError>;

    /// The accounts at the vendor that match the new one: by the chosen id, else by what makes it unique.
    async fn find_matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError>;

    /// Sends the creation. `before` is what [`CreatesAccounts::find_matches`] saw (empty for [`CreateProof::ChosenId`]),
    /// recorded with the mark.
    async fn create_account(
        &self,
        call: &Call,
        new: &NewAccount,
        before: &[ExternalKey],
    ) -> Result<Outcome<AccountRecord>, AdapterError>;
}

/// Whether a reading shows a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Every changed field is as asked.
    Yes,
    /// At least one is not.
    No,
    /// It can't tell, and why, in words.
    Hidden(&'static str),
}

impl Shown {
    /// What a reading that does or does not show a change as asked proves about it, at a vendor that shows attributes under the
    /// names by which they are changed.
    pub fn by(is_shown: bool, read: &AccountRecord, change: &AccountChange) -> Self {
        let missing = |(name, asked): (&String, &Value)| {
            !asked.is_null() && !read.attributes.contains_key(name.as_str())
        };
        if is_shown {
            Self::Yes
        } else if change.password.is_some() {
            Self::Hidden("no reading shows a password")
        } else if change.attributes.iter().any(missing) {
            Self::Hidden("the reading does not show every attribute that was to be changed")
        } else {
            Self::No
        }
    }
}

/// Changes fields of an account.
#[async_trait]
pub trait UpdatesAccounts: Send + Sync {
    /// What changes take turns by over all replicas, where one request may change several accounts. `None`: each account by
    /// itself.
    fn turns_of_updating(&self) -> Option<&'static str>;

    /// Checks the change without any I/O against the account as we know it.
    ///
    /// # Errors
    /// As [`CreatesAccounts::prepare_create`].
    fn prepare_update(
        &self,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<(), AdapterError>;

    /// Whether the account, which was just read, shows every changed field as asked; where it does not show such fields, another
    /// reading is made that does. Fields that no reading shows (a password) are [`Shown::Hidden`].
    async fn shows_update(
        &self,
        call: &Call,
        read: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Shown, AdapterError>;

    /// Sends the change; repeating it is safe. Answers the account as it is afterwards.
    async fn update_account(
        &self,
        call: &Call,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Outcome<AccountRecord>, AdapterError>;
}

/// What became of the change of one account of several: the account as it is afterwards, or why it was not changed.
pub type RowOutcome = Result<AccountRecord, AdapterError>;

/// Changes attributes of several accounts by one request, each of which may fail by itself.
#[async_trait]
pub trait UpdatesManyAccounts: Send + Sync {
    /// What such changes take turns by, over all replicas. Single ones take turns by the same word
    /// ([`UpdatesAccounts::turns_of_updating`]).
    fn turns_of_updating_many(&self) -> &'static str;

    /// Checks the changes without any I/O.
    ///
    /// # Errors
    /// As [`CreatesAccounts::prepare_create`]; the pointer of a change begins with `/items/N`.
    fn prepare_updates(&self, changes: &[AttributesChange]) -> Result<(), AdapterError>;

    /// Reads which of the changes show as asked, in their order: the account as it is then, or `None`.
    async fn find_updates(
        &self,
        call: &Call,
        changes: &[AttributesChange],
    ) -> Result<Vec<Option<AccountRecord>>, AdapterError>;

    /// Sends the changes that are not so already by the one mutating request; repeating it is safe. The value is what became of
    /// each, in their order. Where the answer leaves one open and no reading shows it, the whole is an error with an unknown
    /// side effect.
    async fn update_accounts(
        &self,
        call: &Call,
        changes: &[AttributesChange],
    ) -> Result<Outcome<Vec<RowOutcome>>, AdapterError>;
}

/// Removes accounts.
#[async_trait]
pub trait DeletesAccounts: Send + Sync {
    /// What removals take turns by over all replicas, where one must see what another one did: a tenant that must keep an
    /// owner, say. `None`: each account by itself.
    fn turns_of_removal(&self, known: &AccountRecord) -> Option<&'static str>;

    /// Sends the removal; repeating it is safe, and what is gone already is a [`crate::domain::Effect::Noop`].
    async fn delete_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<()>, AdapterError>;
}

/// Makes accounts active.
#[async_trait]
pub trait ActivatesAccounts: Send + Sync {
    /// Sends the activation; repeating it is safe. The value is the account where the vendor's answer shows it.
    async fn activate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError>;
}

/// Makes accounts inactive.
#[async_trait]
pub trait DeactivatesAccounts: Send + Sync {
    /// Sends the deactivation; repeating it is safe. The value is the account where the vendor's answer shows it.
    async fn deactivate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError>;
}
