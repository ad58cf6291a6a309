//! Whether each token of a connection works, and what it lacks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::Utc;

use super::Api;
use super::client::Place;
use super::settings::UsersApi;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};
use crate::domain::Capability;

/// The code of a token that works and has not the right that is needed.
const MISSING: &str = "capability_missing";
/// The code of what could not be found out.
const UNKNOWN: &str = "capabilities_unknown";

/// How much of the activity is asked for, to see whether it is shown.
const PROBED_SECONDS: i64 = 60;

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        let users = match self.users_api {
            UsersApi::Current => self.client.users(call, Place::First(1)).await.map(drop),
            UsersApi::Legacy => self.client.legacy_users(call).await.map(drop),
        };
        match users {
            Ok(()) => self.look_around(call, &mut report).await?,
            Err(error) => {
                let found = account_token(error)?;
                if found.code == MISSING {
                    report.capabilities = Some(BTreeSet::new());
                }
                report.findings.push(found);
            }
        }
        if self.client.has_personal_token() {
            let requests = self.client.access_requests(call, Place::First(1)).await;
            report.findings.extend(requests.err().map(personal_token));
        }
        Ok(report)
    }
}

impl Api {
    /// Asks for a little of everything else that is listed, and takes away what the tokens may not see.
    async fn look_around(&self, call: &Call, report: &mut CheckReport) -> Result<(), AdapterError> {
        use Capability as Can;
        let now = Utc::now().timestamp();
        let client = &self.client;
        let (integrations, scopes, groups, bundles, activity, attributes) = tokio::join!(
            client.integrations(call, Place::First(1)),
            client.access_scopes(call, Place::First(1)),
            client.groups(call, Place::First(1)),
            client.bundles(call, Place::First(1)),
            client.activity(call, now - PROBED_SECONDS, now),
            client.attributes(call, &[], 1, 0),
        );
        let resources = [Can::ListResources, Can::ReadResources];
        let entitlements = [
            Can::ListEntitlements,
            Can::ReadEntitlements,
            Can::UpdateEntitlements,
        ];
        let grants = [
            Can::ListGrants,
            Can::ReadGrants,
            Can::CreateGrants,
            Can::DeleteGrants,
            Can::ReplaceGrants,
        ];
        let changes = [Can::UpdateAccounts, Can::UpdateManyAccounts];
        let members = [&entitlements[..], &grants].concat();
        let probes = [
            ("integrations", integrations.err(), &resources[..]),
            ("access scopes", scopes.err(), &resources),
            ("groups", groups.err(), &members),
            ("bundles", bundles.err(), &entitlements),
            ("the activity", activity.err(), &[Can::ListActivity]),
            ("attributes", attributes.err(), &changes),
        ];
        let mut lost: BTreeSet<Capability> = BTreeSet::new();
        for (noun, error, needing) in probes {
            let Some(error) = error else { continue };
            if error.trouble == Trouble::AuthFailed && status(&error) == Some(403) {
                lost.extend(needing);
                let words = format!("the token may not read {noun}");
                report
                    .findings
                    .push(finding(MISSING, &words, &error, false));
            } else if matches!(error.trouble, Trouble::NotFound | Trouble::AuthFailed) {
                let words = format!("whether {noun} can be read could not be found out");
                report
                    .findings
                    .push(finding(UNKNOWN, &words, &error, false));
            } else {
                return Err(error);
            }
        }
        if !lost.is_empty() {
            let left = Capability::ALL
                .into_iter()
                .filter(|one| !lost.contains(one));
            report.capabilities = Some(left.collect());
        }
        Ok(())
    }
}

/// What is wrong with the account token, without which nothing works. Trouble that is not about it says nothing and is an error.
fn account_token(error: AdapterError) -> Result<Finding, AdapterError> {
    let (code, words) = match (error.trouble, status(&error)) {
        (Trouble::AuthFailed, Some(403)) => (
            MISSING,
            "the account token works but may not read users: give it a role that may, such as Admin",
        ),
        (Trouble::AuthFailed, _) => ("auth_failed", "the account token does not work"),
        (Trouble::NotFound, _) => ("unreachable", "there are no users at this address"),
        _ => return Err(error),
    };
    Ok(finding(code, words, &error, true))
}

/// What is wrong with the personal token. Accounts are read without it, so the connection can be used all the same.
fn personal_token(error: AdapterError) -> Finding {
    let (code, words) = match (error.trouble, status(&error)) {
        (Trouble::AuthFailed, Some(403)) => (
            MISSING,
            "the personal token may not use the user API: it is an account's, or Apono has not enabled the tokens of end users for this tenant",
        ),
        (Trouble::AuthFailed, _) => ("auth_failed", "the personal token does not work"),
        _ => (
            UNKNOWN,
            "whether the personal token works could not be found out",
        ),
    };
    finding(code, words, &error, false)
}

fn status(error: &AdapterError) -> Option<u16> {
    error.upstream.as_ref().and_then(|said| said.status)
}

fn finding(code: &str, words: &str, error: &AdapterError, fatal: bool) -> Finding {
    Finding {
        code: code.to_owned(),
        detail: format!("{words} ({})", error.message),
        fatal,
    }
}
