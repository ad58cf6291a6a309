//! Making, changing and removing accounts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::dto::{Account, AccountCreate, AccountNow, AccountPatch};
use crate::domain;
use crate::http::answer::Created;
use crate::http::auth::{AccountsWrite, Authorized, Demand};
use crate::http::extract::{
    AccountId, ActHeaders, ETag, IfMatch, IfMatchHeader, NoBody, VendorAct, VendorActQuery,
};
use crate::http::paging::Single;
use crate::http::problem::Answer;
use crate::http::v1::operations::answered;
use crate::services::{Observed, Services, accounts};

/// Create an account
///
/// What is here already is a `conflict`. Where the vendor takes a password and none is given, the answer says how that is
/// solved there. A field that the vendor can't keep is refused with its pointer.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "accounts",
    params(VendorActQuery, ActHeaders),
    request_body(
        content = AccountCreate,
        examples(
            ("luna" = (
                summary = "At the sandbox's luna",
                value = json!({
                    "connection_id": "luna",
                    "email": "ada.lovelace@example.com",
                    "display_name": "Ada Lovelace",
                    "password": "correct-horse-battery"
                })
            )),
            ("devo" = (
                summary = "At the sandbox's devo",
                value = json!({
                    "connection_id": "devo",
                    "email": "ada.lovelace@example.com",
                    "display_name": "Ada Lovelace"
                })
            )),
            ("lumos-connector" = (
                summary = "At the sandbox's lumos-connector",
                value = json!({
                    "connection_id": "lumos-connector",
                    "email": "ada.lovelace@example.com",
                    "given_name": "Ada",
                    "family_name": "Lovelace",
                    "attributes": {"department": "engineering"}
                })
            ))
        )
    ),
    responses((
        status = 201,
        description = "The account.",
        body = Single<Account>,
        headers(
            ("Location" = String, description = "Where it is."),
            ("ETag" = String, description = "Its version, for `If-Match`.")
        )
    )),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn create_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    act: VendorAct<AccountCreate>,
) -> Answer<Response> {
    let create = act.body.into();
    let reply = accounts::create_account(&services, &caller, create, &act.intent).await?;
    answered(&services, &caller, reply, created).await
}

/// Update an account
///
/// What is missing stays as it is, null makes a field empty. A field that the vendor can't change is refused with its
/// pointer.
#[utoipa::path(
    patch,
    path = "/v1/accounts/{id}",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), IfMatchHeader, VendorActQuery, ActHeaders),
    request_body(content = AccountPatch, example = json!({"display_name": "Augusta Ada King"})),
    responses(AccountNow),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn update_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    if_match: IfMatch,
    act: VendorAct<AccountPatch>,
) -> Answer<Response> {
    let (change, version) = (act.body.into(), if_match.version());
    let reply =
        accounts::update_account(&services, &caller, id, change, version, &act.intent).await?;
    answered(&services, &caller, reply, shown).await
}

/// Delete an account
///
/// Removes it at the vendor. What is gone already is success. It stays readable by id, with the status `deleted`.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), IfMatchHeader, VendorActQuery, ActHeaders),
    responses((status = 204, description = "It is gone at the vendor.")),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn delete_account(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    AccountId(id): AccountId,
    if_match: IfMatch,
    act: VendorAct<NoBody>,
) -> Answer<Response> {
    let version = if_match.version();
    let reply = accounts::delete_account(&services, &caller, id, version, &act.intent).await?;
    let gone = |_| StatusCode::NO_CONTENT.into_response();
    answered(&services, &caller, reply, gone).await
}

fn created(account: Observed<domain::Account>) -> Response {
    let tag = ETag(account.value.version);
    let created = Created {
        location: format!("/v1/accounts/{}", account.value.id),
        body: Single::<Account>::of(account),
    };
    (tag, created).into_response()
}

/// 200 with the account.
pub(super) fn shown(account: Observed<domain::Account>) -> Response {
    let tag = ETag(account.value.version);
    (tag, axum::Json(Single::<Account>::of(account))).into_response()
}
