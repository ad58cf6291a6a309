//! The ledger of every act toward a vendor.

mod dto;
mod plan;
mod read;
mod write;

use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use dto::Operation;
pub use plan::{Plan, answered};

use crate::domain::Caller;
use crate::error::Error;
use crate::http::Gateway;
use crate::http::answer::Accepted;
use crate::http::problem::Answer;
use crate::services::{Services, operations};

/// The routes of operations.
pub fn router() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(read::list_operations))
        .routes(routes!(read::find_operation))
        .routes(routes!(write::resolve_operation))
}

/// 202 for an act that goes on without its caller, with the operation as it stands now.
async fn accepted(services: &Services, caller: &Caller, id: Uuid) -> Answer<Response> {
    let row = match operations::find_operation(services, caller, id).await {
        Err(error) if error.is_retryable() => {
            let detail = "The request is recorded and goes on; how it stands can't be read now. Look at the operation before you ask again.";
            return Err(Error {
                operation_id: Some(id),
                detail: detail.into(),
                ..error
            }
            .into());
        }
        row => row?,
    };
    let accepted = Accepted {
        location: format!("/v1/operations/{id}"),
        body: Operation::from(row),
    };
    Ok(accepted.into_response())
}
