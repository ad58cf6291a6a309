//! Whether a connection works.

use async_trait::async_trait;

use super::Api;
use crate::adapters::contract::{
    AdapterError, Call, CheckReport, Checks, Finding, Trouble, Upstream,
};

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        // The order of §8. A gateway in front may hide both, so neither decides alone.
        if let Err(unhealthy) = self.client.healthcheck(call).await
            && self.client.version(call).await.is_err()
        {
            if !was_answered(&unhealthy) {
                return Err(unhealthy);
            }
            report.findings.push(Finding {
                code: "health_unknown".to_owned(),
                detail: format!(
                    "neither /healthcheck nor /version answers well: {}",
                    unhealthy.message
                ),
                fatal: false,
            });
        }
        match self.client.list_accounts(call, 1, 1).await {
            Ok(_) => Ok(report),
            Err(error) if error.trouble == Trouble::AuthFailed => {
                report.findings.push(Finding {
                    code: "auth_failed".to_owned(),
                    detail: error.message,
                    fatal: true,
                });
                Ok(report)
            }
            Err(error) => Err(error),
        }
    }
}

fn was_answered(error: &AdapterError) -> bool {
    matches!(
        error.upstream,
        Some(Upstream {
            status: Some(_),
            ..
        })
    )
}
