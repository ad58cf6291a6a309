//! Reading the catalogue.

use axum::Json;
use axum::extract::State;

use super::dto::{VendorList, VendorWhole};
use crate::http::auth::{AnyCaller, Authorized, Demand};
use crate::http::extract::{NoQuery, VendorSlug};
use crate::http::problem::Answer;
use crate::services::{Services, catalogue};

/// List vendors
///
/// Each with its variants: what they can do, and the schemas of their settings and credentials. Computed from the adapters
/// that this build holds.
#[utoipa::path(
    get,
    path = "/v1/vendors",
    tag = "catalogue",
    responses((status = 200, description = "Every vendor.", body = VendorList)),
    extensions(("x-required-scope" = json!(AnyCaller::WORD)))
)]
pub async fn list_vendors(
    State(services): State<Services>,
    _caller: Authorized<AnyCaller>,
    _: NoQuery,
) -> Answer<Json<VendorList>> {
    let vendors = catalogue::list_vendors(&services)?;
    Ok(Json(vendors.into()))
}

/// Find a vendor
///
/// With every operation that it documents: what its connections pass through as it is.
#[utoipa::path(
    get,
    path = "/v1/vendors/{vendor}",
    tag = "catalogue",
    params(("vendor" = String, Path, description = "The vendor's word.", example = "luna")),
    responses((status = 200, description = "The vendor.", body = VendorWhole)),
    extensions(("x-required-scope" = json!(AnyCaller::WORD)))
)]
pub async fn find_vendor(
    State(services): State<Services>,
    _caller: Authorized<AnyCaller>,
    VendorSlug(slug): VendorSlug,
    _: NoQuery,
) -> Answer<Json<VendorWhole>> {
    let (vendor, operations) = catalogue::find_vendor(&services, &slug)?;
    Ok(Json(VendorWhole::of(vendor, operations)))
}
