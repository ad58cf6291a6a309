//! Connections with their adapters, built once per version of a connection.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::quota::Limits;
use super::upstream::explain;
use super::{Services, custody};
use crate::adapters::contract::{Adapter, AdapterError, Call, Trouble};
use crate::adapters::vendor::{Credentials, Parts, Variant};
use crate::adapters::{self};
use crate::domain::{AccountRecord, Capability, Connections, OperationKind};
use crate::error::{Code, Error, Result};
use crate::secrets::Sealed;
use crate::store::connections::{self, ConnectionRow, SecretRow};

/// The adapters of this replica, by connection.
#[derive(Default)]
pub(super) struct Adapters(Mutex<HashMap<Uuid, Built>>);

/// An adapter and the version of the connection that it was built for.
type Built = (i64, Adapter);

/// A connection that can be talked to.
#[derive(Clone)]
pub(super) struct Connected {
    /// As it is kept.
    pub(super) row: ConnectionRow,
    /// Its variant.
    pub(super) variant: &'static Variant,
    /// Its adapter.
    pub(super) adapter: Adapter,
}

impl Connected {
    /// What it can do: its slots, narrowed by what the last check found.
    pub(super) fn capabilities(&self) -> Vec<Capability> {
        narrowed(
            self.adapter.capabilities(),
            self.row.checked_capabilities.as_deref(),
        )
    }

    /// Refuses what it can't do, saying what it can.
    pub(super) fn require(&self, capability: Capability) -> Result<()> {
        let can = self.capabilities();
        if can.contains(&capability) {
            return Ok(());
        }
        Err(unsupported(&self.row.name, capability, can))
    }

    /// As [`Connected::require`], for what an operation of this kind needs.
    pub(super) fn require_for(&self, kind: OperationKind) -> Result<()> {
        kind.capability()
            .map_or(Ok(()), |capability| self.require(capability))
    }

    /// What a caller is told of the vendor's trouble; where the vendor can't do something, with what it can.
    pub(super) fn explain(&self, error: AdapterError) -> Error {
        let mut told = explain(&self.row.vendor, error);
        if told.code == Code::CapabilityNotSupported {
            told.capabilities = Some(self.capabilities());
        }
        told
    }

    /// The account as the vendor has it now, also where another took its place: `None` when it is gone for good.
    pub(super) async fn find(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().ok_or_else(|| {
            AdapterError::new(
                Trouble::Unsupported,
                "This connection can't read accounts any more.",
            )
        })?;
        if let Some(found) = reader.find_account(call, &known.external_key).await? {
            return Ok(Some(found));
        }
        match self.adapter.successor_finder() {
            Some(finder) => finder.find_successor(call, known).await,
            None => Ok(None),
        }
    }

    /// How long after an unclear answer a reading is believed.
    pub(super) fn settle(&self, services: &Services) -> Duration {
        let seconds = self
            .row
            .settings
            .get("settle_seconds")
            .and_then(Value::as_u64)
            .unwrap_or(u64::from(self.variant.settle_seconds));
        services
            .settings()
            .settle
            .unwrap_or(Duration::from_secs(seconds))
    }
}

/// The refusal of something that a connection can't do.
pub(super) fn unsupported(name: &str, capability: Capability, can: Vec<Capability>) -> Error {
    Error {
        capabilities: Some(can),
        ..Error::new(
            Code::CapabilityNotSupported,
            format!(
                "The connection `{name}` can't do `{capability}`: its vendor has no such thing, or its last check did not find it."
            ),
        )
    }
}

/// A variant's capabilities, narrowed by a check.
pub(super) fn narrowed(
    slots: impl IntoIterator<Item = Capability>,
    checked: Option<&[String]>,
) -> Vec<Capability> {
    slots
        .into_iter()
        .filter(|capability| {
            checked.is_none_or(|words| words.iter().any(|word| word == capability.as_str()))
        })
        .collect()
}

/// A connection with its adapter; not found when the caller may not see it.
pub(super) async fn open(
    services: &Services,
    visible: &Connections,
    id_or_name: &str,
) -> Result<Connected> {
    let row = connections::find(services.store().requests(), visible, id_or_name)
        .await?
        .ok_or_else(|| Error::not_found("connection"))?;
    connect(services, row).await
}

/// A connection with its adapter, for work without a caller.
pub(super) async fn open_background(services: &Services, id: Uuid) -> Result<Connected> {
    let pool = services.store().background();
    let row = connections::find(pool, &Connections::All, &id.to_string())
        .await?
        .ok_or_else(|| Error::not_found("connection"))?;
    connect(services, row).await
}

async fn connect(services: &Services, row: ConnectionRow) -> Result<Connected> {
    let variant = adapters::variant(&row.variant)
        .ok_or_else(|| Error::internal(format!("no variant {} in this build", row.variant)))?;
    let kept = services
        .adapters()
        .lock()
        .get(&row.id)
        .filter(|(version, _)| *version == row.version)
        .map(|(_, adapter)| adapter.clone());
    let adapter = match kept {
        Some(adapter) => adapter,
        None => {
            let adapter = build(services, variant, &row).await?;
            services
                .adapters()
                .lock()
                .insert(row.id, (row.version, adapter.clone()));
            adapter
        }
    };
    Ok(Connected {
        row,
        variant,
        adapter,
    })
}

async fn build(
    services: &Services,
    variant: &'static Variant,
    row: &ConnectionRow,
) -> Result<Adapter> {
    let sealed = connections::secrets(services.store().background(), row.id).await?;
    let credentials = open_credentials(services, row, sealed)?;
    let transport = services.transport();
    let transport = match Limits::of(&row.settings) {
        Some(limits) => {
            let pool = services.store().background();
            let vendor = variant.slug.split('/').next().unwrap_or_default();
            let budgets = services.budgets();
            transport.with_permits(budgets.open(pool, row.id, vendor, limits))
        }
        None => transport.clone(),
    };
    let parts = Parts {
        connection_id: row.id,
        settings: row.settings.clone(),
        credentials,
        cell: custody::cell(services, row),
        transport,
    };
    (variant.build)(parts).map_err(|error| Error::invalid("/settings", error.to_string()))
}

fn open_credentials(
    services: &Services,
    row: &ConnectionRow,
    sealed: Vec<SecretRow>,
) -> Result<Credentials> {
    let mut fields = BTreeMap::new();
    for secret in sealed {
        let plain = services
            .vault()
            .open(
                &[&row.id.to_string(), &secret.field],
                &Sealed {
                    key_id: secret.key_id,
                    wrapped_key: secret.wrapped_key,
                    ciphertext: secret.ciphertext,
                },
            )
            .map_err(|error| {
                Error::internal(format!(
                    "credential {} of connection {}: {error}",
                    secret.field, row.id
                ))
            })?;
        let text = std::str::from_utf8(&plain).map_err(Error::internal)?;
        fields.insert(secret.field, SecretString::from(text));
    }
    Ok(Credentials {
        kind: row.credentials_kind.clone(),
        fields,
    })
}

/// A call that only reads, with the deadline of readings.
pub(super) fn reading(services: &Services, request_id: &str) -> Call {
    Call::read(request_id, Instant::now() + services.settings().readings())
}

impl Adapters {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Built>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Forgets a connection that is gone.
    pub(super) fn forget(&self, id: Uuid) {
        self.lock().remove(&id);
    }
}

/// Seals credentials for a connection, field by field.
pub(super) fn seal_credentials(
    services: &Services,
    connection_id: Uuid,
    credentials: &Credentials,
) -> Result<Vec<SecretRow>> {
    use secrecy::ExposeSecret as _;
    credentials
        .fields
        .iter()
        .map(|(field, secret)| {
            let sealed = services
                .vault()
                .seal(
                    &[&connection_id.to_string(), field],
                    secret.expose_secret().as_bytes(),
                )
                .map_err(Error::internal)?;
            Ok(SecretRow {
                field: field.clone(),
                key_id: sealed.key_id,
                wrapped_key: sealed.wrapped_key,
                ciphertext: sealed.ciphertext,
            })
        })
        .collect()
}
