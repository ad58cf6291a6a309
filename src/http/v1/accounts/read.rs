//! Reading accounts.

use axum::Json;
use axum::extract::State;

use super::dto::{Account, AccountNow};
use super::query::AccountQuery;
use crate::http::auth::{AccountsRead, Authorized, Demand};
use crate::http::extract::{AccountId, ETag, Query};
use crate::http::openapi::{Unsupported, Upstream};
use crate::http::paging::{CoveredPage, Single, SingleQuery};
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
    let listing = accounts::list_accounts(&services, &caller, query.into()).await?;
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
    responses(AccountNow, Upstream),
    extensions(("x-required-scope" = json!(AccountsRead::WORD)))
)]
pub async fn find_account(
    State(services): State<Services>,
    caller: Authorized<AccountsRead>,
    AccountId(id): AccountId,
    Query(query): Query<SingleQuery>,
) -> Answer<(ETag, Json<Single<Account>>)> {
    let SingleQuery {
        include,
        max_age_seconds,
    } = query;
    let (include_raw, max_age) = (include.is_some(), max_age_seconds.map(Into::into));
    let found = accounts::find_account(&services, &caller, id, include_raw, max_age).await?;
    Ok((ETag(found.value.version), Json(Single::of(found))))
}
