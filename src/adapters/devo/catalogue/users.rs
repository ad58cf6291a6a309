//! Users and their roles (§4).

use super::PROVISIONING_API as API;
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path).by("any")
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, method, path).by("any")
}

const ONE: &str = "/user/email/{email}/domain/{domain}";

/// The operations of §4.
pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    read("get_user", "/user/email/{email}"),
    read("list_domain_users", "/user/domain/{domain}").normalized("list_accounts"),
    read("get_domain_user", ONE).normalized("find_account"),
    read("get_internal_user", "/user/internal/{id}"),
    read(
        "get_internal_domain_user",
        "/user/internal/{id}/domain/{domain}",
    ),
    read(
        "get_external_domain_user",
        "/user/external/{id}/domain/{domain}",
    ),
    write("create_internal_user", "POST", "/user/internal")
        .read_back_by("get_domain_user")
        .normalized("create_account"),
    write("create_external_user", "POST", "/user/external")
        .read_back_by("get_domain_user")
        .normalized("create_account"),
    // Sent twice they are refused the second time (116, §3).
    write(
        "enable_user",
        "POST",
        "/user/email/{email}/domain/{domain}/enable",
    )
    .read_back_by("get_domain_user")
    .normalized("activate_account"),
    write(
        "disable_user",
        "POST",
        "/user/email/{email}/domain/{domain}/disable",
    )
    .read_back_by("get_domain_user")
    .normalized("deactivate_account"),
    write(
        "set_user_roles",
        "PUT",
        "/user/email/{email}/domain/{domain}/role",
    )
    .idempotent()
    .read_back_by("get_domain_user")
    .normalized("create_grant"),
    write(
        "set_user_role",
        "PUT",
        "/user/email/{email}/domain/{domain}/role/{roleName}",
    )
    .idempotent()
    .read_back_by("get_domain_user")
    .normalized("create_grant"),
    write("update_user", "PUT", "/user/internal/{id}")
        .idempotent()
        .read_back_by("get_internal_user")
        .normalized("update_account"),
    write("delete_domain_user", "DELETE", ONE)
        .idempotent()
        .read_back_by("list_domain_users")
        .normalized("delete_account"),
    // The gateway takes roles away by setting what is left; raw, it would cross a set that is just being changed.
    write(
        "remove_user_roles",
        "DELETE",
        "/user/email/{email}/domain/{domain}/role",
    )
    .idempotent()
    .read_back_by("get_domain_user")
    .normalized("delete_grant"),
];
