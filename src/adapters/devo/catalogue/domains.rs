//! Domains, plans and roles (§5).

use super::PROVISIONING_API as API;
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read(API, id, "GET", path).by("any")
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write(API, id, method, path).by("any")
}

/// The operations of §5, its compound rows spelled out.
pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    read("list_domains", "/domain")
        .by("hmac")
        .normalized("list_resources"),
    read("get_domain", "/domain/{d}").normalized("find_resource"),
    read("list_child_domains", "/domains/{d}").by("hmac"),
    write("create_domain", "POST", "/domain")
        .by("hmac")
        .read_back_by("get_domain"),
    // With the domain goes all that the connection can reach, and the domain's own key.
    write("delete_domain", "DELETE", "/domain/{d}")
        .by("hmac")
        .idempotent()
        .read_back_by("list_domains")
        .dangerous(),
    write("enable_domain", "POST", "/domain/{d}/enable")
        .by("hmac")
        .read_back_by("get_domain"),
    write("disable_domain", "POST", "/domain/{d}/disable")
        .by("hmac")
        .read_back_by("get_domain")
        .dangerous(),
    write("set_domain_plan", "PUT", "/domain/{d}/plan")
        .by("hmac")
        .idempotent()
        .read_back_by("get_domain"),
    read("get_domain_retention", "/domain/{d}/retention"),
    write("set_domain_retention", "PUT", "/domain/{d}/retention")
        .idempotent()
        .read_back_by("get_domain_retention"),
    read("list_domain_policies", "/domain/{d}/policies"),
    read("list_domain_applications", "/domain/{d}/applications"),
    read("list_domain_resources", "/domain/{d}/resources"),
    read("get_domain_preferences", "/domain/{d}/preferences"),
    read(
        "get_domain_preference_limits",
        "/domain/{d}/preferences/limits",
    ),
    read("get_domain_visibility", "/domain/{d}/visibility"),
    read("get_domain_auth", "/domain/{d}/auth"),
    read("list_domain_keys", "/domain/{d}/keys").secret(),
    read("get_domain_key", "/domain/{d}/keys/{key}").secret(),
    read("list_role_vaults", "/domain/{d}/roles/vaults"),
    read("list_plans", "/plan"),
    read("get_plan", "/plan/{p}"),
    read("list_plan_roles", "/plan/{p}/roles"),
    read("list_roles", "/domain/{d}/roles").normalized("list_entitlements"),
    read("get_role", "/domain/{d}/roles/{role}"),
    write("create_role", "POST", "/domain/{d}/roles").read_back_by("list_roles"),
    write("set_roles", "PUT", "/domain/{d}/roles")
        .idempotent()
        .read_back_by("list_roles"),
    write("update_role", "PUT", "/domain/{d}/roles/{role}")
        .idempotent()
        .read_back_by("get_role"),
    write("delete_role", "DELETE", "/domain/{d}/roles/{role}")
        .idempotent()
        .read_back_by("list_roles"),
    read("get_access", "/access").by("bearer"),
];
