//! Making and revoking API keys.

use axum::extract::State;
use axum::http::StatusCode;

use super::dto::{ApiKeyCreate, ApiKeyIssued};
use crate::http::answer::Created;
use crate::http::auth::{Authorized, Demand, KeysAdmin};
use crate::http::extract::{Act, ApiKeyId, NoBody, NoQuery};
use crate::http::problem::Answer;
use crate::services::{Services, keys};

/// Create an API key
///
/// The answer holds the key itself, this once. An `Idempotency-Key` is not heeded here: a key that is shown once can't be
/// shown again.
#[utoipa::path(
    post,
    path = "/v1/api-keys",
    tag = "callers",
    request_body(
        content = ApiKeyCreate,
        example = json!({
            "name": "nightly report",
            "scopes": ["accounts:read", "connections:read"],
            "connection_ids": ["luna"],
            "expires_in_seconds": 86400
        })
    ),
    responses((
        status = 201,
        description = "The key.",
        body = ApiKeyIssued,
        headers(("Location" = String, description = "Where it is revoked."))
    )),
    extensions(("x-required-scope" = json!(KeysAdmin::WORD)))
)]
pub async fn create_api_key(
    State(services): State<Services>,
    caller: Authorized<KeysAdmin>,
    _: NoQuery,
    act: Act<ApiKeyCreate>,
) -> Answer<Created<ApiKeyIssued>> {
    let create = act.body.into();
    let (row, key) = keys::create_api_key(&services, &caller, create, &act.intent).await?;
    Ok(Created {
        location: format!("/v1/api-keys/{}", row.id),
        body: ApiKeyIssued {
            api_key: row.into(),
            secret: key.expose().to_owned(),
        },
    })
}

/// Revoke an API key
///
/// At once and for good. It stays in the list.
#[utoipa::path(
    delete,
    path = "/v1/api-keys/{id}",
    tag = "callers",
    params(("id" = Uuid, Path, description = "Id of the key.")),
    responses((status = 204, description = "It is revoked.")),
    extensions(("x-required-scope" = json!(KeysAdmin::WORD)))
)]
pub async fn revoke_api_key(
    State(services): State<Services>,
    caller: Authorized<KeysAdmin>,
    ApiKeyId(id): ApiKeyId,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<StatusCode> {
    keys::revoke_api_key(&services, &caller, id, &act.intent).await?;
    Ok(StatusCode::NO_CONTENT)
}
