//! Opening an act: from its stored form, with its secret and what it is about.

use secrecy::SecretSlice;
use uuid::Uuid;

use super::accounts::AccountDeed;
use super::entitlements::EntitlementDeed;
use super::grants::GrantDeed;
use super::holders::ReplaceDeed;
use super::many::ManyDeed;
use super::upstream::UpstreamDeed;
use super::{Act, Deed};
use crate::domain::OperationKind;
use crate::error::{Error, Result};
use crate::services::Services;
use crate::services::connected::{self, Connected};
use crate::services::operations::{Payload, Subject, secret};
use crate::store::operations::OperationRow;

impl Act {
    /// Opens an operation: its connection, its payload, its secret, and what it is about.
    pub(in super::super) async fn load(services: &Services, row: &OperationRow) -> Result<Self> {
        let connected = connected::open_background(services, row.connection_id).await?;
        let kind = OperationKind::parse(&row.kind)
            .ok_or_else(|| Error::internal(format!("unknown kind of operation {}", row.kind)))?;
        let secret = secret::open(services, row)?;
        let payload: Payload =
            serde_json::from_value(row.payload.clone()).map_err(Error::internal)?;
        let subject = Subject::load(services, row, kind, &payload).await?;
        Self::open(connected, row.id, kind, payload, secret, subject)
    }

    /// An act in its stored form, with its secret and what it is about.
    pub(in super::super) fn open(
        connected: Connected,
        operation_id: Uuid,
        kind: OperationKind,
        payload: Payload,
        secret: Option<SecretSlice<u8>>,
        subject: Subject,
    ) -> Result<Self> {
        let deed: Option<Box<dyn Deed>> = match kind {
            OperationKind::CreateAccount
            | OperationKind::UpdateAccount
            | OperationKind::DeleteAccount
            | OperationKind::ActivateAccount
            | OperationKind::DeactivateAccount => {
                AccountDeed::open(operation_id, kind, payload, subject, secret.as_ref())?
                    .map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
            OperationKind::CreateGrant | OperationKind::DeleteGrant => {
                GrantDeed::open(kind, subject).map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
            OperationKind::UpdateManyAccounts => {
                ManyDeed::open(payload, subject).map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
            OperationKind::UpdateEntitlement => {
                EntitlementDeed::open(payload, subject).map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
            OperationKind::ReplaceGrants => {
                ReplaceDeed::open(subject).map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
            OperationKind::UpstreamWrite => {
                UpstreamDeed::open(&connected, payload, secret.as_ref())
                    .map(|deed| Box::new(deed) as Box<dyn Deed>)
            }
        };
        let deed =
            deed.ok_or_else(|| Error::internal(format!("payload does not fit {}", kind.as_str())))?;
        Ok(Self {
            connected,
            secrets: deed.secrets().into(),
            deed,
        })
    }
}
