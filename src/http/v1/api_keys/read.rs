//! Reading API keys.

use axum::Json;
use axum::extract::State;

use super::dto::{ApiKey, ApiKeyQuery, Whoami};
use crate::http::auth::{AnyCaller, Authorized, Demand, KeysAdmin};
use crate::http::extract::{NoQuery, Query};
use crate::http::paging::Page;
use crate::http::problem::Answer;
use crate::services::{Services, keys};

/// List API keys
///
/// Oldest first, revoked and expired ones too. A key for certain connections sees only keys for no others.
#[utoipa::path(
    get,
    path = "/v1/api-keys",
    tag = "callers",
    params(ApiKeyQuery),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKey>)),
    extensions(("x-required-scope" = json!(KeysAdmin::WORD)))
)]
pub async fn list_api_keys(
    State(services): State<Services>,
    caller: Authorized<KeysAdmin>,
    Query(query): Query<ApiKeyQuery>,
) -> Answer<Json<Page<ApiKey>>> {
    let (person, page) = query.into();
    let listing = keys::list_api_keys(&services, &caller, person, page).await?;
    Ok(Json(Page::of(listing)))
}

/// Show who you are
///
/// What the gateway knows of the key that you sent.
#[utoipa::path(
    get,
    path = "/v1/whoami",
    tag = "callers",
    responses((status = 200, description = "Your key.", body = Whoami)),
    extensions(("x-required-scope" = json!(AnyCaller::WORD)))
)]
pub async fn whoami(caller: Authorized<AnyCaller>, _: NoQuery) -> Json<Whoami> {
    Json(caller.clone().into())
}
