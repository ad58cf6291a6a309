//! Replacing all who hold an entitlement.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::Grant;
use crate::http::auth::{Authorized, Demand, GrantsWrite};
use crate::http::extract::{ActHeaders, EntitlementId, VendorAct, VendorActQuery};
use crate::http::problem::Answer;
use crate::http::v1::operations::answered;
use crate::services::Services;
use crate::services::grants::{self, ReplaceGrants};
use crate::services::operations::HoldersReplaced;

/// Who shall hold an entitlement, and nobody else.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantsReplace {
    /// The accounts, of the entitlement's connection, each once. At Apono there must be one at least.
    #[schema(max_items = 1000)]
    account_ids: Vec<Uuid>,
    /// Why, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
}

/// Who holds an entitlement now, and who began and ceased to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantsReplaced {
    /// The entitlement.
    entitlement_id: Uuid,
    /// Accounts that did not hold it before.
    added: Vec<Uuid>,
    /// Accounts that held it before and don't any more.
    removed: Vec<Uuid>,
    /// Others who held it before and don't any more, by the vendor's names for them, which may be addresses: there is no account
    /// of theirs here.
    removed_unknown: Vec<String>,
    /// The grants by which it is held now.
    items: Vec<Grant>,
}

impl From<GrantsReplace> for ReplaceGrants {
    fn from(replace: GrantsReplace) -> Self {
        let GrantsReplace {
            account_ids,
            reason,
        } = replace;
        Self {
            account_ids,
            reason,
        }
    }
}

impl From<grants::GrantsReplaced> for GrantsReplaced {
    fn from(replaced: grants::GrantsReplaced) -> Self {
        let grants::GrantsReplaced {
            entitlement_id,
            changed,
            items,
        } = replaced;
        let HoldersReplaced {
            added,
            removed,
            removed_unknown,
        } = changed;
        Self {
            entitlement_id,
            added,
            removed,
            removed_unknown,
            items: items.into_iter().map(Grant::from).collect(),
        }
    }
}

/// Replace the grants of an entitlement
///
/// Makes these accounts hold it and nobody else, by one request to the vendor. Whoever holds it and is not named loses it, also
/// those whom others gave it and those who have no account here: `mode=plan` shows them before, in `result`. The grants of accounts
/// that held it already stay as they are, with their ids. When exactly these hold it already nothing changes.
#[utoipa::path(
    put,
    path = "/v1/entitlements/{id}/grants",
    tag = "entitlements",
    params(("id" = Uuid, Path, description = "Id of the entitlement."), VendorActQuery, ActHeaders),
    request_body(content = GrantsReplace, example = json!({
        "account_ids": ["019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f10", "019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f11"],
        "reason": "The rota of this month."
    })),
    responses((status = 200, description = "Who holds it now, and what changed.", body = GrantsReplaced)),
    extensions(("x-required-scope" = json!(GrantsWrite::WORD)))
)]
pub async fn replace_grants(
    State(services): State<Services>,
    caller: Authorized<GrantsWrite>,
    EntitlementId(id): EntitlementId,
    act: VendorAct<GrantsReplace>,
) -> Answer<Response> {
    let replace = act.body.into();
    let reply = grants::replace_grants(&services, &caller, id, replace, &act.intent).await?;
    let told = |replaced| Json(GrantsReplaced::from(replaced)).into_response();
    answered(&services, &caller, reply, told).await
}
