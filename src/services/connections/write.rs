//! Making connections, and what making, changing and removing them have in common.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::schema::{check_credentials, check_settings};
use super::{ConnectionRow, find_visible};
use crate::adapters::contract::MemoryCell;
use crate::adapters::vendor::{Credentials, Parts, Variant};
use crate::adapters::{self};
use crate::domain::{Caller, Connections, Scope};
use crate::error::{Code, Error, FieldError, Result};
use crate::services::callers::{body_hmac, require, same_body};
use crate::services::connected::seal_credentials;
use crate::services::operations::key_scope;
use crate::services::{Intent, Services};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::connections::{self, NewConnectionRow};
use crate::store::idempotency;

/// Seconds between scheduled syncs where the caller does not say.
const DEFAULT_SYNC_SECONDS: i32 = 3600;

/// A connection to be made.
#[derive(Clone)]
pub struct NewConnection {
    /// Unique, `^[a-z][a-z0-9-]{1,62}$`.
    pub name: String,
    /// The vendor.
    pub vendor: String,
    /// The variant; default the vendor's first.
    pub variant: Option<String>,
    /// Matches the variant's schema.
    pub settings: Value,
    /// Matches the variant's schema; write-only.
    pub credentials: Value,
    /// 0: never; default 3600.
    pub sync_every_seconds: Option<i32>,
    /// Made by the sandbox.
    pub sandbox: bool,
}

/// Makes a connection. Nothing is sent to the vendor.
///
/// # Errors
/// Every bad field at once; a conflict when the name is taken.
pub async fn create_connection(
    services: &Services,
    caller: &Caller,
    new: NewConnection,
    intent: &Intent,
) -> Result<ConnectionRow> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    if caller.connections != Connections::All {
        return Err(Error::new(
            Code::Forbidden,
            "Your key is for certain connections only, so it can't make new ones.",
        ));
    }
    let vendor = adapters::vendor(&new.vendor).ok_or_else(|| {
        let known: Vec<&str> = adapters::VENDORS.iter().map(|vendor| vendor.slug).collect();
        Error::invalid("/vendor", format!("must be one of {}", known.join(", ")))
    })?;
    let variant = match &new.variant {
        None => vendor.variants.first(),
        Some(slug) => vendor.variants.iter().find(|variant| variant.slug == slug),
    }
    .ok_or_else(|| {
        let known: Vec<&str> = vendor.variants.iter().map(|variant| variant.slug).collect();
        Error::invalid("/variant", format!("must be one of {}", known.join(", ")))
    })?;

    let sync_every_seconds = new.sync_every_seconds.unwrap_or(DEFAULT_SYNC_SECONDS);
    let mut wrong = Vec::from_iter(check_name(&new.name));
    wrong.extend(check_interval(sync_every_seconds));
    wrong.extend(check_settings(
        variant,
        services.transport(),
        &new.settings,
    )?);
    let credentials = match check_credentials(variant, &new.credentials)? {
        Ok(credentials) => credentials,
        Err(complaints) => {
            wrong.extend(complaints);
            Credentials::default()
        }
    };
    if !wrong.is_empty() {
        return Err(Error::invalid_fields(wrong));
    }
    let id = Uuid::now_v7();
    try_build(services, variant, id, &new.settings, &credentials)?;

    let mut transaction = services.store().begin().await?;
    if let Some(earlier) = remember(services, &mut transaction, caller, intent, id).await? {
        drop(transaction);
        return find_visible(services, caller, &earlier.to_string()).await;
    }
    connections::insert(
        &mut transaction,
        NewConnectionRow {
            id,
            name: new.name,
            vendor: vendor.slug.to_owned(),
            variant: variant.slug.to_owned(),
            settings: new.settings,
            credentials_kind: credentials.kind.clone(),
            sync_every_seconds,
            sandbox: new.sandbox,
        },
    )
    .await?;
    let sealed = seal_credentials(services, id, &credentials)?;
    connections::replace_secrets(&mut transaction, id, sealed).await?;
    let detail = json!({"variant": variant.slug});
    tell(
        &mut transaction,
        caller,
        "connection.create",
        id,
        detail,
        intent,
    )
    .await?;
    let row = connections::find(&mut *transaction, &Connections::All, &id.to_string()).await?;
    transaction.commit().await?;
    row.ok_or_else(|| Error::internal("a new connection is not there"))
}

pub(super) fn stale() -> Error {
    Error::new(
        Code::PreconditionFailed,
        "The connection changed since you read it. Read it again and decide anew.",
    )
}

pub(super) fn check_name(name: &str) -> Option<FieldError> {
    let good = (2..=63).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (!good).then(|| FieldError {
        pointer: "/name".into(),
        detail: "must match ^[a-z][a-z0-9-]{1,62}$".into(),
    })
}

pub(super) fn check_interval(seconds: i32) -> Option<FieldError> {
    let good = seconds == 0 || (10..=7 * 86_400).contains(&seconds);
    (!good).then(|| FieldError {
        pointer: "/sync_every_seconds".into(),
        detail: "must be 0 (never) or 10 to 604800".into(),
    })
}

/// What no schema can say, the adapter says when it is built.
pub(super) fn try_build(
    services: &Services,
    variant: &Variant,
    connection_id: Uuid,
    settings: &Value,
    credentials: &Credentials,
) -> Result<()> {
    let parts = Parts {
        connection_id,
        settings: settings.clone(),
        credentials: credentials.clone(),
        cell: MemoryCell::empty(),
        transport: services.transport().clone(),
    };
    (variant.build)(parts)
        .map(drop)
        .map_err(|error| Error::invalid("/settings", error.to_string()))
}

/// Records the idempotency key for a thing about to be stored; the id of the earlier one when this is a repetition.
pub(super) async fn remember(
    services: &Services,
    transaction: &mut PgConnection,
    caller: &Caller,
    intent: &Intent,
    id: Uuid,
) -> Result<Option<Uuid>> {
    let Some(scope) = key_scope(caller, intent) else {
        return Ok(None);
    };
    let hmac = body_hmac(services, &intent.body);
    let Some(recorded) = idempotency::record(transaction, scope, &hmac, None, Some(id)).await?
    else {
        return Ok(None);
    };
    if !same_body(services, &intent.body, &recorded.body_hmac) {
        return Err(crate::services::operations::reused());
    }
    Ok(recorded.thing_id)
}

pub(super) async fn tell(
    transaction: &mut PgConnection,
    caller: &Caller,
    action: &str,
    id: Uuid,
    detail: Value,
    intent: &Intent,
) -> Result<()> {
    audit::record(
        transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action,
            noun: "connection",
            noun_id: Some(id),
            connection_id: Some(id),
            operation_id: None,
            outcome: "succeeded",
            detail,
            request_id: &intent.request_id,
        },
    )
    .await
}
