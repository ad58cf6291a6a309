//! Giving entitlements to accounts, and taking them away.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::dto::Grant;
use crate::domain;
use crate::http::answer::Created;
use crate::http::auth::{Authorized, Demand, GrantsWrite};
use crate::http::extract::{ActHeaders, GrantId, VendorAct, VendorActQuery};
use crate::http::paging::Single;
use crate::http::problem::Answer;
use crate::http::v1::operations::answered;
use crate::services::grants::{self, CreateGrant};
use crate::services::{Observed, Services};

/// A grant to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantCreate {
    /// Who shall hold it.
    account_id: Uuid,
    /// What shall be held: an `assignable` entitlement of the account's connection.
    entitlement_id: Uuid,
    /// Why, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
    /// For how many seconds. Grants that end by themselves can't be made yet: leave it out.
    #[schema(minimum = 1)]
    duration_seconds: Option<u64>,
    /// Until when (RFC 3339). Grants that end by themselves can't be made yet: leave it out.
    ends_at: Option<DateTime<Utc>>,
}

impl From<GrantCreate> for CreateGrant {
    fn from(create: GrantCreate) -> Self {
        let GrantCreate {
            account_id,
            entitlement_id,
            reason,
            duration_seconds,
            ends_at,
        } = create;
        Self {
            account_id,
            entitlement_id,
            reason,
            duration_seconds,
            ends_at,
        }
    }
}

/// Why a grant is taken away; the body may be left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantDelete {
    /// Why, 1 to 1000 characters; kept in the audit trail.
    #[schema(min_length = 1, max_length = 1000)]
    reason: Option<String>,
}

/// Grant an entitlement
///
/// Gives it to the account until the grant is deleted. What the account holds already is success: then nothing changes, and a
/// grant that was made elsewhere stays unmanaged. Of an exclusive group an account holds one entitlement at a time: what would
/// take the place of another grant is a `conflict` that names it, unless that is what the account falls back to anyway.
#[utoipa::path(
    post,
    path = "/v1/grants",
    tag = "grants",
    params(VendorActQuery, ActHeaders),
    request_body(content = GrantCreate, example = json!({
        "account_id": "019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f10",
        "entitlement_id": "019a3c5e-8a11-7c0e-b0a4-6d1f2e3c4b5a",
        "reason": "Is on call this month."
    })),
    responses((
        status = 201,
        description = "The grant.",
        body = Single<Grant>,
        headers(("Location" = String, description = "Where it is."))
    )),
    extensions(("x-required-scope" = json!(GrantsWrite::WORD)))
)]
pub async fn create_grant(
    State(services): State<Services>,
    caller: Authorized<GrantsWrite>,
    act: VendorAct<GrantCreate>,
) -> Answer<Response> {
    let create = act.body.into();
    let reply = grants::create_grant(&services, &caller, create, &act.intent).await?;
    answered(&services, &caller, reply, created).await
}

/// Delete a grant
///
/// Takes the entitlement away from the account. What is gone already is success. If it took the place of another entitlement,
/// the account gets that back. The grant stays readable by id, with the status `deleted`; until the vendor has confirmed that, or
/// a reading shows it, it is `revoking`.
#[utoipa::path(
    delete,
    path = "/v1/grants/{id}",
    tag = "grants",
    params(("id" = Uuid, Path, description = "Id of the grant."), VendorActQuery, ActHeaders),
    request_body(content = Option<GrantDelete>, example = json!({"reason": "The project is over."})),
    responses((status = 204, description = "The account does not hold it any more.")),
    extensions(("x-required-scope" = json!(GrantsWrite::WORD)))
)]
pub async fn delete_grant(
    State(services): State<Services>,
    caller: Authorized<GrantsWrite>,
    GrantId(id): GrantId,
    act: VendorAct<GrantDelete>,
) -> Answer<Response> {
    let reason = act.body.reason;
    let reply = grants::delete_grant(&services, &caller, id, reason, &act.intent).await?;
    let gone = |_| StatusCode::NO_CONTENT.into_response();
    answered(&services, &caller, reply, gone).await
}

fn created(grant: Observed<domain::Grant>) -> Response {
    let created = Created {
        location: format!("/v1/grants/{}", grant.value.id),
        body: Single::<Grant>::of(grant),
    };
    created.into_response()
}
