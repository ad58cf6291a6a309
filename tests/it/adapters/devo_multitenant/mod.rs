//! All domains of a Devo multitenant through one connection.

mod check;
mod gateway;
mod listing;
mod writing;

use iam_gateway::adapters::contract::{PageRequest, Pair};
use iam_gateway::domain::{AccountRecord, EntitlementRecord};
use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::Value;

use super::stand::Stand;
use crate::support::DEVO_MULTITENANT;

/// Is in two domains: holds reviewer in the first.
const ADA: &str = "ada.lind@example.org";
/// Is in two domains as well: holds reviewer and Security Analyst in the first.
const ELIF: &str = "elif.demir@example.org";
/// Is in the first domain alone, and holds nothing.
const BRUNO: &str = "bruno.keller@example.org";
const OWNER: &str = "owner@example.org";

const ACME: &str = "acme@parent";
/// Has no users.
const BETA: &str = "beta@parent";
/// Is switched off.
const CLOSED: &str = "closed@parent";
/// Stands for the multitenant.
const PARENT: &str = "parent";
/// Shares people with the first.
const RESEARCH: &str = "research@parent";

struct Devo {
    stand: Stand,
    users: Vec<AccountRecord>,
    roles: Vec<EntitlementRecord>,
}

impl Devo {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(quirks: &[(&str, &str)]) -> Self {
        let stand = Stand::start(DEVO_MULTITENANT, quirks, |_| {}).await;
        let users = stand.everybody(100).await;
        let mut roles = Vec::new();
        let mut page = PageRequest::default();
        loop {
            let lister = stand.adapter.entitlement_lister().unwrap();
            let listed = lister.list_entitlements(&stand.reading(), &page).await;
            let listed = listed.unwrap();
            roles.extend(listed.items);
            page.cursor = listed.next;
            if page.cursor.is_none() {
                break;
            }
        }
        Self {
            stand,
            users,
            roles,
        }
    }

    fn user(&self, domain: &str, email: &str) -> &AccountRecord {
        let found = self.users.iter().find(|one| {
            let parts = one.external_key.parts();
            parts == [domain, email]
        });
        found.unwrap_or_else(|| panic!("{email} in {domain}"))
    }

    fn role(&self, domain: &str, word: &str) -> &EntitlementRecord {
        let found = self.roles.iter().find(|one| {
            one.external_id == word && one.external_key.parts().get(1).unwrap() == domain
        });
        found.unwrap_or_else(|| panic!("{word} in {domain}"))
    }

    fn pair<'a>(&'a self, domain: &str, email: &str, word: &str) -> Pair<'a> {
        Pair {
            account: self.user(domain, email),
            entitlement: self.role(domain, word),
        }
    }

    /// The user as the vendor holds it.
    fn held(&self, domain: &str, email: &str) -> Option<Value> {
        let state = self.stand.vendor.state();
        let users = state.of(DEVO_MULTITENANT.variant).accounts.iter();
        let mut users = users.filter(|user| user["domain"] == domain && user["email"] == email);
        users.next().cloned()
    }

    fn lose(&self, domain: &str) {
        self.stand.vendor.drift(&[removed(domain)]).unwrap();
    }
}

/// A domain that goes behind everybody's back, with its users.
fn removed(domain: &str) -> Drift {
    Drift {
        op: DriftOp::Remove,
        kind: "domain".to_owned(),
        id: Some(domain.to_owned()),
        value: Value::Null,
    }
}
