//! Acts on accounts.

use async_trait::async_trait;
use secrecy::{SecretSlice, SecretString};
use serde_json::Value;
use uuid::Uuid;

use super::{Deed, Done, Left, Look, Thing, no_slot};
use crate::adapters::contract::{AdapterError, Call, CreateProof, Shown, Trouble};
use crate::domain::{
    Account, AccountChange, AccountRecord, AccountStatus, Effect, NewAccount, OperationKind,
};
use crate::error::Result;
use crate::services::connected::Connected;
use crate::services::operations::{Payload, Subject, secret};

/// What is to be done to an account.
pub(super) enum AccountDeed {
    Create(NewAccount),
    Update(Account, AccountChange),
    Delete(Account),
    Activate(Account),
    Deactivate(Account),
}

impl AccountDeed {
    /// From the stored form; `None` when the parts do not fit each other.
    pub(super) fn open(
        operation_id: Uuid,
        kind: OperationKind,
        payload: Payload,
        subject: Subject,
        secret: Option<&SecretSlice<u8>>,
    ) -> Result<Option<Self>> {
        let password = secret.map(secret::unpack_password).transpose()?;
        Ok(match (kind, payload, subject) {
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
                    entitlement_ids: _,
                },
                Subject::NewAccount(entitlements),
            ) => Some(Self::Create(NewAccount {
                operation_id,
                login,
                email,
                display_name,
                given_name,
                family_name,
                kind,
                password,
                attributes,
                entitlements: entitlements.into_iter().map(|one| one.record).collect(),
            })),
            (
                OperationKind::UpdateAccount,
                Payload::Update {
                    changes,
                    attributes,
                },
                Subject::Account(account),
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
                Some(Self::Update(*account, change))
            }
            (OperationKind::DeleteAccount, _, Subject::Account(account)) => {
                Some(Self::Delete(*account))
            }
            (OperationKind::ActivateAccount, _, Subject::Account(account)) => {
                Some(Self::Activate(*account))
            }
            (OperationKind::DeactivateAccount, _, Subject::Account(account)) => {
                Some(Self::Deactivate(*account))
            }
            _ => None,
        })
    }
}

#[async_trait]
impl Deed for AccountDeed {
    fn effect(&self) -> Effect {
        match self {
            Self::Create(_) => Effect::Created,
            Self::Update(..) | Self::Activate(_) | Self::Deactivate(_) => Effect::Updated,
            Self::Delete(_) => Effect::Deleted,
        }
    }

    fn is_idempotent(&self, at: &Connected) -> bool {
        match self {
            Self::Create(_) => at
                .adapter
                .account_creator()
                .is_some_and(|creator| creator.create_proof() == CreateProof::ChosenId),
            // These set a state.
            Self::Update(..) | Self::Delete(_) | Self::Activate(_) | Self::Deactivate(_) => true,
        }
    }

    fn secrets(&self) -> Vec<SecretString> {
        match self {
            Self::Create(new) => new.password.iter().cloned().collect(),
            Self::Update(_, change) => change.password.iter().cloned().collect(),
            Self::Delete(_) | Self::Activate(_) | Self::Deactivate(_) => Vec::new(),
        }
    }

    async fn perform(&self, at: &Connected, call: &Call) -> Result<Done, AdapterError> {
        let adapter = &at.adapter;
        match self {
            Self::Create(new) => {
                let creator = adapter.account_creator().ok_or_else(no_slot)?;
                if creator.create_proof() == CreateProof::OneNewMatch
                    && let Some(match_) = creator.find_matches(call, new).await?.first()
                {
                    return Err(AdapterError::new(
                        Trouble::Conflict,
                        format!(
                            "The vendor has such an account already: `{}`. Nothing was created.",
                            match_.external_id
                        ),
                    ));
                }
                let outcome = creator.create_account(call, new, &[]).await?;
                Ok(made(at, new, outcome.effect, outcome.value))
            }
            Self::Update(account, change) => {
                let updater = adapter.account_updater().ok_or_else(no_slot)?;
                let known = now(at, call, account).await?.ok_or_else(gone)?;
                let outcome = updater.update_account(call, &known, change).await?;
                Ok(done(outcome.effect, Some(outcome.value)))
            }
            Self::Delete(account) => {
                let deleter = adapter.account_deleter().ok_or_else(no_slot)?;
                let effect = match now(at, call, account).await? {
                    Some(known) => deleter.delete_account(call, &known).await?.effect,
                    None => Effect::Noop,
                };
                Ok(Done {
                    effect,
                    left: Left::NoAccount,
                })
            }
            Self::Activate(account) => {
                let activator = adapter.account_activator().ok_or_else(no_slot)?;
                let known = now(at, call, account).await?.ok_or_else(gone)?;
                if is_active(&known) {
                    return Ok(done(Effect::Noop, Some(known)));
                }
                let outcome = activator.activate_account(call, &known).await?;
                Ok(after(at, call, account, outcome.effect, outcome.value).await)
            }
            Self::Deactivate(account) => {
                let deactivator = adapter.account_deactivator().ok_or_else(no_slot)?;
                let known = now(at, call, account).await?.ok_or_else(gone)?;
                if is_inactive(&known) {
                    return Ok(done(Effect::Noop, Some(known)));
                }
                let outcome = deactivator.deactivate_account(call, &known).await?;
                Ok(after(at, call, account, outcome.effect, outcome.value).await)
            }
        }
    }

    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        before: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let adapter = &at.adapter;
        match self {
            Self::Create(new) => {
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
                    (1, Some(record)) => Look::Done(made(at, new, Effect::Created, record)),
                    (0, _) => Look::NotDone,
                    (many, _) => Look::Unclear(format!(
                        "{many} accounts match now that were not there before; one of them may be ours"
                    )),
                })
            }
            Self::Update(account, change) => {
                let updater = adapter.account_updater().ok_or_else(no_slot)?;
                let Some(read) = now(at, call, account).await? else {
                    return Ok(Look::Gone(Thing::Account));
                };
                Ok(match updater.shows_update(call, &read, change).await? {
                    Shown::Yes => Look::Done(done(Effect::Updated, Some(read))),
                    Shown::No => Look::NotDone,
                    Shown::Hidden(why) => Look::NotShown(why),
                })
            }
            Self::Delete(account) => Ok(match now(at, call, account).await? {
                None => Look::Done(Done {
                    effect: Effect::Deleted,
                    left: Left::NoAccount,
                }),
                Some(_) => Look::NotDone,
            }),
            // Sent from a state that was not active: an invitation that waits for its person is the vendor's way to it.
            Self::Activate(account) => {
                look_at(at, call, account, |read| {
                    is_active(read) || read.status == AccountStatus::Pending
                })
                .await
            }
            Self::Deactivate(account) => look_at(at, call, account, is_inactive).await,
        }
    }
}

async fn look_at(
    at: &Connected,
    call: &Call,
    account: &Account,
    as_wanted: impl Fn(&AccountRecord) -> bool,
) -> Result<Look, AdapterError> {
    Ok(match now(at, call, account).await? {
        None => Look::Gone(Thing::Account),
        Some(read) if as_wanted(&read) => Look::Done(done(Effect::Updated, Some(read))),
        Some(_) => Look::NotDone,
    })
}

/// The account as the vendor has it now; `None` when it is gone.
pub(super) async fn now(
    at: &Connected,
    call: &Call,
    account: &Account,
) -> Result<Option<AccountRecord>, AdapterError> {
    let found = at.find(call, &account.record).await?;
    Ok(found.filter(|record| record.status != AccountStatus::Deleted))
}

/// The end of an act whose answer may not show the account: then it is read. A failure to read changes nothing about
/// the success, which the answer has proven.
async fn after(
    at: &Connected,
    call: &Call,
    account: &Account,
    effect: Effect,
    shown: Option<AccountRecord>,
) -> Done {
    let record = match shown {
        Some(record) => Some(record),
        None => now(at, call, account).await.unwrap_or_default(),
    };
    done(effect, record)
}

fn done(effect: Effect, record: Option<AccountRecord>) -> Done {
    let left = record.map_or(Left::Nothing, |record| {
        Left::Account(Box::new(record), Vec::new())
    });
    Done { effect, left }
}

/// What was made, with what it holds. A forerunner of an account, as an invite is, holds nothing: what it offers is read when
/// it has turned into one.
fn made(at: &Connected, new: &NewAccount, effect: Effect, record: AccountRecord) -> Done {
    let is_forerunner = at.adapter.successor_finder().is_some() && record.succeeds.is_none();
    let held = new
        .entitlements
        .iter()
        .filter(|_| !is_forerunner)
        .map(|entitlement| entitlement.external_key.clone())
        .collect();
    Done {
        effect,
        left: Left::Account(Box::new(record), held),
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

fn gone() -> AdapterError {
    AdapterError::new(
        Trouble::NotFound,
        "The vendor does not have this account any more.",
    )
}
