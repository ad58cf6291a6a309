//! All domains of a Devo multitenant through one connection.

mod check;
mod gateway;
mod listing;
mod writing;

use iam_gateway::adapters::contract::Pair;
use iam_gateway::domain::{AccountRecord, EntitlementRecord};
use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::Value;

use super::devo::{ADA, BRUNO, ELIF, OWNER};
use super::stand::Stand;
use crate::support::DEVO_MULTITENANT;

const ACME: &str = "acme@parent";
/// Has no users.
const BETA: &str = "beta@parent";
/// Is switched off.
const CLOSED: &str = "closed@parent";
/// Stands for the multitenant.
const PARENT: &str = "parent";
/// Shares Ada, Elif and others with the first.
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
        let roles = stand.entitlements().await;
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
