//! Making, changing and removing connections.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::schema::{check_credentials, check_settings, uri_settings};
use super::{ConnectionRow, find_visible};
use crate::adapters::contract::MemoryCell;
use crate::adapters::vendor::{Credentials, Parts, Variant};
use crate::adapters::{self};
use crate::domain::{Caller, Connections, Scope};
use crate::error::{Code, Error, FieldError, Result};
use crate::services::callers::{body_hmac, require, same_body};
use crate::services::connected::seal_credentials;
use crate::services::operations::{key_scope, replayed};
use crate::services::{Intent, Services};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::connections::{self, ConnectionUpdate, NewConnectionRow};
use crate::store::{custody, idempotency, keys};

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

/// Changes to a connection; `None` leaves a field as it is.
#[derive(Clone, Default)]
pub struct ConnectionChange {
    /// New name.
    pub name: Option<String>,
    /// Merged into the settings; a `null` removes one.
    pub settings: Option<Value>,
    /// Complete new credentials.
    pub credentials: Option<Value>,
    /// New interval.
    pub sync_every_seconds: Option<i32>,
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

/// Changes a connection; `if_match` refuses a change of one that is no longer at that version.
///
/// # Errors
/// Every bad field at once; [`Code::PreconditionFailed`]; not found.
pub async fn update_connection(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    change: ConnectionChange,
    if_match: Option<i64>,
    intent: &Intent,
) -> Result<ConnectionRow> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    let seen = find_visible(services, caller, id_or_name).await?;
    if replayed(services, caller, intent).await?.is_some() {
        return Ok(seen);
    }
    let variant = adapters::variant(&seen.variant)
        .ok_or_else(|| Error::internal(format!("no variant {} in this build", seen.variant)))?;
    let name = change.name.unwrap_or_else(|| seen.name.clone());
    let sync_every_seconds = change.sync_every_seconds.unwrap_or(seen.sync_every_seconds);
    let settings = merge(&seen.settings, change.settings.as_ref());

    let mut wrong = Vec::from_iter(check_name(&name));
    wrong.extend(check_interval(sync_every_seconds));
    wrong.extend(check_settings(variant, services.transport(), &settings)?);
    let moved = uri_settings(variant)
        .into_iter()
        .find(|name| settings.get(name) != seen.settings.get(name));
    let credentials = match &change.credentials {
        None => None,
        Some(value) => match check_credentials(variant, value)? {
            Ok(credentials) => Some(credentials),
            Err(complaints) => {
                wrong.extend(complaints);
                None
            }
        },
    };
    if let (Some(moved), None) = (moved, &change.credentials) {
        // Else who may change the address could have the stored credentials sent to a host of theirs.
        wrong.push(FieldError {
            pointer: "/credentials".into(),
            detail: format!("are required, complete, in a request that changes `{moved}`: the stored ones are never sent to a new address"),
        });
    }
    if !wrong.is_empty() {
        return Err(Error::invalid_fields(wrong));
    }
    if let Some(credentials) = &credentials {
        try_build(services, variant, seen.id, &settings, credentials)?;
    }

    let mut transaction = services.store().begin().await?;
    if if_match.is_some_and(|version| version != seen.version) {
        return Err(stale());
    }
    let reset = settings != seen.settings;
    let updated = connections::update(
        &mut transaction,
        seen.id,
        seen.version,
        ConnectionUpdate {
            name,
            forget_check: reset || credentials.is_some(),
            settings,
            credentials_kind: credentials
                .as_ref()
                .map_or_else(|| seen.credentials_kind.clone(), |new| new.kind.clone()),
            sync_every_seconds,
            new_credentials: credentials.is_some(),
        },
    )
    .await?;
    if !updated {
        return Err(stale());
    }
    // What was sent to the old place must be read back there: elsewhere its absence would prove nothing.
    let running = connections::running_operations(&mut transaction, seen.id).await?;
    if reset && running > 0 {
        return Err(Error::new(
            Code::Conflict,
            format!("{running} operations of this connection are running. Wait until they have ended, then change its settings."),
        )
        .field("/settings", "can't be changed while operations run"));
    }
    // An equal request that was faster made this one's version stale, so nobody recorded the key before.
    remember(services, &mut transaction, caller, intent, seen.id).await?;
    if let Some(credentials) = &credentials {
        let sealed = seal_credentials(services, seen.id, credentials)?;
        connections::replace_secrets(&mut transaction, seen.id, sealed).await?;
        custody::forget(&mut transaction, seen.id).await?;
    }
    let detail = json!({"credentials_replaced": credentials.is_some()});
    tell(
        &mut transaction,
        caller,
        "connection.update",
        seen.id,
        detail,
        intent,
    )
    .await?;
    transaction.commit().await?;
    find_visible(services, caller, &seen.id.to_string()).await
}

/// Removes a connection with our copies of its rows; nothing is removed at the vendor.
///
/// # Errors
/// A conflict while operations of it are unfinished; [`Code::PreconditionFailed`]; not found.
pub async fn delete_connection(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    if_match: Option<i64>,
    intent: &Intent,
) -> Result<()> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    if replayed(services, caller, intent).await?.is_some() {
        return Ok(());
    }
    let seen = find_visible(services, caller, id_or_name).await?;
    let mut transaction = services.store().begin().await?;
    let row = connections::lock(&mut transaction, seen.id)
        .await?
        .ok_or_else(|| Error::not_found("connection"))?;
    if if_match.is_some_and(|version| version != row.version) {
        return Err(stale());
    }
    connections::delete(&mut transaction, row.id).await?;
    remember(services, &mut transaction, caller, intent, row.id).await?;
    let detail = json!({"name": row.name});
    tell(
        &mut transaction,
        caller,
        "connection.delete",
        row.id,
        detail,
        intent,
    )
    .await?;
    transaction.commit().await?;
    services.adapters().forget(row.id);
    Ok(())
}

fn stale() -> Error {
    Error::new(
        Code::PreconditionFailed,
        "The connection changed since you read it. Read it again and decide anew.",
    )
}

fn check_name(name: &str) -> Option<FieldError> {
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

fn check_interval(seconds: i32) -> Option<FieldError> {
    let good = seconds == 0 || (10..=7 * 86_400).contains(&seconds);
    (!good).then(|| FieldError {
        pointer: "/sync_every_seconds".into(),
        detail: "must be 0 (never) or 10 to 604800".into(),
    })
}

/// RFC 7396 on the first level, which is all that settings have.
fn merge(settings: &Value, change: Option<&Value>) -> Value {
    let mut merged = settings.clone();
    match (merged.as_object_mut(), change) {
        (_, None) => {}
        (Some(target), Some(Value::Object(change))) => {
            for (name, value) in change {
                if value.is_null() {
                    target.remove(name);
                } else {
                    target.insert(name.clone(), value.clone());
                }
            }
        }
        // No object: the schema will say so.
        (_, Some(other)) => return other.clone(),
    }
    merged
}

/// What no schema can say, the adapter says when it is built.
fn try_build(
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
async fn remember(
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

async fn tell(
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

/// Drops what an earlier sandbox left: its connections with all that hangs on them, and its keys.
///
/// # Errors
/// When the database fails.
pub async fn drop_sandbox(services: &Services, request_id: &str) -> Result<()> {
    let mut transaction = services.store().begin().await?;
    connections::drop_sandbox(&mut transaction).await?;
    keys::drop_sandbox(&mut transaction).await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(&Caller::system()),
            action: "sandbox.reset",
            noun: "sandbox",
            noun_id: None,
            connection_id: None,
            operation_id: None,
            outcome: "succeeded",
            detail: json!({}),
            request_id,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}
