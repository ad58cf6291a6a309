//! Reading identities.

use axum::Json;
use axum::extract::State;

use super::dto::{Identity, WholeIdentity};
use super::query::{IdentityQuery, SingleIdentityQuery};
use crate::http::auth::{Authorized, Demand, IdentitiesRead};
use crate::http::extract::{IdentityId, Query};
use crate::http::openapi::{Unsupported, Upstream};
use crate::http::paging::{CoveredPage, Single};
use crate::http::problem::Answer;
use crate::services::{Services, identities};

/// List identities
///
/// With their accounts that are not deleted; an identity that has none left is not listed. The answer rests on every
/// connection that your key sees, however it is narrowed.
#[utoipa::path(
    get,
    path = "/v1/identities",
    tag = "identities",
    params(IdentityQuery),
    responses(
        (status = 200, description = "A page of identities.", body = CoveredPage<Identity>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(IdentitiesRead::WORD)))
)]
pub async fn list_identities(
    State(services): State<Services>,
    caller: Authorized<IdentitiesRead>,
    Query(query): Query<IdentityQuery>,
) -> Answer<Json<CoveredPage<Identity>>> {
    let listing = identities::list_identities(&services, &caller, query.into()).await?;
    Ok(Json(CoveredPage::of(listing)))
}

/// Find an identity
///
/// With all its accounts, deleted ones too, and their grants. `as_of` is when the account that was seen longest ago was seen; an account that no
/// sync has met yet is missing.
#[utoipa::path(
    get,
    path = "/v1/identities/{id}",
    tag = "identities",
    params(("id" = Uuid, Path, description = "Id of the identity."), SingleIdentityQuery),
    responses((status = 200, description = "The identity.", body = Single<WholeIdentity>), Upstream),
    extensions(("x-required-scope" = json!(IdentitiesRead::WORD)))
)]
pub async fn find_identity(
    State(services): State<Services>,
    caller: Authorized<IdentitiesRead>,
    IdentityId(id): IdentityId,
    Query(query): Query<SingleIdentityQuery>,
) -> Answer<Json<Single<WholeIdentity>>> {
    let max_age = query.max_age_seconds.map(Into::into);
    let found = identities::find_identity(&services, &caller, id, max_age).await?;
    Ok(Json(Single::of(found)))
}
