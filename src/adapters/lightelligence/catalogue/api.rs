//! The operations of the platform's API: those of §4, then those of §5.

use super::Credential;
use crate::adapters::contract::UpstreamOperation;

const fn read(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::read("api", id, method, path).by(Credential::AccessToken.word())
}

const fn write(id: &'static str, method: &'static str, path: &'static str) -> UpstreamOperation {
    UpstreamOperation::write("api", id, method, path).by(Credential::AccessToken.word())
}

pub(in super::super) const OPERATIONS: &[UpstreamOperation] = &[
    write("create_tenant", "POST", "/tenants").read_back_by("list_tenants_of_user"),
    read("get_tenant", "GET", "/tenants/{tenantId}").normalized("find_resource"),
    write("update_tenant", "PATCH", "/tenants/{tenantId}")
        .idempotent()
        .read_back_by("get_tenant"),
    read("list_roles_of_tenant", "GET", "/tenants/{tenantId}/roles")
        .legacy()
        .normalized("list_entitlements"),
    write(
        "replace_role_names_of_user",
        "PUT",
        "/tenants/{tenantId}/users/{userId}",
    )
    .idempotent()
    .legacy()
    .read_back_by("list_roles_of_user")
    .normalized("create_grant"),
    read("get_user", "GET", "/users/{userId}"),
    read("list_tenants_of_user", "GET", "/users/{userId}/tenants"),
    read("list_users", "GET", "/tenants/{tenantId}/users").normalized("list_accounts"),
    write(
        "remove_user",
        "DELETE",
        "/tenants/{tenantId}/users/{userId}",
    )
    .idempotent()
    .read_back_by("list_users")
    .normalized("delete_account"),
    read(
        "list_roles_of_user",
        "GET",
        "/tenants/{tenantId}/users/{userId}/roles",
    )
    .normalized("find_grant"),
    write(
        "replace_roles_of_user",
        "PUT",
        "/tenants/{tenantId}/users/{userId}/roles",
    )
    .idempotent()
    .read_back_by("list_roles_of_user")
    .normalized("create_grant"),
    // With the tenant goes all that the connection can reach.
    write("delete_tenant", "DELETE", "/tenants/{tenantId}")
        .idempotent()
        .read_back_by("list_tenants_of_user")
        .dangerous(),
    write("create_invite", "POST", "/tenants/{tenantId}/invites")
        .read_back_by("list_invites")
        .normalized("create_account"),
    read("list_invites", "GET", "/tenants/{tenantId}/invites").normalized("list_accounts"),
    write(
        "delete_invite",
        "DELETE",
        "/tenants/{tenantId}/invites/{inviteId}",
    )
    .idempotent()
    .read_back_by("list_invites")
    .normalized("delete_account"),
    read("list_invites_of_user", "GET", "/users/{userId}/invites"),
    write(
        "answer_invite",
        "PATCH",
        "/users/{userId}/invites/{inviteId}",
    )
    .read_back_by("list_invites_of_user"),
    read(
        "get_tenant_of_user",
        "GET",
        "/users/{userId}/tenants/{tenantId}",
    ),
    read(
        "list_permissions_of_user",
        "GET",
        "/users/{userId}/permissions",
    )
    .normalized("check_connection"),
    read("list_permissions", "GET", "/permissions").normalized("list_entitlements"),
    read("list_roles", "GET", "/roles").normalized("list_entitlements"),
    read("get_role", "GET", "/roles/{roleId}").normalized("find_entitlement"),
    write("create_role", "POST", "/roles").read_back_by("list_roles"),
    write("update_role", "PATCH", "/roles/{roleId}")
        .idempotent()
        .read_back_by("get_role"),
    write("delete_role", "DELETE", "/roles/{roleId}")
        .idempotent()
        .read_back_by("get_role"),
    read("list_users_of_role", "GET", "/roles/{roleId}/users"),
    read(
        "list_installed_tenants",
        "GET",
        "/application-info/installed-tenants",
    )
    .by(Credential::ClientToken.word()),
    write("create_client", "POST", "/clients")
        .secret()
        .read_back_by("list_clients"),
    read("list_clients", "GET", "/clients"),
    read("get_client", "GET", "/clients/{id}"),
    // It may be the client that the connection lives by; so may an application's, below.
    write("delete_client", "DELETE", "/clients/{id}")
        .idempotent()
        .read_back_by("get_client")
        .dangerous(),
    write(
        "create_application",
        "POST",
        "/application-developer/applications",
    )
    .secret()
    .read_back_by("list_developed_applications"),
    read(
        "list_developed_applications",
        "GET",
        "/application-developer/applications",
    ),
    read(
        "get_developed_application",
        "GET",
        "/application-developer/applications/{id}",
    ),
    write(
        "update_application",
        "PATCH",
        "/application-developer/applications/{id}",
    )
    .idempotent()
    .read_back_by("get_developed_application"),
    write(
        "delete_application",
        "DELETE",
        "/application-developer/applications/{id}",
    )
    .idempotent()
    .read_back_by("get_developed_application")
    .dangerous(),
    write(
        "regenerate_application_secret",
        "POST",
        "/application-developer/applications/{id}/secret",
    )
    .secret()
    .read_back_by("get_developed_application")
    .dangerous(),
    read(
        "list_allowed_tenants",
        "GET",
        "/application-developer/applications/{id}/allowed-tenants",
    ),
    write(
        "allow_tenant",
        "PUT",
        "/application-developer/applications/{id}/allowed-tenants/{tenantId}",
    )
    .idempotent()
    .read_back_by("list_allowed_tenants"),
    write(
        "disallow_tenant",
        "DELETE",
        "/application-developer/applications/{id}/allowed-tenants/{tenantId}",
    )
    .idempotent()
    .read_back_by("list_allowed_tenants"),
    read("list_applications", "GET", "/applications"),
    // The vendor's documents put, its newer SDK posts.
    write(
        "install_application",
        "PUT",
        "/applications/{id}/installation",
    )
    .idempotent()
    .read_back_by("list_applications"),
    write(
        "install_application_by_post",
        "POST",
        "/applications/{id}/installation",
    )
    .read_back_by("list_applications"),
    write(
        "update_installation",
        "PATCH",
        "/applications/{id}/installation",
    )
    .idempotent()
    .read_back_by("list_applications"),
    write(
        "uninstall_application",
        "DELETE",
        "/applications/{id}/installation",
    )
    .idempotent()
    .read_back_by("list_applications"),
];
