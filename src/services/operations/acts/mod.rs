//! What each kind of operation does at a vendor, and how a reading tells whether it was done: one file per noun.

mod accounts;
mod entitlements;
mod grants;
mod holders;
mod many;
mod open;
mod upstream;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::holders::Replaced;
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::domain::{AccountRecord, Effect, EntitlementRecord, ExternalKey, GrantRecord};
use crate::error::{Code, Error, Result};
use crate::services::connected::Connected;

pub(super) use upstream::Answered;

/// An operation, opened and ready to act.
pub(super) struct Act {
    pub(super) connected: Connected,
    pub(super) secrets: Arc<[SecretString]>,
    deed: Box<dyn Deed>,
}

/// What is to be done. A kind of operation is one of these, or a case of one.
#[async_trait]
trait Deed: Send + Sync {
    /// What it does where it is not so already.
    fn effect(&self) -> Effect;

    /// Whether sending it again can't do it twice.
    fn is_idempotent(&self, at: &Connected) -> bool;

    /// What no message and no log may repeat.
    fn secrets(&self) -> Vec<SecretString>;

    /// Reads what must be known, then sends the one mutating request.
    async fn perform(&self, at: &Connected, call: &Call) -> Result<Done, AdapterError>;

    /// Reads whether it was done. `before` is the state recorded with the sent mark.
    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        before: Option<&Value>,
    ) -> Result<Look, AdapterError>;

    /// Who would begin and cease to hold something, by the state that would be recorded with the mark; `None` where the request
    /// itself says what it changes.
    fn foresees(&self, _at: &Connected, _before: &Value) -> Option<Replaced> {
        None
    }
}

/// What was done.
pub(super) struct Done {
    pub(super) effect: Effect,
    pub(super) left: Left,
}

/// What an act left at the vendor, to be written to our tables.
pub(super) enum Left {
    /// Nothing that we keep, or nothing that anybody knows.
    Nothing,
    /// The account, as it is afterwards, and the keys of the entitlements that it was made with.
    Account(Box<AccountRecord>, Vec<ExternalKey>),
    /// No account any more.
    NoAccount,
    /// The grant, and its account where that was read again.
    Grant(Box<GrantRecord>, Option<Box<AccountRecord>>),
    /// No grant any more; the one that took its place, and its account where that was read again.
    NoGrant(Option<Box<GrantRecord>>, Option<Box<AccountRecord>>),
    /// The entitlement, as it is afterwards.
    Entitlement(Box<EntitlementRecord>),
    /// Who holds an entitlement, and who did before.
    Holders(Box<Replaced>),
    /// What became of each of several accounts.
    Rows(Vec<Row>),
    /// The vendor's answer to a request that was passed through.
    Answer(Answered),
}

/// What became of one account of several.
pub(super) struct Row {
    pub(super) account_id: Uuid,
    /// The account, as it is afterwards, or why nothing of it was changed.
    pub(super) outcome: Result<Box<AccountRecord>, Error>,
}

/// What a reading says of an act that was sent.
pub(super) enum Look {
    /// It was done.
    Done(Done),
    /// It was not done.
    NotDone,
    /// Some of it was done, and the rest was not.
    Partly(Done),
    /// No sign of it, and none would show: what was asked for is in no reading.
    NotShown(&'static str),
    /// The reading can't tell.
    Unclear(String),
    /// What it was to be done to is gone.
    Gone(Thing),
}

/// Something that an act needs to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// The account that it is done to.
    Account,
    /// The entitlement that is changed, given or taken away.
    Entitlement,
}

impl Act {
    /// What it does where it is not so already.
    pub(super) fn effect(&self) -> Effect {
        self.deed.effect()
    }

    /// Whether sending it again can't do it twice.
    pub(super) fn is_idempotent(&self) -> bool {
        self.deed.is_idempotent(&self.connected)
    }

    /// Reads what must be known, then sends the one mutating request.
    pub(super) async fn perform(&self, call: &Call) -> Result<Done, AdapterError> {
        self.deed.perform(&self.connected, call).await
    }

    /// Reads whether it was done. `before` is the state recorded with the sent mark.
    pub(super) async fn look(
        &self,
        call: &Call,
        before: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        self.deed.look(&self.connected, call, before).await
    }

    /// Who would begin and cease to hold something, by the state that would be recorded with the mark.
    pub(super) fn foresees(&self, before: &Value) -> Option<Replaced> {
        self.deed.foresees(&self.connected, before)
    }
}

impl Left {
    /// What remains of it where our tables can't take what the vendor showed: the next sync brings the rest.
    pub(super) fn forget_record(&mut self) {
        match self {
            Self::Account(..) | Self::Entitlement(_) => *self = Self::Nothing,
            Self::Grant(record, account) => {
                let (holder, held) = (&record.account_key, &record.entitlement_key);
                **record = GrantRecord::held(holder.clone(), held.clone(), Value::Null);
                *account = None;
            }
            Self::NoGrant(instead, account) => {
                *instead = None;
                *account = None;
            }
            // These hold nothing of the vendor's that our tables did not take before, or can leave to the next sync.
            Self::Nothing
            | Self::NoAccount
            | Self::Holders(_)
            | Self::Rows(_)
            | Self::Answer(_) => {}
        }
    }
}

impl Thing {
    /// The failure of an act because of which it could not be done.
    pub(super) fn gone(self) -> Error {
        let noun = match self {
            Self::Account => "account",
            Self::Entitlement => "entitlement",
        };
        Error::new(
            Code::Conflict,
            format!("The vendor does not have this {noun} any more; it shows as deleted now."),
        )
    }
}

fn no_slot() -> AdapterError {
    AdapterError::new(
        Trouble::Unsupported,
        "This connection can't do that any more.",
    )
}
