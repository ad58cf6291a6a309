//! Reading the audit trail.

use axum::Json;
use axum::extract::State;

use super::dto::{AuditEvent, AuditQuery};
use crate::http::auth::{AuditRead, Authorized, Demand};
use crate::http::extract::Query;
use crate::http::paging::Page;
use crate::http::problem::Answer;
use crate::services::{Services, audit};

/// List audit events
///
/// Newest first. Events that belong to no connection show only to keys that see every connection.
#[utoipa::path(
    get,
    path = "/v1/audit-events",
    tag = "audit",
    params(AuditQuery),
    responses((status = 200, description = "A page of audit events.", body = Page<AuditEvent>)),
    extensions(("x-required-scope" = json!(AuditRead::WORD)))
)]
pub async fn list_audit_events(
    State(services): State<Services>,
    caller: Authorized<AuditRead>,
    Query(query): Query<AuditQuery>,
) -> Answer<Json<Page<AuditEvent>>> {
    let (connection, filter, page) = query.into();
    let connection = connection.as_deref();
    let listing = audit::list_audit_events(&services, &caller, connection, filter, page).await?;
    Ok(Json(Page::of(listing)))
}
