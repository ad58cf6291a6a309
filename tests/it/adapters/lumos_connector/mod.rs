//! The Lumos connector.

mod access;
mod check;
mod read;
mod through;
mod use_of;
mod write;

use std::ops::Deref;

use iam_gateway::adapters::contract::AdapterError;
use iam_gateway::domain::{AccountKind, AccountRecord, Effect, NewAccount};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stand::Stand;
use crate::support::LUMOS;

struct Lumos(Stand);

impl Deref for Lumos {
    type Target = Stand;

    fn deref(&self) -> &Stand {
        &self.0
    }
}

impl Lumos {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(quirks: &[(&str, &str)]) -> Self {
        Self::connected(quirks, |_| {}).await
    }

    /// With the connection changed before the adapter is built.
    async fn connected(quirks: &[(&str, &str)], change: impl FnOnce(&mut Value)) -> Self {
        Self(Stand::start(LUMOS, quirks, change).await)
    }

    async fn ada(&self) -> AccountRecord {
        let new = person("ada.lind@example.org");
        self.matches(&new).await.unwrap().remove(0)
    }

    async fn matches(&self, new: &NewAccount) -> Result<Vec<AccountRecord>, AdapterError> {
        let creator = self.adapter.account_creator().unwrap();
        creator.find_matches(&self.reading(), new).await
    }

    async fn create(&self, new: &NewAccount) -> Result<AccountRecord, AdapterError> {
        let creator = self.adapter.account_creator().unwrap();
        creator.prepare_create(new)?;
        let call = self.writing();
        let before = creator.find_matches(&call, new).await?;
        let before: Vec<_> = before.into_iter().map(|r| r.external_key).collect();
        let outcome = creator.create_account(&call, new, &before).await?;
        assert_eq!(outcome.effect, Effect::Created);
        Ok(outcome.value)
    }

    /// The capabilities through which something was really changed.
    fn effects(&self) -> Vec<String> {
        let name = |operation: &str| operation.rsplit('/').next().unwrap().to_owned();
        let effects = self.vendor.effects();
        effects.iter().map(|e| name(&e.operation)).collect()
    }
}

fn person(email: &str) -> NewAccount {
    let attributes = json!({"department": "sales", "cost_center": 4711});
    NewAccount {
        operation_id: Uuid::now_v7(),
        login: None,
        email: Some(email.to_owned()),
        display_name: None,
        given_name: Some("Zoe".to_owned()),
        family_name: None,
        kind: Some(AccountKind::Human),
        password: None,
        attributes: attributes.as_object().unwrap().clone(),
        entitlements: Vec::new(),
    }
}
