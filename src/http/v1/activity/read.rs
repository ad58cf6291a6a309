//! Reading activity.

use axum::Json;
use axum::extract::State;

use super::dto::Activity;
use super::query::ActivityQuery;
use crate::http::auth::{ActivityRead, Authorized, Demand};
use crate::http::extract::Query;
use crate::http::openapi::Unsupported;
use crate::http::paging::CoveredPage;
use crate::http::problem::Answer;
use crate::services::{Services, activity};

/// List activity
///
/// What the vendors report that was done, newest first, as far back as it is kept. Narrowed to a connection that reports
/// nothing it is refused, since an empty list would say that nothing was done.
#[utoipa::path(
    get,
    path = "/v1/activity",
    tag = "activity",
    params(ActivityQuery),
    responses(
        (status = 200, description = "A page of reports.", body = CoveredPage<Activity>),
        Unsupported
    ),
    extensions(("x-required-scope" = json!(ActivityRead::WORD)))
)]
pub async fn list_activity(
    State(services): State<Services>,
    caller: Authorized<ActivityRead>,
    Query(query): Query<ActivityQuery>,
) -> Answer<Json<CoveredPage<Activity>>> {
    let listing = activity::list_activity(&services, &caller, query.into()).await?;
    Ok(Json(CoveredPage::of(listing)))
}
