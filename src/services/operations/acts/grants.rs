//! Acts on grants: giving an entitlement to an account, taking it away.

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;

use super::accounts::now;
use super::{Deed, Done, Left, Look, Thing, no_slot};
use crate::adapters::contract::{AdapterError, Call, Pair, Trouble};
use crate::domain::{AccountRecord, Effect, Entitlement, GrantRecord, GrantStatus, OperationKind};
use crate::services::connected::Connected;
use crate::services::operations::Subject;
use crate::services::operations::subject::Holding;

/// What is to be done to a grant.
pub(super) enum GrantDeed {
    Give(Box<Holding>),
    Take(Box<Holding>),
}

impl GrantDeed {
    /// From the stored form; `None` when the parts do not fit each other.
    pub(super) fn open(kind: OperationKind, subject: Subject) -> Option<Self> {
        match (kind, subject) {
            (OperationKind::CreateGrant, Subject::Grant(holding)) => Some(Self::Give(holding)),
            (OperationKind::DeleteGrant, Subject::Grant(holding)) => Some(Self::Take(holding)),
            _ => None,
        }
    }
}

#[async_trait]
impl Deed for GrantDeed {
    fn effect(&self) -> Effect {
        match self {
            Self::Give(_) => Effect::Created,
            Self::Take(_) => Effect::Deleted,
        }
    }

    /// Both set a state.
    fn is_idempotent(&self, _: &Connected) -> bool {
        true
    }

    fn secrets(&self) -> Vec<SecretString> {
        Vec::new()
    }

    async fn perform(&self, at: &Connected, call: &Call) -> Result<Done, AdapterError> {
        match self {
            Self::Give(holding) => {
                let granter = at.adapter.granter().ok_or_else(no_slot)?;
                let outcome = granter.grant(call, holding.pair()).await?;
                let record = outcome.value.unwrap_or_else(|| holding.record());
                Ok(given(at, call, holding, outcome.effect, record).await)
            }
            Self::Take(holding) => {
                let revoker = at.adapter.revoker().ok_or_else(no_slot)?;
                let back = holding.displaced.as_ref().map(|other| &other.record);
                let outcome = revoker.revoke(call, holding.pair(), back).await?;
                Ok(taken(at, call, holding, outcome.effect).await)
            }
        }
    }

    async fn look(
        &self,
        at: &Connected,
        call: &Call,
        _: Option<&Value>,
    ) -> Result<Look, AdapterError> {
        let reader = at.adapter.grant_reader().ok_or_else(no_slot)?;
        match self {
            Self::Give(holding) => match reader.find_grant(call, holding.pair()).await? {
                Some(read) if read.ambiguous => Ok(Look::NotShown(AMBIGUOUS)),
                Some(read) if read.status == GrantStatus::Revoking => Ok(Look::NotShown(
                    "the vendor says that it is just being taken away",
                )),
                // What our copy had as held before was not given by this act.
                Some(read) => {
                    let effect = if holding.is_held() {
                        Effect::Noop
                    } else {
                        Effect::Created
                    };
                    Ok(Look::Done(given(at, call, holding, effect, read).await))
                }
                None => Ok(missing(at, call, holding)
                    .await?
                    .map_or(Look::NotDone, Look::Gone)),
            },
            Self::Take(holding) => match reader.find_grant(call, holding.pair()).await? {
                None => Ok(Look::Done(taken(at, call, holding, Effect::Deleted).await)),
                Some(read) if read.ambiguous => Ok(Look::NotShown(AMBIGUOUS)),
                Some(read) if read.status == GrantStatus::Revoking => Ok(Look::NotShown(
                    "the vendor says that it is still being taken away",
                )),
                Some(_) => Ok(Look::NotDone),
            },
        }
    }
}

/// Why an ambiguous reading proves nothing.
const AMBIGUOUS: &str = "the reading can't tell this entitlement from others of the same id";

/// The end of giving. A vendor may keep what an account holds on the account itself: that is read again.
async fn given(
    at: &Connected,
    call: &Call,
    holding: &Holding,
    effect: Effect,
    record: GrantRecord,
) -> Done {
    let account = changed_account(at, call, holding).await;
    Done {
        effect,
        left: Left::Grant(Box::new(record), account),
    }
}

/// The end of taking away: the account is read again, and what it holds instead.
async fn taken(at: &Connected, call: &Call, holding: &Holding, effect: Effect) -> Done {
    let instead = holding.displaced.as_ref().or(holding.rest.as_ref());
    let instead = match instead {
        Some(other) => holds(at, call, holding, other).await,
        None => None,
    };
    let account = changed_account(at, call, holding).await;
    Done {
        effect,
        left: Left::NoGrant(instead.map(Box::new), account),
    }
}

/// The grant of another entitlement to the same account, if a reading shows it. That it can't be read changes nothing about
/// what was done.
async fn holds(
    at: &Connected,
    call: &Call,
    holding: &Holding,
    other: &Entitlement,
) -> Option<GrantRecord> {
    let pair = Pair {
        entitlement: &other.record,
        ..holding.pair()
    };
    let found = at.adapter.grant_reader()?.find_grant(call, pair).await;
    found.ok()?.filter(|read| !read.ambiguous)
}

async fn changed_account(
    at: &Connected,
    call: &Call,
    holding: &Holding,
) -> Option<Box<AccountRecord>> {
    let found = now(at, call, &holding.account).await;
    found.ok()?.map(Box::new)
}

/// What of the two is gone; a kind of thing that can't be read alone is not.
async fn missing(
    at: &Connected,
    call: &Call,
    holding: &Holding,
) -> Result<Option<Thing>, AdapterError> {
    if is_gone(now(at, call, &holding.account).await)? {
        return Ok(Some(Thing::Account));
    }
    if let Some(reader) = at.adapter.entitlement_reader() {
        let key = &holding.entitlement.record.external_key;
        if is_gone(reader.find_entitlement(call, key).await)? {
            return Ok(Some(Thing::Entitlement));
        }
    }
    Ok(None)
}

fn is_gone<T>(found: Result<Option<T>, AdapterError>) -> Result<bool, AdapterError> {
    match found {
        Ok(found) => Ok(found.is_none()),
        Err(error) if error.trouble == Trouble::Unsupported => Ok(false),
        Err(error) => Err(error),
    }
}
