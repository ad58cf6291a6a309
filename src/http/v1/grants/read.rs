//! Reading grants.

use axum::Json;
use axum::extract::State;

use super::dto::Grant;
use super::query::{GrantQuery, GrantsOfQuery};
use crate::http::auth::{Authorized, Demand, GrantsRead};
use crate::http::extract::{AccountId, EntitlementId, GrantId, Query};
use crate::http::openapi::{Unsupported, Upstream};
use crate::http::paging::{PartlyCoveredPage, Single, SingleQuery};
use crate::http::problem::Answer;
use crate::services::grants::Of;
use crate::services::{Services, grants};

/// List grants
///
/// From our copies of what the vendors hold; `as_of` and `stale` say how good they are. Narrowed to a connection that can't
/// list grants it is refused, since an empty list would say that there are none.
/// A connection in `partial` has a vendor that lists some of its grants and not all.
#[utoipa::path(
    get,
    path = "/v1/grants",
    tag = "grants",
    params(GrantQuery),
    responses(
        (status = 200, description = "A page of grants.", body = PartlyCoveredPage<Grant>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(GrantsRead::WORD)))
)]
pub async fn list_grants(
    State(services): State<Services>,
    caller: Authorized<GrantsRead>,
    Query(query): Query<GrantQuery>,
) -> Answer<Json<PartlyCoveredPage<Grant>>> {
    let listing = grants::list_grants(&services, &caller, query.into()).await?;
    Ok(Json(PartlyCoveredPage::of(listing)))
}

/// Find a grant
///
/// Deleted ones too.
#[utoipa::path(
    get,
    path = "/v1/grants/{id}",
    tag = "grants",
    params(("id" = Uuid, Path, description = "Id of the grant."), SingleQuery),
    responses((status = 200, description = "The grant.", body = Single<Grant>), Upstream),
    extensions(("x-required-scope" = json!(GrantsRead::WORD)))
)]
pub async fn find_grant(
    State(services): State<Services>,
    caller: Authorized<GrantsRead>,
    GrantId(id): GrantId,
    Query(query): Query<SingleQuery>,
) -> Answer<Json<Single<Grant>>> {
    let SingleQuery {
        include,
        max_age_seconds,
    } = query;
    let (include_raw, max_age) = (include.is_some(), max_age_seconds.map(Into::into));
    let found = grants::find_grant(&services, &caller, id, include_raw, max_age).await?;
    Ok(Json(Single::of(found)))
}

/// List the grants of an account
///
/// What an account holds, as `GET /v1/grants` lists it.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/grants",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), GrantsOfQuery),
    responses(
        (status = 200, description = "A page of grants.", body = PartlyCoveredPage<Grant>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(GrantsRead::WORD)))
)]
pub async fn list_account_grants(
    State(services): State<Services>,
    caller: Authorized<GrantsRead>,
    AccountId(id): AccountId,
    Query(query): Query<GrantsOfQuery>,
) -> Answer<Json<PartlyCoveredPage<Grant>>> {
    let of = Of::Account(id);
    let listing = grants::list_grants_of(&services, &caller, of, query.into()).await?;
    Ok(Json(PartlyCoveredPage::of(listing)))
}

/// List the grants of an entitlement
///
/// Who holds an entitlement, as `GET /v1/grants` lists it.
#[utoipa::path(
    get,
    path = "/v1/entitlements/{id}/grants",
    tag = "entitlements",
    params(("id" = Uuid, Path, description = "Id of the entitlement."), GrantsOfQuery),
    responses(
        (status = 200, description = "A page of grants.", body = PartlyCoveredPage<Grant>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(GrantsRead::WORD)))
)]
pub async fn list_entitlement_grants(
    State(services): State<Services>,
    caller: Authorized<GrantsRead>,
    EntitlementId(id): EntitlementId,
    Query(query): Query<GrantsOfQuery>,
) -> Answer<Json<PartlyCoveredPage<Grant>>> {
    let of = Of::Entitlement(id);
    let listing = grants::list_grants_of(&services, &caller, of, query.into()).await?;
    Ok(Json(PartlyCoveredPage::of(listing)))
}
