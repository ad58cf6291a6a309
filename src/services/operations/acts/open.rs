//! Opening an act: from its stored form, with its secret and the account that it is about.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Act, What};
use crate::domain::{Account, AccountChange, Connections, NewAccount, OperationKind};
use crate::error::{Error, Result};
use crate::secrets::Sealed;
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::services::operations::payload::Payload;
use crate::store::accounts;
use crate::store::operations::OperationRow;

impl Act {
    /// Opens an operation: its connection, its payload, its secrets.
    pub(in super::super) async fn load(services: &Services, row: &OperationRow) -> Result<Self> {
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
    pub(in super::super) fn open(
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
                entitlements: Vec::new(),
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
