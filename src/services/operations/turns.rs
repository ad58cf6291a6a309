//! What acts take turns by: operations of one connection with the same word run one after the other, in the order of asking.
//! The slots of the adapter say it where they must; what follows from the rows alone is said here and nowhere else.

use super::subject::Holding;
use crate::domain::{Account, OperationKind};
use crate::error::{Error, Result};
use crate::services::connected::Connected;

/// What acts on an account take turns by: the word by which creating the same one would go as well. That is its key at the
/// vendor, but where it changes, as an invite's does that becomes a user, the address by which the two are known as one.
pub(crate) fn on_account(connected: &Connected, account: &Account, kind: OperationKind) -> String {
    let adapter = &connected.adapter;
    let wider = match kind {
        OperationKind::DeleteAccount => adapter
            .account_deleter()
            .and_then(|deleter| deleter.turns_of_removal(&account.record)),
        OperationKind::UpdateAccount => adapter
            .account_updater()
            .and_then(|updater| updater.turns_of_updating()),
        _ => None,
    };
    match (wider, &account.record.email, adapter.successor_finder()) {
        (Some(all), _, _) => all.to_owned(),
        (None, Some(email), Some(_)) => email.to_lowercase(),
        (None, _, _) => account.record.external_key.as_str().to_owned(),
    }
}

/// What giving and taking away take turns by: what the slot says.
///
/// # Errors
/// Where the slot is empty, which the capabilities have told before.
pub(crate) fn on_grant(
    connected: &Connected,
    holding: &Holding,
    kind: OperationKind,
) -> Result<String> {
    let adapter = &connected.adapter;
    let word = if kind == OperationKind::DeleteGrant {
        adapter
            .revoker()
            .map(|slot| slot.turns_of_revoking(holding.pair()))
    } else {
        adapter
            .granter()
            .map(|slot| slot.turns_of_granting(holding.pair()))
    };
    word.ok_or_else(|| Error::internal("a capability without its slot"))
}
