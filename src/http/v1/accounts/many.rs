//! Changing attributes of several accounts at once.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::auth::{AccountsWrite, Authorized, Demand};
use crate::http::extract::{ActHeaders, VendorAct, VendorActQuery};
use crate::http::problem::{Answer, Kind};
use crate::http::v1::operations::answered;
use crate::services::Services;
use crate::services::accounts::{self, UpdateAccounts};
use crate::services::operations::{self, AccountAttributes};

/// Accounts of one connection whose attributes change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountsPatch {
    /// Id or name of the connection.
    connection_id: String,
    /// What changes of whom; each account once.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<AccountsPatchItem>,
    /// Why, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
}

/// One account of several, and its attributes to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountsPatchItem {
    /// The account.
    account_id: Uuid,
    /// The vendor's own fields to change; a null takes one away. What is missing stays as it is.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// What became of each of several accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountsUpdated {
    /// How many there were.
    summary: UpdateSummary,
    /// Each of them, in the order of asking.
    items: Vec<AccountUpdated>,
}

/// How many accounts there were, and what became of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpdateSummary {
    /// All of them.
    #[schema(example = 2)]
    total: usize,
    /// Those that are as asked.
    #[schema(example = 1)]
    succeeded: usize,
    /// Those that are not.
    #[schema(example = 1)]
    failed: usize,
}

/// What became of one of the accounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountUpdated {
    /// The account.
    account_id: Uuid,
    /// Whether it is as asked.
    #[schema(inline)]
    status: UpdateStatus,
    /// Why it is not; null where it is.
    #[schema(required)]
    error: Option<UpdateError>,
}

/// Whether an account is as asked.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdateStatus {
    /// It is, and may have been before.
    Updated,
    /// It is not, and nothing of it was changed.
    Failed,
}

/// Why an account was not changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpdateError {
    /// What is wrong, in one stable word: the words of problems.
    #[schema(example = "not_found")]
    code: &'static str,
    /// In plain words, with those of the vendor.
    detail: String,
}

impl From<AccountsPatch> for UpdateAccounts {
    fn from(patch: AccountsPatch) -> Self {
        let AccountsPatch {
            connection_id,
            items,
            reason,
        } = patch;
        let items = items.into_iter().map(|item| {
            let AccountsPatchItem {
                account_id,
                attributes,
            } = item;
            AccountAttributes {
                account_id,
                attributes,
            }
        });
        Self {
            connection: connection_id,
            items: items.collect(),
            reason,
        }
    }
}

impl From<operations::AccountsUpdated> for AccountsUpdated {
    fn from(updated: operations::AccountsUpdated) -> Self {
        let operations::AccountsUpdated { summary, items } = updated;
        let operations::Summary {
            total,
            succeeded,
            failed,
        } = summary;
        Self {
            summary: UpdateSummary {
                total,
                succeeded,
                failed,
            },
            items: items.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<operations::AccountUpdated> for AccountUpdated {
    fn from(updated: operations::AccountUpdated) -> Self {
        let operations::AccountUpdated {
            account_id,
            status,
            error,
        } = updated;
        let error = error.map(|operations::RowError { code, detail }| {
            let (code, ..) = Kind::Service(code).row();
            UpdateError { code, detail }
        });
        Self {
            account_id,
            status: match status {
                operations::RowStatus::Updated => UpdateStatus::Updated,
                operations::RowStatus::Failed => UpdateStatus::Failed,
            },
            error,
        }
    }
}

/// Update several accounts
///
/// Changes attributes of up to 100 accounts of one connection by one request to the vendor. Each account may fail by itself: that
/// shows in its item, the answer is 200 all the same, and `result` of the operation keeps it. At Apono either all items set
/// attributes or all take some away, for these are two requests there.
#[utoipa::path(
    patch,
    path = "/v1/accounts",
    tag = "accounts",
    params(VendorActQuery, ActHeaders),
    request_body(content = AccountsPatch, example = json!({
        "connection_id": "apono",
        "items": [
            {"account_id": "019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f10", "attributes": {"cost_centre": "4711"}},
            {"account_id": "019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f11", "attributes": {"cost_centre": "4712"}}
        ],
        "reason": "The cost centres were renumbered."
    })),
    responses((status = 200, description = "What became of each account.", body = AccountsUpdated)),
    extensions(("x-required-scope" = json!(AccountsWrite::WORD)))
)]
pub async fn update_accounts(
    State(services): State<Services>,
    caller: Authorized<AccountsWrite>,
    act: VendorAct<AccountsPatch>,
) -> Answer<Response> {
    let update = act.body.into();
    let reply = accounts::update_accounts(&services, &caller, update, &act.intent).await?;
    let told = |updated| Json(AccountsUpdated::from(updated)).into_response();
    answered(&services, &caller, reply, told).await
}
