//! The user API, `/api/user/**`: whoever made the token is who acts.

use super::{PERSONAL, get, post};
use crate::adapters::contract::UpstreamOperation;

pub(super) const OPERATIONS: &[UpstreamOperation] = &[
    get("list_access_sessions_v1", "/api/user/v1/access-sessions").by(PERSONAL),
    get("get_access_session_v1", "/api/user/v1/access-sessions/{id}").by(PERSONAL),
    get(
        "get_access_session_access_details_v1",
        "/api/user/v1/access-sessions/{id}/access-details",
    )
    .secret()
    .by(PERSONAL),
    post(
        "reset_access_session_credentials_v1",
        "/api/user/v1/access-sessions/{id}/reset-credentials",
    )
    .read_back_by("get_access_session_v1")
    .by(PERSONAL),
    get(
        "list_available_bundles_v1",
        "/api/user/v1/available-access/bundles",
    )
    .by(PERSONAL),
    get(
        "list_available_entitlements_v1",
        "/api/user/v1/available-access/entitlements",
    )
    .normalized("list_entitlements")
    .by(PERSONAL),
    get(
        "list_delegated_access_requests_v1",
        "/api/user/v1/delegated-access-requests",
    )
    .by(PERSONAL),
    get(
        "get_delegated_access_requests_v1",
        "/api/user/v1/delegated-access-requests/{id}",
    )
    .by(PERSONAL),
    get("list_access_requests_v4", "/api/user/v4/access-requests")
        .normalized("check_connection")
        .by(PERSONAL),
    post("create_access_request_v4", "/api/user/v4/access-requests")
        .read_back_by("list_access_requests_v4")
        .by(PERSONAL),
    get(
        "get_access_requests_v4",
        "/api/user/v4/access-requests/{id}",
    )
    .by(PERSONAL),
    get(
        "get_access_request_entitlements_v4",
        "/api/user/v4/access-requests/{id}/entitlements",
    )
    .by(PERSONAL),
    post(
        "request_access_again_v4",
        "/api/user/v4/access-requests/{id}/request-again",
    )
    .read_back_by("list_access_requests_v4")
    .by(PERSONAL),
    post(
        "revoke_access_request_v4",
        "/api/user/v4/access-requests/{id}/revoke",
    )
    .read_back_by("get_access_requests_v4")
    .by(PERSONAL),
];
