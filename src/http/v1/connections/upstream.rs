//! Passing documented operations of a vendor through as they are.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::auth::{AnyCaller, Authorized, Demand, UpstreamRead, UpstreamWrite};
use crate::http::extract::{ActHeaders, Passed, VendorActQuery};
use crate::http::problem::{Answer, Problem};
use crate::http::v1::operations::answered;
use crate::services::Services;
use crate::services::passthrough::{self, UpstreamAnswer};

/// Which documented operation an answer is of.
const UPSTREAM_OPERATION: HeaderName = HeaderName::from_static("x-upstream-operation");

/// Read at the vendor as it documents it
///
/// Sends a documented operation of the vendor's as it is, with the connection's credential added, and hands its answer on while
/// it comes. `GET /v1/vendors/{vendor}` lists the operations with their paths; what is not listed is not sent. The query is
/// passed on, but for `mode`; of the headers `Accept` and `Content-Type` are. Nothing in our copies changes by it.
///
/// Where the answer can hold a secret (`secret_in_answer`) the scope `tokens:reveal` is needed besides, and the call is
/// audited. An answer of the vendor's other than 2xx is a problem with `upstream`.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/upstream/{*path}",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("path" = String, Path, description = "The path as the vendor documents it, each segment percent-encoded.", example = "1/accounts"),
        VendorActQuery
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamRead::WORD)))
)]
pub async fn call_upstream_get(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

/// Send a documented operation by POST
///
/// What changes something goes through the ledger as any other act: it is recorded with a hash of its body and audited, and an
/// `Idempotency-Key` gives a repetition the kept answer, where that is no longer than 64 KiB and can hold no secret; else the
/// repetition is a `conflict` that names the operation. What is sent and gets no clear answer is sent again only where that is
/// as good as once; else the operation waits for a person. Where it is proven done and the vendor's answer is lost, the answer
/// is 202 with the operation. Afterwards the accounts, resources and entitlements that the
/// request names are read again, or else a sync of the connection is asked for.
///
/// A write that an operation of this API covers is a `conflict` that names it, unless the connection's setting
/// `allow_raw_writes` is on; a dangerous one is `forbidden` unless `allow_dangerous_operations` is. What only reads by POST
/// needs the scope `upstream:read` instead. Otherwise as by GET.
#[utoipa::path(
    post,
    path = "/v1/connections/{id}/upstream/{*path}",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("path" = String, Path, description = "The path as the vendor documents it, each segment percent-encoded.", example = "1/verifier"),
        VendorActQuery, ActHeaders
    ),
    request_body(
        content = serde_json::Value,
        content_type = "*/*",
        description = "Passed on byte for byte.",
        example = json!({"token": "not-a-token"})
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamWrite::WORD)))
)]
pub async fn call_upstream_post(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

/// Send a documented operation by PUT
///
/// As by POST.
#[utoipa::path(
    put,
    path = "/v1/connections/{id}/upstream/{*path}",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("path" = String, Path, description = "The path as the vendor documents it, each segment percent-encoded.", example = "1/tokens/019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21"),
        VendorActQuery, ActHeaders
    ),
    request_body(
        content = serde_json::Value,
        content_type = "*/*",
        description = "Passed on byte for byte.",
        example = json!({"description": "For the nightly job"})
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamWrite::WORD)))
)]
pub async fn call_upstream_put(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

/// Send a documented operation by PATCH
///
/// As by POST.
#[utoipa::path(
    patch,
    path = "/v1/connections/{id}/upstream/{*path}",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("path" = String, Path, description = "The path as the vendor documents it, each segment percent-encoded.", example = "1/accounts/019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21"),
        VendorActQuery, ActHeaders
    ),
    request_body(
        content = serde_json::Value,
        content_type = "*/*",
        description = "Passed on byte for byte.",
        example = json!({"description": "On leave"})
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamWrite::WORD)))
)]
pub async fn call_upstream_patch(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

/// Send a documented operation by DELETE
///
/// As by POST.
#[utoipa::path(
    delete,
    path = "/v1/connections/{id}/upstream/{*path}",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "luna"),
        ("path" = String, Path, description = "The path as the vendor documents it, each segment percent-encoded.", example = "1/tokens/019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21"),
        VendorActQuery, ActHeaders
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamWrite::WORD)))
)]
pub async fn call_upstream_delete(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

/// Read the root of a vendor's API
///
/// As `GET` of any other documented path, for a vendor that documents its root.
#[utoipa::path(
    get,
    path = "/v1/connections/{id}/upstream/",
    tag = "upstream",
    params(
        ("id" = String, Path, description = "Id or name of the connection.", example = "lightelligence"),
        VendorActQuery
    ),
    responses((
        status = "2XX",
        description = "The vendor's answer: its status, its body and its Content-Type.",
        content_type = "*/*",
        headers(("X-Upstream-Operation" = String, description = "The id of the documented operation."))
    )),
    extensions(("x-required-scope" = json!(UpstreamRead::WORD)))
)]
pub async fn call_upstream_root(
    State(services): State<Services>,
    caller: Authorized<AnyCaller>,
    passed: Passed,
) -> Answer<Response> {
    pass(&services, &caller, passed).await
}

async fn pass(
    services: &Services,
    caller: &Authorized<AnyCaller>,
    Passed { request, intent }: Passed,
) -> Answer<Response> {
    match passthrough::call_upstream(services, caller, request, &intent).await? {
        passthrough::Passed::Reply(reply) => answered(services, caller, reply, handed_on).await,
        passthrough::Passed::Methods(allowed) => {
            let mut response = Problem::upstream_method_not_allowed(&allowed).into_response();
            if let Ok(list) = HeaderValue::try_from(allowed.join(", ")) {
                response.headers_mut().insert(header::ALLOW, list);
            }
            Ok(response)
        }
    }
}

/// The vendor's answer. It comes from elsewhere, so that a browser must make nothing of it.
fn handed_on(answer: UpstreamAnswer) -> Response {
    let UpstreamAnswer {
        operation,
        status,
        content_type,
        body,
    } = answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from_stream(body)).into_response();
    let headers = response.headers_mut();
    if let Some(content_type) = content_type.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(UPSTREAM_OPERATION, HeaderValue::from_static(operation));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    response
}
