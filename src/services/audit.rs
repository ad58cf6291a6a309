//! The audit trail, read.

use super::paging::Pager;
use super::{Listing, PageSpec, Services};
use crate::domain::{Caller, Scope};
use crate::error::Result;
use crate::services::callers::require;
use crate::services::connections::resolve_filter;
pub use crate::store::audit::{AuditEvent, AuditFilter};

/// Lists audit events, newest first. `connection` narrows by id or name.
///
/// # Errors
/// Without the scope, or with a cursor of another list.
pub async fn list_audit_events(
    services: &Services,
    caller: &Caller,
    connection: Option<&str>,
    mut filter: AuditFilter,
    page: PageSpec,
) -> Result<Listing<AuditEvent>> {
    require(caller, Scope::AUDIT_READ)?;
    filter.connection_id = resolve_filter(services, caller, connection).await?;
    let pager = Pager::open(services, "audit-events", &filter, &page)?;
    let rows = crate::store::audit::list(
        services.store().requests(),
        &caller.connections,
        &filter,
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |event| event.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: None,
    })
}
