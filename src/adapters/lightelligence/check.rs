//! Whether a connection works, and if not, what to do.

use async_trait::async_trait;

use super::Api;
use super::judge::has_status;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

/// What reading the tenant and its roles takes (§4).
const READ_TENANT: &str = "tenant:read";
/// What inviting, removing and giving roles take (§5).
const MANAGE_USERS: &str = "tenant_user_management:write";

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        // First what everything rests on: a token, for this tenant, that the realm signed.
        if let Err(error) = self.client.prove_token(call).await {
            if error.trouble != Trouble::AuthFailed {
                return Err(error);
            }
            let code = if self.client.is_misdirected() {
                "wrong_tenant"
            } else {
                "auth_failed"
            };
            report.findings.push(fatal(code, error.message));
            return Ok(report);
        }
        match self.client.list_users(call, 0, 1).await {
            Ok(_) => {}
            Err(error) if has_status(&error, 403) => {
                report.findings.push(hard_limit());
                report.capabilities = Some([].into());
                return Ok(report);
            }
            Err(error) if has_status(&error, 404) => {
                report.findings.push(fatal("wrong_tenant", error.message));
                return Ok(report);
            }
            Err(error) if error.trouble == Trouble::AuthFailed => {
                report.findings.push(fatal("auth_failed", error.message));
                return Ok(report);
            }
            Err(error) => return Err(error),
        }
        self.check_rest(call, &mut report).await?;
        Ok(report)
    }
}

impl Api {
    /// What reading the tenant and its roles needs besides, and inviting, removing and giving roles. Writes can't be tried out;
    /// the vendor's own list of permissions tells.
    async fn check_rest(&self, call: &Call, report: &mut CheckReport) -> Result<(), AdapterError> {
        let mut can = vec![
            Capability::ListAccounts,
            Capability::ReadAccounts,
            Capability::ListGrants,
            Capability::ReadGrants,
        ];
        match self.client.tenant(call).await {
            Ok(_) => can.extend([Capability::ListResources, Capability::ReadResources]),
            Err(error) if has_status(&error, 403) => {
                report
                    .findings
                    .push(missing("the tenant can't be read", READ_TENANT));
            }
            Err(error) => return Err(error),
        }
        match self.client.list_roles(call, 0, 1).await {
            Ok(_) => can.extend([Capability::ListEntitlements, Capability::ReadEntitlements]),
            Err(error) if has_status(&error, 403) => {
                let words = "roles and permissions can't be read";
                report.findings.push(missing(words, READ_TENANT));
            }
            Err(error) => return Err(error),
        }
        if self.may_manage_users(call).await? {
            can.extend([
                Capability::DeleteAccounts,
                Capability::CreateGrants,
                Capability::DeleteGrants,
            ]);
            match self.invite_role(call).await {
                Ok(_) => can.push(Capability::CreateAccounts),
                Err(error) if error.trouble.is_passing() => return Err(error),
                Err(error) => report.findings.push(Finding {
                    code: "capability_missing".to_owned(),
                    detail: format!("accounts can't be created: {}", error.message),
                    fatal: false,
                }),
            }
        } else {
            let words = "accounts can be read and neither created nor deleted, and roles neither granted nor revoked";
            report.findings.push(missing(words, MANAGE_USERS));
        }
        report.capabilities = Some(can.into_iter().collect());
        Ok(())
    }

    /// Whether the permissions of the token's own user say so; where they can't be had, a write will tell.
    async fn may_manage_users(&self, call: &Call) -> Result<bool, AdapterError> {
        let Some(subject) = self.client.subject(call).await? else {
            return Ok(true);
        };
        match self.client.permissions(call, subject).await {
            Ok(held) => Ok(held
                .permissions
                .iter()
                .any(|permission| permission.alias.as_deref() == Some(MANAGE_USERS))),
            Err(error) if error.trouble.is_passing() && error.trouble != Trouble::Malformed => {
                Err(error)
            }
            Err(_) => Ok(true),
        }
    }
}

/// What can't be done, for want of a permission.
fn missing(what: &str, permission: &str) -> Finding {
    Finding {
        code: "capability_missing".to_owned(),
        detail: format!(
            "{what}: the credential lacks the permission {permission}, which the tenant's role `owner` has"
        ),
        fatal: false,
    }
}

/// The vendor's hard limit, told plainly (§3).
fn hard_limit() -> Finding {
    fatal(
        "capability_missing",
        "Lightelligence lets no token of a custom application manage the users of a tenant, whoever its user is. Log in to the \
         portal as an owner of the tenant and PATCH credentials of the kind `refresh_token`, or have the vendor grant your client \
         tenant_user_management:read and tenant_user_management:write"
            .to_owned(),
    )
}

fn fatal(code: &str, detail: String) -> Finding {
    Finding {
        code: code.to_owned(),
        detail,
        fatal: true,
    }
}
