//! Asking a vendor about its connection: checks and syncs.

use axum::Json;
use axum::extract::State;

use super::dto::Check;
use super::sync::{LiftBrake, SyncRun};
use crate::http::answer::Accepted;
use crate::http::auth::{Authorized, ConnectionsWrite, Demand};
use crate::http::extract::{Act, ConnectionName, ConnectionSync, NoBody, NoQuery};
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
/// Asks for a full run over everything that the vendor lists: resources, entitlements, accounts, grants and what was done, as
/// far as the connection can. It goes on by itself; `GET /v1/connections/{id}/syncs` shows its progress. One run of a connection is open at a time.
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

/// Lift the brake of a sync
///
/// A part of a sync that would remove more than a tenth (and more than 50) of a connection's accounts, say, stops and names
/// them. Two people may let them go: the person who asked for that sync counts as the first, else the first call here proposes
/// it and a second person's confirms. Then a new sync is asked for (`brake.lifted_into`) that may remove what the stopped one
/// named and nothing else; each of them is still looked for once more. Needs a person's key, and that no newer sync was asked
/// for.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/syncs/{sync_id}/lift-brake",
    tag = "connections",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("sync_id" = Uuid, Path, description = "Id of the sync that the brake stopped.")
    ),
    request_body(
        content = LiftBrake,
        example = json!({"reason": "The sales department was dissolved; HR confirmed the list."})
    ),
    responses(
        (status = 200, description = "The sync that was stopped, with who lifted its brake and who is still needed.", body = SyncRun),
        Conflicts
    ),
    extensions(("x-required-scope" = json!(ConnectionsWrite::WORD)))
)]
pub async fn lift_brake(
    State(services): State<Services>,
    caller: Authorized<ConnectionsWrite>,
    ConnectionSync { connection, sync }: ConnectionSync,
    _: NoQuery,
    act: Act<LiftBrake>,
) -> Answer<Json<SyncRun>> {
    let LiftBrake { reason } = act.body;
    let request_id = &act.intent.request_id;
    let run = syncs::lift_brake(&services, &caller, &connection, sync, &reason, request_id).await?;
    Ok(Json(run.into()))
}
