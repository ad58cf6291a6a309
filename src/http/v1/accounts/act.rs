//! Switching accounts on and off.

use axum::extract::State;
use axum::response::Response;

use super::dto::AccountNow;
use super::write::shown;
use crate::http::auth::{AccountsWrite, Authorized, Demand};
use crate::http::extract::{AccountId, ActHeaders, NoBody, VendorAct, VendorActQuery};
use crate::http::problem::Answer;
use crate::http::v1::operations::answered;
use crate::services::{Services, accounts};

/// Activate an account
///
/// One that is active already is success. Refused where the vendor knows no such state.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/activate",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), VendorActQuery, ActHeaders),
    responses(AccountNow),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn activate_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    act: VendorAct<NoBody>,
) -> Answer<Response> {
    let reply = accounts::activate_account(&services, &caller, id, &act.intent).await?;
    answered(&services, &caller, reply, shown).await
}

/// Deactivate an account
///
/// One that is inactive already is success. Refused where the vendor knows no such state.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/deactivate",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), VendorActQuery, ActHeaders),
    responses(AccountNow),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn deactivate_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    act: VendorAct<NoBody>,
) -> Answer<Response> {
    let reply = accounts::deactivate_account(&services, &caller, id, &act.intent).await?;
    answered(&services, &caller, reply, shown).await
}
