//! Whether a connection works, and which areas of the tenant its token may read.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::Api;
use super::paging::{Cursor, Numbered, Offset};
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        if let Err(error) = self.client.current_user(call).await {
            let code = match error.trouble {
                Trouble::AuthFailed => "auth_failed",
                // Every token has an owner, so there is no such API at this address.
                Trouble::NotFound => "unreachable",
                _ => return Err(error),
            };
            report.findings.push(finding(code, error.message, true));
            return Ok(report);
        }
        let users = self.client.users(call, Numbered::first(1)).await.map(drop);
        let users = report.reads("users", users)?;
        let accounts = self.client.accounts(call, Numbered::first(1)).await;
        let accounts = report.reads("accounts", accounts.map(drop))?;
        // Nothing rests on these two yet: what they lack is worth knowing and no more.
        let log = self.client.activity_logs(call, Offset::first(1)).await;
        report.mentions("activity logs", log.map(drop));
        let events = self.client.identity_events(call, Cursor::first(1)).await;
        report.mentions("identity events", events.map(drop));
        if !users && !accounts {
            report.findings.push(finding(
                "capability_missing",
                "the token's owner may read neither users nor accounts, so there is nothing to list",
                true,
            ));
        }
        // A listing is made of both; one person is read among the users.
        let listable = (users && accounts).then_some(Capability::ListAccounts);
        let readable = users.then_some(Capability::ReadAccounts);
        report.capabilities = Some(
            listable
                .into_iter()
                .chain(readable)
                .collect::<BTreeSet<_>>(),
        );
        Ok(report)
    }
}

/// Looking into the areas of a tenant.
trait Areas {
    /// Whether an area is open; trouble that is not about rights says nothing of that and is an error.
    fn reads(
        &mut self,
        area: &str,
        outcome: Result<(), AdapterError>,
    ) -> Result<bool, AdapterError>;

    /// Notes an area that is not open, or that could not be looked into.
    fn mentions(&mut self, area: &str, outcome: Result<(), AdapterError>);
}

impl Areas for CheckReport {
    fn reads(
        &mut self,
        area: &str,
        outcome: Result<(), AdapterError>,
    ) -> Result<bool, AdapterError> {
        match outcome {
            Ok(()) => Ok(true),
            Err(error) if is_closed(&error) => {
                self.mentions(area, Err(error));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn mentions(&mut self, area: &str, outcome: Result<(), AdapterError>) {
        let Err(error) = outcome else { return };
        let (code, words) = if is_closed(&error) {
            ("capability_missing", "can't be read with this token")
        } else {
            ("capabilities_unknown", "could not be looked into")
        };
        let detail = format!("{area} {words}: {}", error.message);
        self.findings.push(finding(code, detail, false));
    }
}

fn is_closed(error: &AdapterError) -> bool {
    matches!(
        error.trouble,
        Trouble::AuthFailed | Trouble::NotFound | Trouble::Unsupported
    )
}

fn finding(code: &str, detail: impl Into<String>, fatal: bool) -> Finding {
    Finding {
        code: code.to_owned(),
        detail: detail.into(),
        fatal,
    }
}
