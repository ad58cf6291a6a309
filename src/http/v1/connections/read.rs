//! Reading connections.

use axum::Json;
use axum::extract::State;

use super::dto::{Connection, ConnectionCapabilities, ConnectionQuery};
use super::sync::{SyncPage, SyncQuery};
use crate::http::auth::{Authorized, ConnectionsRead, Demand};
use crate::http::extract::{ConnectionName, ETag, NoQuery, Query};
use crate::http::paging::Page;
use crate::http::problem::Answer;
use crate::services::{Services, connections, syncs};

/// List connections
///
/// Those that your key may see, oldest first.
#[utoipa::path(
    get,
    path = "/v1/connections",
    tag = "connections",
    params(ConnectionQuery),
    responses((status = 200, description = "A page of connections.", body = Page<Connection>)),
    extensions(("x-required-scope" = json!(ConnectionsRead::WORD)))
)]
pub async fn list_connections(
    State(services): State<Services>,
    caller: Authorized<ConnectionsRead>,
    Query(query): Query<ConnectionQuery>,
) -> Answer<Json<Page<Connection>>> {
    let (filter, page) = query.into();
    let listing = connections::list_connections(&services, &caller, filter, page).await?;
    Ok(Json(Page::of(listing)))
}

/// Find a connection
#[utoipa::path(
    get,
    path = "/v1/connections/{id}",
    tag = "connections",
    params(("id" = String, Path, description = "Id or name of the connection.", example = "luna")),
    responses((
        status = 200,
        description = "The connection.",
        body = Connection,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))
    )),
    extensions(("x-required-scope" = json!(ConnectionsRead::WORD)))
)]
pub async fn find_connection(
    State(services): State<Services>,
    caller: Authorized<ConnectionsRead>,
    ConnectionName(name): ConnectionName,
    _: NoQuery,
) -> Answer<(ETag, Json<Connection>)> {
    let row = connections::find_connection(&services, &caller, &name).await?;
    Ok((ETag(row.version), Json(row.into())))
}

/// Show what a connection can do
///
/// What its variant can do, narrowed by what the last check found; with the JSON Schema of a new account's `attributes`.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/capabilities",
    tag = "connections",
    params(("id" = String, Path, description = "Id or name of the connection.", example = "luna")),
    responses((status = 200, description = "What it can do.", body = ConnectionCapabilities)),
    extensions(("x-required-scope" = json!(ConnectionsRead::WORD)))
)]
pub async fn find_capabilities(
    State(services): State<Services>,
    caller: Authorized<ConnectionsRead>,
    ConnectionName(name): ConnectionName,
    _: NoQuery,
) -> Answer<Json<ConnectionCapabilities>> {
    let found = connections::find_capabilities(&services, &caller, &name).await?;
    Ok(Json(found.into()))
}

/// List syncs of a connection
///
/// Newest first; an open run shows its progress, and the list what a full run will take.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/syncs",
    tag = "connections",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        SyncQuery
    ),
    responses((status = 200, description = "A page of runs.", body = SyncPage)),
    extensions(("x-required-scope" = json!(ConnectionsRead::WORD)))
)]
pub async fn list_syncs(
    State(services): State<Services>,
    caller: Authorized<ConnectionsRead>,
    ConnectionName(name): ConnectionName,
    Query(query): Query<SyncQuery>,
) -> Answer<Json<SyncPage>> {
    let syncs = syncs::list_syncs(&services, &caller, &name, query.into()).await?;
    Ok(Json(syncs.into()))
}
