//! Whether a connection works.

use async_trait::async_trait;

use super::Api;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

/// What needs to see the domain.
const OF_DOMAIN: [Capability; 2] = [Capability::ListResources, Capability::ReadResources];
/// What needs to see its roles.
const OF_ROLES: [Capability; 6] = [
    Capability::ListEntitlements,
    Capability::ReadEntitlements,
    Capability::ListGrants,
    Capability::ReadGrants,
    Capability::CreateGrants,
    Capability::DeleteGrants,
];

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        if self.settings.is_multitenant() && !self.signs_with_key {
            report.findings.push(Finding {
                code: "credentials_unsuited".to_owned(),
                detail: "the domain is part of a multitenant, where Devo asks for an API key and secret instead of a token"
                    .to_owned(),
                fatal: false,
            });
        }
        let (code, detail) = match self.client.users(call).await {
            Ok(_) => {
                self.narrow(call, &mut report).await?;
                return Ok(report);
            }
            Err(error) if error.trouble == Trouble::NotFound => ("wrong_tenant", error.message),
            Err(error) if error.trouble == Trouble::AuthFailed => ("auth_failed", error.message),
            Err(error) => return Err(error),
        };
        report.findings.push(Finding {
            code: code.to_owned(),
            detail,
            fatal: true,
        });
        Ok(report)
    }
}

impl Api {
    /// What the credentials may do is what their user's role allows (§2): seeing the users does not mean seeing the domain
    /// or its roles.
    async fn narrow(&self, call: &Call, report: &mut CheckReport) -> Result<(), AdapterError> {
        let domain = self.client.domain(call).await.map(drop);
        let roles = self.client.roles(call).await.map(drop);
        for (seen, what, lost) in [
            (domain, "the domain", &OF_DOMAIN[..]),
            (roles, "the domain's roles", &OF_ROLES[..]),
        ] {
            let error = match seen {
                Ok(()) => continue,
                Err(error) if error.trouble == Trouble::AuthFailed => error,
                Err(error) if error.trouble == Trouble::NotFound => error,
                Err(error) => return Err(error),
            };
            let left = report
                .capabilities
                .get_or_insert_with(|| Capability::ALL.into_iter().collect());
            for capability in lost {
                left.remove(capability);
            }
            report.findings.push(Finding {
                code: "capability_missing".to_owned(),
                detail: format!(
                    "{what} can't be read with these credentials: {}",
                    error.message
                ),
                fatal: false,
            });
        }
        Ok(())
    }
}
