//! What each kind of operation does at a vendor, and how a reading tells whether it was done.

use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::payload::Payload;
use crate::adapters::contract::{AdapterError, Call, CreateProof, Trouble};
use crate::domain::{
    Account, AccountChange, AccountRecord, AccountStatus, Connections, Effect, ExternalKey,
    NewAccount, OperationKind,
};
use crate::error::{Error, Result};
use crate::secrets::Sealed;
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::store::accounts;
use crate::store::operations::OperationRow;

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
    /// Opens an operation: its connection, its payload, its secrets.
    pub(super) async fn load(services: &Services, row: &OperationRow) -> Result<Self> {
        let connected = connected::open_background(services, row.connection_id).await?;
        let password = open_password(services, row)?;
        let kind = OperationKind::parse(&row.kind)
            .ok_or_else(|| Error::internal(format!("unknown kind of operation {}", row.kind)))?;
        let account = match row.account_id {
            Some(id) if kind != OperationKind::CreateAccount => {
                accounts::find(services.store().background(), &Connections::All, id, true).await?
            }
            _ => None,
        };
        Self::open(
            connected,
            row.id,
            kind,
            row.payload.clone(),
            password,
            account,
        )
    }

    /// An act in its stored form, with its secret and the account that it is about.
    pub(super) fn open(
        connected: Connected,
        operation_id: Uuid,
        kind: OperationKind,
        payload: Value,
        password: Option<SecretString>,
        account: Option<Account>,
    ) -> Result<Self> {
        let payload: Payload = serde_json::from_value(payload).map_err(Error::internal)?;
        let secrets = password.iter().cloned().collect();
        let account = || {
            account.ok_or_else(|| {
                Error::internal(format!(
                    "the account of operation {operation_id} is not there"
                ))
            })
        };
        let what = match (kind, payload) {
            (
                OperationKind::CreateAccount,
                Payload::Create {
                    login,
                    email,
                    display_name,
                    given_name,
                    family_name,
                    kind,
                    attributes,
                },
            ) => What::Create(NewAccount {
                operation_id,
                login,
                email,
                display_name,
                given_name,
                family_name,
                kind,
                password,
                attributes,
            }),
            (
                OperationKind::UpdateAccount,
                Payload::Update {
                    changes,
                    attributes,
                },
            ) => {
                let field = |name: &str| {
                    changes
                        .get(name)
                        .map(|value| value.as_str().map(str::to_owned))
                };
                let change = AccountChange {
                    login: field("login"),
                    email: field("email"),
                    display_name: field("display_name"),
                    given_name: field("given_name"),
                    family_name: field("family_name"),
                    password,
                    attributes,
                };
                What::Update(account()?, change)
            }
            (OperationKind::DeleteAccount, _) => What::Delete(account()?),
            (OperationKind::ActivateAccount, _) => What::Activate(account()?),
            (OperationKind::DeactivateAccount, _) => What::Deactivate(account()?),
            (kind, _) => {
                return Err(Error::internal(format!(
                    "payload does not fit {}",
                    kind.as_str()
                )));
            }
        };
        Ok(Self {
            connected,
            secrets,
            what,
        })
    }

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

fn open_password(services: &Services, row: &OperationRow) -> Result<Option<SecretString>> {
    let (Some(key_id), Some(wrapped_key), Some(ciphertext)) = (
        row.secret_key_id.clone(),
        row.secret_wrapped_key.clone(),
        row.secret_ciphertext.clone(),
    ) else {
        return Ok(None);
    };
    #[derive(Deserialize)]
    struct Secrets {
        password: SecretString,
    }
    let sealed = Sealed {
        key_id,
        wrapped_key,
        ciphertext,
    };
    let plain = services
        .vault()
        .open(&[&row.id.to_string(), "payload"], &sealed)
        .map_err(|error| Error::internal(format!("secrets of operation {}: {error}", row.id)))?;
    let secrets: Secrets = serde_json::from_slice(&plain)
        .map_err(|_| Error::internal(format!("secrets of operation {} are no JSON", row.id)))?;
    Ok(Some(secrets.password))
}
