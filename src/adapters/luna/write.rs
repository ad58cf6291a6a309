//! Creating, changing and deleting accounts.

use async_trait::async_trait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::draft::{Draft, draft, edit};
use super::{Api, convert, read};
use crate::adapters::contract::{
    AdapterError, Call, CreateProof, CreatesAccounts, DeletesAccounts, Outcome, Shown, SideEffect,
    Trouble, UpdatesAccounts,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountChange, AccountRecord, Effect, ExternalKey, NewAccount};

#[async_trait]
impl CreatesAccounts for Api {
    /// `Luna-Account-Id` is the id that the account shall get (§2): we ask for the operation's.
    fn create_proof(&self) -> CreateProof {
        CreateProof::ChosenId
    }

    fn prepare_create(&self, new: &NewAccount) -> Result<String, AdapterError> {
        draft(&self.settings, new).map(|draft| draft.login)
    }

    async fn find_matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let found = self.find(call, new.operation_id).await?;
        Ok(found.into_iter().collect())
    }

    async fn create_account(
        &self,
        call: &Call,
        new: &NewAccount,
        before: &[ExternalKey],
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let draft = draft(&self.settings, new)?;
        let asked = new.operation_id;
        let before = json!({ "matches": before });
        let id = match self
            .client
            .create_account(call, asked, &draft, &before)
            .await
        {
            Ok(created) => answered_id(created.account_id.as_deref(), asked),
            Err(error) if is_taken_id(&error) => {
                return self.made_before(call, asked, &draft, error).await;
            }
            Err(error) => return Err(error),
        };
        let record = match self.read_back(call, id, |_| true).await {
            Some(record) => record,
            None => as_drafted(id, &draft),
        };
        Ok(Outcome {
            effect: Effect::Created,
            value: record,
        })
    }
}

#[async_trait]
impl UpdatesAccounts for Api {
    fn turns_of_updating(&self) -> Option<&'static str> {
        None
    }

    fn prepare_update(
        &self,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<(), AdapterError> {
        convert::id(&known.external_key).ok_or_else(read::not_ours)?;
        edit(change).map(drop)
    }

    async fn shows_update(
        &self,
        _call: &Call,
        read: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Shown, AdapterError> {
        let is_shown = edit(change).is_ok_and(|edit| edit.is_shown_by(read));
        Ok(Shown::by(is_shown, read, change))
    }

    async fn update_account(
        &self,
        call: &Call,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let id = convert::id(&known.external_key).ok_or_else(read::not_ours)?;
        let edit = edit(change)?;
        self.client
            .patch_account(call, id, &edit, &edit.replaces(known))
            .await?;
        let shown = self
            .read_back(call, id, |read| !edit.is_contradicted_by(read))
            .await;
        match shown {
            Some(record) if edit.is_contradicted_by(&record) => Err(AdapterError::new(
                Trouble::Malformed,
                "Luna accepted the change and still shows the account as it was",
            )),
            shown => Ok(Outcome {
                effect: Effect::Updated,
                value: shown.unwrap_or_else(|| edit.applied_to(known)),
            }),
        }
    }
}

#[async_trait]
impl DeletesAccounts for Api {
    fn turns_of_removal(&self, _known: &AccountRecord) -> Option<&'static str> {
        None
    }

    async fn delete_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<()>, AdapterError> {
        let id = convert::id(&known.external_key).ok_or_else(read::not_ours)?;
        let before = json!({ "status": known.status.as_str() });
        let effect = match self.client.delete_account(call, id, &before).await {
            Ok(()) => Effect::Deleted,
            Err(error) if error.trouble == Trouble::NotFound => Effect::Noop,
            Err(error) => return Err(error),
        };
        Ok(Outcome { effect, value: () })
    }
}

impl Api {
    /// Luna says that our id is taken. Nobody else chooses it, so an earlier sending of this same creation arrived.
    async fn made_before(
        &self,
        call: &Call,
        id: Uuid,
        draft: &Draft<'_>,
        refusal: AdapterError,
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        match self.find(call, id).await {
            Ok(Some(record)) if record.login.as_deref() == Some(&draft.login) => Ok(Outcome {
                effect: Effect::Created,
                value: record,
            }),
            Ok(Some(_)) => Err(refusal),
            // Taken, and not there to be read: only a later reading can tell.
            Ok(None) | Err(_) => Err(refusal.with_effect(SideEffect::Unknown)),
        }
    }

    /// The account as Luna shows it after a write.
    pub(super) async fn read_back(
        &self,
        call: &Call,
        id: Uuid,
        shows: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Option<AccountRecord> {
        read_back(|| self.find(call, id), shows).await
    }
}

/// The id that the account got. Luna is asked for ours; should it have given another, that one is the truth.
fn answered_id(answered: Option<&str>, asked: Uuid) -> Uuid {
    let id = answered
        .and_then(|id| Uuid::parse_str(id).ok())
        .unwrap_or(asked);
    if id != asked {
        tracing::warn!(
            vendor = "luna",
            operation.id = %asked,
            account.external_id = %id,
            "Luna gave the account of operation {asked} the id {id} of its own"
        );
    }
    id
}

/// 41002: an account with the id that we chose is there (§4).
fn is_taken_id(error: &AdapterError) -> bool {
    let code = error
        .upstream
        .as_ref()
        .and_then(|said| said.code.as_deref());
    code == Some("41002")
}

/// The new account as it was asked for, for when it can't be read after its creation.
fn as_drafted(id: Uuid, draft: &Draft<'_>) -> AccountRecord {
    let raw = json!({
        "account_id": id,
        "login": draft.login,
        "account_type": draft.account_type,
        "description": draft.description,
    });
    let mut record = convert::record(raw).expect("it has an id and a login");
    record.raw = Value::Null;
    record
}
