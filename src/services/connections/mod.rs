//! Connections: configured tenants of vendors.

mod check;
mod delete;
mod schema;
mod update;
mod write;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

pub use check::{CheckResult, check_connection};
pub use delete::{delete_connection, drop_sandbox};
pub use update::{ConnectionChange, update_connection};
pub use write::{NewConnection, create_connection};

pub(super) use schema::complaints;

pub use crate::store::connections::{ConnectionFilter, ConnectionRow};

use super::callers::require;
use super::connected::{self};
use super::paging::Pager;
use super::{Listing, PageSpec, Services};
use crate::domain::{Caller, Capability, Scope};
use crate::error::{Error, Result};

/// Lists the connections that the caller may see.
///
/// # Errors
/// Without the scope, or with a cursor of another list.
pub async fn list_connections(
    services: &Services,
    caller: &Caller,
    filter: ConnectionFilter,
    page: PageSpec,
) -> Result<Listing<ConnectionRow>> {
    require(caller, Scope::CONNECTIONS_READ)?;
    let pager = Pager::open(services, "connections", &filter, &page)?;
    let rows = crate::store::connections::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |row| row.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: None,
    })
}

/// One connection, by id or name.
///
/// # Errors
/// Without the scope; not found.
pub async fn find_connection(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
) -> Result<ConnectionRow> {
    require(caller, Scope::CONNECTIONS_READ)?;
    find_visible(services, caller, id_or_name).await
}

/// One connection, for use cases that have checked their own scope.
pub(super) async fn find_visible(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
) -> Result<ConnectionRow> {
    crate::store::connections::find(services.store().requests(), &caller.connections, id_or_name)
        .await?
        .ok_or_else(|| Error::not_found("connection"))
}

/// The id of a connection that a filter names by id or name.
pub(super) async fn resolve_filter(
    services: &Services,
    caller: &Caller,
    id_or_name: Option<&str>,
) -> Result<Option<Uuid>> {
    match id_or_name {
        None => Ok(None),
        Some(name) => Ok(Some(find_visible(services, caller, name).await?.id)),
    }
}

/// What a connection can do.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// The connection.
    pub connection_id: Uuid,
    /// Its variant.
    pub variant: String,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// What its variant can do and it can't, as far as the last check found.
    pub missing: Vec<Capability>,
    /// When that was found; `None`: never checked, so these are the variant's.
    pub checked_at: Option<DateTime<Utc>>,
    /// JSON Schema of `attributes` of a new account.
    pub create_attributes_schema: Value,
}

/// What a connection can do, and the schema of its accounts' attributes.
///
/// # Errors
/// Without the scope; not found.
pub async fn find_capabilities(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
) -> Result<Capabilities> {
    require(caller, Scope::CONNECTIONS_READ)?;
    let connected = connected::open(services, &caller.connections, id_or_name).await?;
    let capabilities = connected.capabilities();
    let missing = connected
        .adapter
        .capabilities()
        .into_iter()
        .filter(|capability| !capabilities.contains(capability))
        .collect();
    Ok(Capabilities {
        connection_id: connected.row.id,
        create_attributes_schema: connected
            .row
            .checked_create_schema
            .clone()
            .unwrap_or_else(connected.variant.create_attributes_schema),
        variant: connected.row.variant,
        capabilities,
        missing,
        checked_at: connected.row.checked_at,
    })
}
