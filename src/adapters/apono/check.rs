//! Whether each token of a connection works, and what it lacks.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::Api;
use super::client::Place;
use super::settings::UsersApi;
use crate::adapters::contract::{AdapterError, Call, CheckReport, Checks, Finding, Trouble};

/// The code of a token that works and has not the right that is needed.
const MISSING: &str = "capability_missing";

#[async_trait]
impl Checks for Api {
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError> {
        let mut report = CheckReport::default();
        let users = match self.users_api {
            UsersApi::Current => self.client.users(call, Place::First(1)).await.map(drop),
            UsersApi::Legacy => self.client.legacy_users(call).await.map(drop),
        };
        if let Err(error) = users {
            let found = account_token(error)?;
            if found.code == MISSING {
                report.capabilities = Some(BTreeSet::new());
            }
            report.findings.push(found);
        }
        if self.client.has_personal_token() {
            let requests = self.client.access_requests(call, Place::First(1)).await;
            report.findings.extend(requests.err().map(personal_token));
        }
        Ok(report)
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
            "capabilities_unknown",
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
