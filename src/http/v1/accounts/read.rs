//! Reading accounts.

use axum::Json;
use axum::extract::State;

use super::dto::Account;
use super::query::{AccountQuery, SingleQuery, Wanted};
use crate::http::auth::{AccountsRead, Authorized, Demand};
use crate::http::extract::{AccountId, ETag, Query};
use crate::http::openapi::Unsupported;
use crate::http::paging::{CoveredPage, Single};
use crate::http::problem::Answer;
use crate::services::{Services, accounts};

/// List accounts
///
/// From our copies of what the vendors hold; `as_of` and `stale` say how good they are. Narrowed to a connection that can't
/// list accounts it is refused, since an empty list would say that there are none.
#[utoipa::path(
    get,
    path = "/v1/accounts",
    tag = "accounts",
    params(AccountQuery),
    responses(
        (status = 200, description = "A page of accounts.", body = CoveredPage<Account>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(AccountsRead::WORD)))
)]
pub async fn list_accounts(
    State(services): State<Services>,
    caller: Authorized<AccountsRead>,
    Query(query): Query<AccountQuery>,
) -> Answer<Json<CoveredPage<Account>>> {
    let Wanted {
        connection,
        filter,
        include_raw,
        page,
    } = query.into();
    let connection = connection.as_deref();
    let listing =
        accounts::list_accounts(&services, &caller, connection, filter, include_raw, page).await?;
    Ok(Json(CoveredPage::of(listing)))
}

/// Find an account
///
/// Deleted ones too.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Id of the account."), SingleQuery),
    responses((
        status = 200,
        description = "The account.",
        body = Single<Account>,
        headers(("ETag" = String, description = "Its version, for `If-Match`."))
    )),
    extensions(("x-required-scope" = json!(AccountsRead::WORD)))
)]
pub async fn find_account(
    State(services): State<Services>,
    caller: Authorized<AccountsRead>,
    AccountId(id): AccountId,
    Query(query): Query<SingleQuery>,
) -> Answer<(ETag, Json<Single<Account>>)> {
    let include_raw = query.include.is_some();
    let found = accounts::find_account(&services, &caller, id, include_raw).await?;
    Ok((ETag(found.value.version), Json(Single::of(found))))
}
