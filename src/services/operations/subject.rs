//! What an operation is about, with its row in our tables.

use uuid::Uuid;

use crate::domain::{Account, Connections, OperationKind};
use crate::error::{Error, Result};
use crate::services::Services;
use crate::store::accounts;
use crate::store::operations::About;

/// What an operation is about, as it was when the operation was recorded or begun.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// An account that is not there yet.
    NewAccount,
    /// An account, with the vendor's payload.
    Account(Box<Account>),
}

impl Subject {
    /// The subject of a recorded operation, as it is now.
    pub(super) async fn load(
        services: &Services,
        operation_id: Uuid,
        kind: OperationKind,
        about: About,
    ) -> Result<Self> {
        let pool = services.store().background();
        let missing = |noun: &str| {
            Error::internal(format!(
                "the {noun} of operation {operation_id} is not there"
            ))
        };
        match kind {
            OperationKind::CreateAccount => Ok(Self::NewAccount),
            OperationKind::UpdateAccount
            | OperationKind::DeleteAccount
            | OperationKind::ActivateAccount
            | OperationKind::DeactivateAccount => {
                let id = about.account_id.ok_or_else(|| missing("account"))?;
                let account = accounts::find(pool, &Connections::All, id, true).await?;
                let account = account.ok_or_else(|| missing("account"))?;
                Ok(Self::Account(Box::new(account)))
            }
        }
    }

    /// The ids of what is there already.
    pub(super) fn about(&self) -> About {
        match self {
            Self::NewAccount => About::default(),
            Self::Account(account) => About {
                account_id: Some(account.id),
                ..About::default()
            },
        }
    }
}
