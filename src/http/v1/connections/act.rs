//! Asking a vendor about its connection: checks and syncs.

use axum::Json;
use axum::extract::State;

use super::dto::Check;
use super::sync::SyncRun;
use crate::http::answer::Accepted;
use crate::http::auth::{Authorized, ConnectionsWrite, Demand};
use crate::http::extract::{Act, ConnectionName, NoBody, NoQuery};
use crate::http::openapi::{Conflicts, Unsupported};
use crate::http::problem::Answer;
use crate::services::{Services, connections, syncs};

/// Check a connection
///
/// Asks the vendor whether the credentials are good and what they allow, and keeps what it learns. Always 200: a vendor's
/// trouble is a finding.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/check",
    tag = "connections",
    params(("id" = String, Path, description = "Id or name of the connection.", example = "luna")),
    responses((
        status = 200,
        description = "What was found.",
        body = Check,
        example = json!({"healthy": true, "findings": []})
    )),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn check_connection(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    ConnectionName(name): ConnectionName,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<Json<Check>> {
    let request_id = &act.intent.request_id;
    let result = connections::check_connection(&services, &caller, &name, request_id).await?;
    Ok(Json(result.into()))
}

/// Sync a connection
///
/// Asks for a full run over the vendor's accounts. It goes on by itself; `GET /v1/connections/{id}/syncs` shows its progress.
/// One run of a connection is open at a time.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/sync",
    tag = "connections",
    params(("id" = String, Path, description = "Id or name of the connection.", example = "luna")),
    responses(
        (
            status = 202,
            description = "The run, which goes on by itself.",
            body = SyncRun,
            headers(("Location" = String, description = "Where its progress is shown."))
        ),
        Conflicts,
        Unsupported
    ),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn start_sync(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    ConnectionName(name): ConnectionName,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<Accepted<SyncRun>> {
    let run = syncs::start_sync(&services, &caller, &name, &act.intent).await?;
    Ok(Accepted {
        location: format!("/v1/connections/{}/syncs", run.connection_id),
        body: run.into(),
    })
}
