//! Ending operations by hand.

use axum::Json;
use axum::extract::State;

use super::dto::{Operation, Outcome, Resolve};
use crate::http::auth::{Authorized, Demand, OperationsWrite};
use crate::http::extract::{Act, NoQuery, OperationId};
use crate::http::openapi::Conflicts;
use crate::http::problem::Answer;
use crate::services::{Services, operations};

/// Resolve an operation
///
/// Says how one whose outcome is unknown did end, after you looked at the vendor yourself. It changes nothing there; the next
/// sync shows what the operation left behind.
#[utoipa::path(
    post,
    path = "/v1/operations/{id}/resolve",
    tag = "operations",
    params(("id" = Uuid, Path, description = "Id of the operation.")),
    request_body(
        content = Resolve,
        example = json!({"outcome": "succeeded", "reason": "The account is there, with the name that was asked for."})
    ),
    responses(
        (status = 200, description = "The operation as it stands now.", body = Operation),
        Conflicts
    ),
    extensions(("x-required-scope" = json!(OperationsWrite::WORD)))
)]
pub async fn resolve_operation(
    State(services): State<Services>,
    caller: Authorized<OperationsWrite>,
    OperationId(id): OperationId,
    _: NoQuery,
    act: Act<Resolve>,
) -> Answer<Json<Operation>> {
    let Resolve { outcome, reason } = act.body;
    let succeeded = outcome == Outcome::Succeeded;
    let request_id = &act.intent.request_id;
    let row = operations::resolve_operation(&services, &caller, id, succeeded, &reason, request_id)
        .await?;
    Ok(Json(row.into()))
}
