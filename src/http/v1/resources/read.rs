//! Reading resources.

use axum::Json;
use axum::extract::State;

use super::dto::Resource;
use super::query::ResourceQuery;
use crate::http::auth::{Authorized, Demand, EntitlementsRead};
use crate::http::extract::{Query, ResourceId};
use crate::http::openapi::{Unsupported, Upstream};
use crate::http::paging::{CoveredPage, Single, SingleQuery};
use crate::http::problem::Answer;
use crate::services::{Services, resources};

/// List resources
///
/// From our copies of what the vendors hold; `as_of` and `stale` say how good they are. Narrowed to a connection that can't
/// list resources it is refused, since an empty list would say that there are none.
#[utoipa::path(
    get,
    path = "/v1/resources",
    tag = "resources",
    params(ResourceQuery),
    responses(
        (status = 200, description = "A page of resources.", body = CoveredPage<Resource>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(EntitlementsRead::WORD)))
)]
pub async fn list_resources(
    State(services): State<Services>,
    caller: Authorized<EntitlementsRead>,
    Query(query): Query<ResourceQuery>,
) -> Answer<Json<CoveredPage<Resource>>> {
    let listing = resources::list_resources(&services, &caller, query.into()).await?;
    Ok(Json(CoveredPage::of(listing)))
}

/// Find a resource
///
/// Deleted ones too.
#[utoipa::path(
    get,
    path = "/v1/resources/{id}",
    tag = "resources",
    params(("id" = Uuid, Path, description = "Id of the resource."), SingleQuery),
    responses((status = 200, description = "The resource.", body = Single<Resource>), Upstream),
    extensions(("x-required-scope" = json!(EntitlementsRead::WORD)))
)]
pub async fn find_resource(
    State(services): State<Services>,
    caller: Authorized<EntitlementsRead>,
    ResourceId(id): ResourceId,
    Query(query): Query<SingleQuery>,
) -> Answer<Json<Single<Resource>>> {
    let SingleQuery {
        include,
        max_age_seconds,
    } = query;
    let (include_raw, max_age) = (include.is_some(), max_age_seconds.map(Into::into));
    let found = resources::find_resource(&services, &caller, id, include_raw, max_age).await?;
    Ok(Json(Single::of(found)))
}
