//! Reading entitlements.

use axum::Json;
use axum::extract::State;

use super::dto::Entitlement;
use super::query::EntitlementQuery;
use crate::http::auth::{Authorized, Demand, EntitlementsRead};
use crate::http::extract::{EntitlementId, Query};
use crate::http::openapi::{Unsupported, Upstream};
use crate::http::paging::{CoveredPage, Single, SingleQuery};
use crate::http::problem::Answer;
use crate::services::{Services, entitlements};

/// List entitlements
///
/// From our copies of what the vendors hold; `as_of` and `stale` say how good they are. Narrowed to a connection that can't
/// list entitlements it is refused, since an empty list would say that there are none.
#[utoipa::path(
    get,
    path = "/v1/entitlements",
    tag = "entitlements",
    params(EntitlementQuery),
    responses(
        (status = 200, description = "A page of entitlements.", body = CoveredPage<Entitlement>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(EntitlementsRead::WORD)))
)]
pub async fn list_entitlements(
    State(services): State<Services>,
    caller: Authorized<EntitlementsRead>,
    Query(query): Query<EntitlementQuery>,
) -> Answer<Json<CoveredPage<Entitlement>>> {
    let listing = entitlements::list_entitlements(&services, &caller, query.into()).await?;
    Ok(Json(CoveredPage::of(listing)))
}

/// Find an entitlement
///
/// Deleted ones too.
#[utoipa::path(
    get,
    path = "/v1/entitlements/{id}",
    tag = "entitlements",
    params(("id" = Uuid, Path, description = "Id of the entitlement."), SingleQuery),
    responses((status = 200, description = "The entitlement.", body = Single<Entitlement>), Upstream),
    extensions(("x-required-scope" = json!(EntitlementsRead::WORD)))
)]
pub async fn find_entitlement(
    State(services): State<Services>,
    caller: Authorized<EntitlementsRead>,
    EntitlementId(id): EntitlementId,
    Query(query): Query<SingleQuery>,
) -> Answer<Json<Single<Entitlement>>> {
    let SingleQuery {
        include,
        max_age_seconds,
    } = query;
    let (include_raw, max_age) = (include.is_some(), max_age_seconds.map(Into::into));
    let found =
        entitlements::find_entitlement(&services, &caller, id, include_raw, max_age).await?;
    Ok(Json(Single::of(found)))
}
