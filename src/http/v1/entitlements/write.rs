//! Changing entitlements themselves.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::Entitlement;
use crate::domain::EntitlementChange;
use crate::http::auth::{Authorized, Demand, EntitlementsWrite};
use crate::http::extract::{ActHeaders, EntitlementId, VendorAct, VendorActQuery};
use crate::http::paging::Single;
use crate::http::problem::Answer;
use crate::http::v1::operations::answered;
use crate::services::{Services, entitlements};

/// What can be changed of an entitlement itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitlementPatch {
    /// Its new name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
}

impl From<EntitlementPatch> for EntitlementChange {
    fn from(patch: EntitlementPatch) -> Self {
        let EntitlementPatch { name } = patch;
        Self { name }
    }
}

/// Update an entitlement
///
/// Gives it another name. One that has the name already is success, and nothing changes. What the vendor can't rename is refused:
/// at Apono only groups that were made there have a name that can be changed.
#[utoipa::path(
    patch,
    path = "/v1/entitlements/{id}",
    tag = "entitlements",
    params(("id" = Uuid, Path, description = "Id of the entitlement."), VendorActQuery, ActHeaders),
    request_body(content = EntitlementPatch, example = json!({"name": "on-call-europe"})),
    responses((status = 200, description = "The entitlement.", body = Single<Entitlement>)),
    extensions(("x-required-scope" = json!(EntitlementsWrite::WORD)))
)]
pub async fn update_entitlement(
    State(services): State<Services>,
    caller: Authorized<EntitlementsWrite>,
    EntitlementId(id): EntitlementId,
    act: VendorAct<EntitlementPatch>,
) -> Answer<Response> {
    let change = act.body.into();
    let reply =
        entitlements::update_entitlement(&services, &caller, id, change, &act.intent).await?;
    let shown = |found| Json(Single::<Entitlement>::of(found)).into_response();
    answered(&services, &caller, reply, shown).await
}
