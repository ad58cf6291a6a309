//! Whether a connection works.

use async_trait::async_trait;

use super::Api;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};

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
            Ok(_) => return Ok(report),
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
