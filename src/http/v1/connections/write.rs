//! Making, changing and removing connections.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::dto::{Connection, ConnectionCreate, ConnectionPatch};
use crate::http::answer::Created;
use crate::http::auth::{Authorized, ConnectionsWrite, Demand};
use crate::http::extract::{
    Act, ActHeaders, ConnectionName, ETag, IfMatch, IfMatchHeader, NoBody, NoQuery,
};
use crate::http::openapi::{Conflicts, Unsupported};
use crate::http::problem::Answer;
use crate::services::{Services, connections};

/// Create a connection
///
/// Nothing is sent to the vendor; `POST /v1/connections/{id}/check` does that. What goes into `settings` and `credentials` is
/// said by `GET /v1/vendors/{vendor}`.
#[utoipa::path(
    post,
    path = "/v1/connections",
    tag = "connections",
    params(ActHeaders),
    request_body(
        content = ConnectionCreate,
        example = json!({
            "name": "luna-second",
            "vendor": "luna",
            "settings": {"base_url": "https://luna.example:5170"},
            "credentials": {"kind": "none"},
            "sync_every_seconds": 0
        })
    ),
    responses(
        (
            status = 201,
            description = "The connection.",
            body = Connection,
            headers(
                ("Location" = String, description = "Where it is."),
                ("ETag" = String, description = "Its version, for `If-Match`.")
            )
        ),
        Conflicts,
        Unsupported
    ),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn create_connection(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    _: NoQuery,
    act: Act<ConnectionCreate>,
) -> Answer<(ETag, Created<Connection>)> {
    let new = act.body.into();
    let row = connections::create_connection(&services, &caller, new, &act.intent).await?;
    let created = Created {
        location: format!("/v1/connections/{}", row.id),
        body: Connection::from(row.clone()),
    };
    Ok((ETag(row.version), created))
}

/// Update a connection
///
/// What is missing stays as it is. Changing an address (a setting of format `uri`) or the kind of credential needs complete
/// `credentials` in the same request: stored ones are never sent to a new address.
#[utoipa::path(
    patch,
    path = "/v1/connections/{id}",
    tag = "connections",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        IfMatchHeader
    ),
    request_body(content = ConnectionPatch, example = json!({"sync_every_seconds": 600})),
    responses(
        (
            status = 200,
            description = "The connection as it is now.",
            body = Connection,
            headers(("ETag" = String, description = "Its version, for `If-Match`."))
        ),
        Conflicts
    ),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn update_connection(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    ConnectionName(name): ConnectionName,
    if_match: IfMatch,
    _: NoQuery,
    act: Act<ConnectionPatch>,
) -> Answer<(ETag, Json<Connection>)> {
    let (change, version) = (act.body.into(), if_match.version());
    let row =
        connections::update_connection(&services, &caller, &name, change, version, &act.intent)
            .await?;
    Ok((ETag(row.version), Json(row.into())))
}

/// Delete a connection
///
/// Removes it with our copies of its accounts; nothing is removed at the vendor. Refused while operations of it are
/// unfinished.
#[utoipa::path(
    delete,
    path = "/v1/connections/{id}",
    tag = "connections",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna-second"),
        IfMatchHeader
    ),
    responses((status = 204, description = "It is gone."), Conflicts),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn delete_connection(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    ConnectionName(name): ConnectionName,
    if_match: IfMatch,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<StatusCode> {
    let version = if_match.version();
    connections::delete_connection(&services, &caller, &name, version, &act.intent).await?;
    Ok(StatusCode::NO_CONTENT)
}
