//! Changing connections.

use serde_json::{Value, json};

use super::schema::{check_credentials, check_settings, uri_settings};
use super::write::{check_interval, check_name, remember, stale, tell, try_build};
use super::{ConnectionRow, find_visible};
use crate::adapters::{self};
use crate::domain::{Caller, Scope};
use crate::error::{Code, Error, FieldError, Result};
use crate::services::callers::require;
use crate::services::connected::seal_credentials;
use crate::services::operations::replayed;
use crate::services::{Intent, Services};
use crate::store::connections::{self, ConnectionUpdate};
use crate::store::custody;

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
