//! What each kind of operation does at a vendor, and how a reading tells whether it was done.

mod open;

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;

use crate::adapters::contract::{AdapterError, Call, CreateProof, Trouble};
use crate::domain::{
    Account, AccountChange, AccountRecord, AccountStatus, Effect, ExternalKey, NewAccount,
};
use crate::error::Result;
use crate::services::connected::Connected;

/// An operation, opened and ready to act.
pub(super) struct Act {
    pub(super) connected: Connected,
    pub(super) secrets: Arc<[SecretString]>,
    what: What,
}

enum What {
    Create(NewAccount),
    Update(Account, AccountChange),
    Delete(Account),
    Activate(Account),
    Deactivate(Account),
}

/// What was done.
pub(super) struct Done {
    pub(super) effect: Effect,
    /// The account as it is afterwards; `None` when it is gone, or not known.
    pub(super) record: Option<AccountRecord>,
}

/// What a reading says of an act that was sent.
pub(super) enum Look {
    /// It was done.
    Done(Done),
    /// It was not done.
    NotDone,
    /// No sign of it, and none would show: what was asked for is in no reading.
    NotShown(&'static str),
    /// The reading can't tell.
    Unclear(String),
    /// What it was to be done to is gone.
    Gone,
}

impl Act {
    /// Whether sending it again can't do it twice.
    pub(super) fn is_idempotent(&self) -> bool {
        match &self.what {
            What::Create(_) => self
                .connected
                .adapter
                .account_creator()
                .is_some_and(|creator| creator.create_proof() == CreateProof::ChosenId),
            // These set a state.
            What::Update(..) | What::Delete(_) | What::Activate(_) | What::Deactivate(_) => true,
        }
    }

    /// Reads what must be known, then sends the one mutating request.
    pub(super) async fn perform(&self, call: &Call) -> Result<Done, AdapterError> {
        let adapter = &self.connected.adapter;
        match &self.what {
            What::Create(new) => {
                let creator = adapter.account_creator().ok_or_else(no_slot)?;
                let before: Vec<ExternalKey> = match creator.create_proof() {
                    CreateProof::ChosenId => Vec::new(),
                    CreateProof::OneNewMatch => {
                        let there = creator.find_matches(call, new).await?;
                        if let Some(match_) = there.first() {
                            return Err(AdapterError::new(
                                Trouble::Conflict,
                                format!(
                                    "The vendor has such an account already: `{}`. Nothing was created.",
                                    match_.external_id
                                ),
                            ));
                        }
                        Vec::new()
                    }
                };
                let outcome = creator.create_account(call, new, &before).await?;
                Ok(Done {
                    effect: outcome.effect,
                    record: Some(outcome.value),
                })
            }
            What::Update(account, change) => {
                let updater = adapter.account_updater().ok_or_else(no_slot)?;
                let known = self.now(call, account).await?.ok_or_else(gone)?;
                let outcome = updater.update_account(call, &known, change).await?;
                Ok(Done {
                    effect: outcome.effect,
                    record: Some(outcome.value),
                })
            }
            What::Delete(account) => {
                let deleter = adapter.account_deleter().ok_or_else(no_slot)?;
                let Some(known) = self.now(call, account).await? else {
                    return Ok(Done {
                        effect: Effect::Noop,
                        record: None,
                    });
                };
                let outcome = deleter.delete_account(call, &known).await?;
                Ok(Done {
                    effect: outcome.effect,
                    record: None,
                })
            }
            What::Activate(account) => {
                let activator = adapter.account_activator().ok_or_else(no_slot)?;
                let known = self.now(call, account).await?.ok_or_else(gone)?;
                if is_active(&known) {
                    return Ok(noop(known));
                }
                let outcome = activator.activate_account(call, &known).await?;
                self.after(call, account, outcome.effect, outcome.value)
                    .await
            }
            What::Deactivate(account) => {
                let deactivator = adapter.account_deactivator().ok_or_else(no_slot)?;
                let known = self.now(call, account).await?.ok_or_else(gone)?;
                if is_inactive(&known) {
                    return Ok(noop(known));
                }
                let outcome = deactivator.deactivate_account(call, &known).await?;
                self.after(call, account, outcome.effect, outcome.value)
                    .await
            }
        }
    }

    /// Reads whether it was done. `before` is the state recorded with the sent mark.
    pub(super) async fn look(
        &self,
        call: &Call,
        before: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let adapter = &self.connected.adapter;
        match &self.what {
            What::Create(new) => {
                let creator = adapter.account_creator().ok_or_else(no_slot)?;
                let old: Vec<&str> = before
                    .and_then(|before| before.get("matches"))
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                let mut there = creator.find_matches(call, new).await?;
                there.retain(|record| !old.contains(&record.external_key.as_str()));
                Ok(match (there.len(), there.pop()) {
                    (1, record) => Look::Done(Done {
                        effect: Effect::Created,
                        record,
                    }),
                    (0, _) => Look::NotDone,
                    (many, _) => Look::Unclear(format!(
                        "{many} accounts match now that were not there before; one of them may be ours"
                    )),
                })
            }
            What::Update(account, change) => {
                let updater = adapter.account_updater().ok_or_else(no_slot)?;
                Ok(match self.now(call, account).await? {
                    None => Look::Gone,
                    Some(read) if updater.shows_update(&read, change) => Look::Done(Done {
                        effect: Effect::Updated,
                        record: Some(read),
                    }),
                    Some(read) => hidden(&read, change).map_or(Look::NotDone, Look::NotShown),
                })
            }
            What::Delete(account) => Ok(match self.now(call, account).await? {
                None => Look::Done(Done {
                    effect: Effect::Deleted,
                    record: None,
                }),
                Some(_) => Look::NotDone,
            }),
            // Sent from a state that was not active: an invitation that waits for its person is the vendor's way to it.
            What::Activate(account) => {
                self.look_at(call, account, |read| {
                    is_active(read) || read.status == AccountStatus::Pending
                })
                .await
            }
            What::Deactivate(account) => self.look_at(call, account, is_inactive).await,
        }
    }

    async fn look_at(
        &self,
        call: &Call,
        account: &Account,
        as_wanted: impl Fn(&AccountRecord) -> bool,
    ) -> Result<Look, AdapterError> {
        Ok(match self.now(call, account).await? {
            None => Look::Gone,
            Some(read) if as_wanted(&read) => Look::Done(Done {
                effect: Effect::Updated,
                record: Some(read),
            }),
            Some(_) => Look::NotDone,
        })
    }

    /// The account as the vendor has it now; `None` when it is gone.
    async fn now(
        &self,
        call: &Call,
        account: &Account,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let found = self.connected.find(call, &account.record).await?;
        Ok(found.filter(|record| record.status != AccountStatus::Deleted))
    }

    /// The end of an act whose answer may not show the account: then it is read. A failure to read changes nothing about
    /// the success, which the answer has proven.
    async fn after(
        &self,
        call: &Call,
        account: &Account,
        effect: Effect,
        shown: Option<AccountRecord>,
    ) -> Result<Done, AdapterError> {
        let record = match shown {
            Some(record) => Some(record),
            None => self.now(call, account).await.unwrap_or_default(),
        };
        Ok(Done { effect, record })
    }
}

fn is_active(record: &AccountRecord) -> bool {
    record.status == AccountStatus::Active
}

fn is_inactive(record: &AccountRecord) -> bool {
    matches!(
        record.status,
        AccountStatus::Inactive | AccountStatus::Suspended | AccountStatus::Deprovisioned
    )
}

/// Why a reading that does not show a change as asked proves nothing about it.
fn hidden(read: &AccountRecord, change: &AccountChange) -> Option<&'static str> {
    let missing = |(name, asked): (&String, &Value)| {
        !asked.is_null() && !read.attributes.contains_key(name.as_str())
    };
    if change.password.is_some() {
        Some("no reading shows a password")
    } else if change.attributes.iter().any(missing) {
        Some("the reading does not show every attribute that was to be changed")
    } else {
        None
    }
}

fn noop(record: AccountRecord) -> Done {
    Done {
        effect: Effect::Noop,
        record: Some(record),
    }
}

fn no_slot() -> AdapterError {
    AdapterError::new(
        Trouble::Unsupported,
        "This connection can't do that any more.",
    )
}

fn gone() -> AdapterError {
    AdapterError::new(
        Trouble::NotFound,
        "The vendor does not have this account any more.",
    )
}
