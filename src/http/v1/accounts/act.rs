//! Switching accounts on and off.

use axum::extract::State;
use axum::response::Response;

use super::dto::Account;
use super::write::shown;
use crate::http::auth::{AccountsWrite, Authorized, Demand};
use crate::http::extract::{AccountId, Act, ActHeaders, NoBody, NoQuery};
use crate::http::openapi::Upstream;
use crate::http::paging::Single;
use crate::http::problem::Answer;
use crate::http::v1::operations::{Operation, accepted};
use crate::services::{Reply, Services, accounts};

/// Activate an account
///
/// One that is active already is success. Refused where the vendor knows no such state.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/activate",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), ActHeaders),
    responses(
        (
            status = 200,
            description = "The account as it is now.",
            body = Single<Account>,
            headers(("ETag" = String, description = "Its version, for `If-Match`."))
        ),
        (
            status = 202,
            description = "It goes on without you; the operation shows how.",
            body = Operation,
            headers(("Location" = String, description = "Where to follow the operation."))
        ),
        Upstream
    ),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn activate_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<Response> {
    match accounts::activate_account(&services, &caller, id, &act.intent).await? {
        Reply::Done(account) => Ok(shown(account)),
        Reply::Accepted { operation_id } => accepted(&services, &caller, operation_id).await,
    }
}

/// Deactivate an account
///
/// One that is inactive already is success. Refused where the vendor knows no such state.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/deactivate",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), ActHeaders),
    responses(
        (
            status = 200,
            description = "The account as it is now.",
            body = Single<Account>,
            headers(("ETag" = String, description = "Its version, for `If-Match`."))
        ),
        (
            status = 202,
            description = "It goes on without you; the operation shows how.",
            body = Operation,
            headers(("Location" = String, description = "Where to follow the operation."))
        ),
        Upstream
    ),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn deactivate_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    _: NoQuery,
    act: Act<NoBody>,
) -> Answer<Response> {
    match accounts::deactivate_account(&services, &caller, id, &act.intent).await? {
        Reply::Done(account) => Ok(shown(account)),
        Reply::Accepted { operation_id } => accepted(&services, &caller, operation_id).await,
    }
}
