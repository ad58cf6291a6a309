//! Whether a connection works, and which areas of the tenant its token may read.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::paging::{Cursor, Listed, Numbered, Offset};
use super::{Api, convert};
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
        let first = Numbered::first(1);
        let users = self.client.users(call, first).await;
        let users = report.reads("users", users)?.is_some();
        let accounts = self.client.accounts(call, first).await;
        let accounts = report.reads("accounts", accounts)?.is_some();
        if !users && !accounts {
            report.findings.push(finding(
                "capability_missing",
                "the token's owner may read neither users nor accounts, so there is nothing to list",
                true,
            ));
        }
        let apps = report.reads("apps", self.client.apps(call, first).await)?;
        let permissions = match apps.as_ref().map(|apps| app_id(apps)) {
            Some(Some(app)) => {
                let permissions = self.client.permissions(call, app, first).await;
                report
                    .reads("requestable permissions", permissions)?
                    .is_some()
            }
            // Without an app there is nothing that could be closed.
            Some(None) => true,
            None => false,
        };
        let groups = self.client.groups(call, first).await;
        let groups = report.reads("groups", groups)?.is_some();
        let requests = self.client.requests(call, &convert::GIVEN, first).await;
        let requests = report.reads("access requests", requests)?.is_some();
        let log = self
            .client
            .activity_logs(call, None, Offset::first(1))
            .await;
        let log = report.reads("activity logs", log)?.is_some();
        let events = self
            .client
            .identity_events(call, None, Cursor::first(1))
            .await;
        let events = report.reads("identity events", events)?.is_some();
        // A listing that is made of several areas needs all of them; one thing is read in its own.
        let can = [
            (users && accounts, Capability::ListAccounts),
            (users, Capability::ReadAccounts),
            (apps.is_some(), Capability::ListResources),
            (apps.is_some(), Capability::ReadResources),
            (permissions && groups, Capability::ListEntitlements),
            (permissions && groups, Capability::ReadEntitlements),
            (groups && requests, Capability::ListGrants),
            (log && events, Capability::ListActivity),
        ];
        let can = can.into_iter().filter(|(is_open, _)| *is_open);
        report.capabilities = Some(can.map(|(_, can)| can).collect::<BTreeSet<_>>());
        Ok(report)
    }
}

/// The id of a listed app.
fn app_id(apps: &Listed<Numbered>) -> Option<&str> {
    apps.items.first()?.get("id")?.as_str()
}

/// Looking into the areas of a tenant.
trait Areas {
    /// What an open area answers, and a finding for one that is closed; trouble that is not about rights says nothing of that and is
    /// an error.
    fn reads<T>(
        &mut self,
        area: &str,
        outcome: Result<T, AdapterError>,
    ) -> Result<Option<T>, AdapterError>;
}

impl Areas for CheckReport {
    fn reads<T>(
        &mut self,
        area: &str,
        outcome: Result<T, AdapterError>,
    ) -> Result<Option<T>, AdapterError> {
        match outcome {
            Err(error) if is_closed(&error) => {
                let detail = format!("{area} can't be read with this token: {}", error.message);
                self.findings
                    .push(finding("capability_missing", detail, false));
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
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
