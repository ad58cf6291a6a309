//! Reading operations.

use axum::Json;
use axum::extract::State;

use super::dto::{Operation, OperationQuery};
use crate::http::auth::{AnyCaller, Authorized, Demand, OperationsRead};
use crate::http::extract::{NoQuery, OperationId, Query};
use crate::http::openapi::Forbidden;
use crate::http::paging::Page;
use crate::http::problem::Answer;
use crate::services::{Services, operations};

/// List operations
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/v1/operations",
    tag = "operations",
    params(OperationQuery),
    responses((status = 200, description = "A page of operations.", body = Page<Operation>)),
    extensions(("x-required-scope" = json!(OperationsRead::WORD)))
)]
pub async fn list_operations(
    State(services): State<Services>,
    caller: Authorized<OperationsRead>,
    Query(query): Query<OperationQuery>,
) -> Answer<Json<Page<Operation>>> {
    let (connection, filter, page) = query.into();
    let connection = connection.as_deref();
    let listing = operations::list_operations(&services, &caller, connection, filter, page).await?;
    Ok(Json(Page::of(listing)))
}

/// Find an operation
///
/// Whoever started it may read it; anyone else needs the scope `operations:read`.
#[utoipa::path(
    get,
    path = "/v1/operations/{id}",
    tag = "operations",
    params(("id" = Uuid, Path, description = "Id of the operation.")),
    responses((status = 200, description = "The operation.", body = Operation), Forbidden),
    extensions(("x-required-scope" = json!(AnyCaller::WORD)))
)]
pub async fn find_operation(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    OperationId(id): OperationId,
    _: NoQuery,
) -> Answer<Json<Operation>> {
    let row = operations::find_operation(&services, &caller, id).await?;
    Ok(Json(row.into()))
}
