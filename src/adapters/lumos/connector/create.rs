//! Creating accounts. A connector lets nobody choose ids: absent before and one match afterwards is the proof.

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::wire::CreatedAccount;
use super::{Connector, convert, fields, limits};
use crate::adapters::contract::{
    AdapterError, Call, CreateProof, CreatesAccounts, Outcome, SideEffect, Trouble,
};
use crate::domain::{AccountKind, AccountRecord, Effect, ExternalKey, NewAccount};

#[async_trait]
impl CreatesAccounts for Connector {
    fn create_proof(&self) -> CreateProof {
        CreateProof::OneNewMatch
    }

    fn prepare_create(&self, new: &NewAccount) -> Result<String, AdapterError> {
        limits::check_given(&new.entitlements)?;
        prepare(new)
    }

    async fn find_matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        // What the connector can't take is refused before its whole listing is read.
        self.create_request(call, new).await?;
        self.matches(call, new).await
    }

    async fn create_account(
        &self,
        call: &Call,
        new: &NewAccount,
        before: &[ExternalKey],
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        // A connector may well make a second account of the same name; afterwards nobody could tell them apart.
        if !before.is_empty() {
            return Err(taken());
        }
        let request = self.create_request(call, new).await?;
        let written = self
            .client
            .create_account(call, request, &json!({ "matches": before }))
            .await?;
        let effect = written.summary.effect.as_deref().and_then(convert::effect);
        if effect == Some(Effect::Noop) {
            return Err(taken());
        }
        // It is made; from here on nothing may be reported as if it were not.
        for error in &written.summary.caught_errors {
            let code = error.error_code.as_deref().unwrap_or("none");
            tracing::warn!(
                vendor = "lumos",
                code,
                "The connector made an account, and a part of it failed with {code}"
            );
        }
        let record = match &written.response.id {
            Some(id) if !id.is_empty() => self
                .read_back(call, id, |_| true)
                .await
                .unwrap_or_else(|| self.as_asked(new, id, &written.response, &written.raw)),
            _ => self.look_for(call, new).await?,
        };
        Ok(Outcome {
            effect: Effect::Created,
            value: record,
        })
    }
}

impl Connector {
    /// What the connector is asked for, when it can be asked for it.
    async fn create_request(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Map<String, Value>, AdapterError> {
        let description = self.description(call).await?;
        limits::check_needed(&new.entitlements, &description.types)?;
        description.create_fields()?.create_request(new)
    }

    /// The account just made, by its names: the id in the answer may be null (contract §B7).
    async fn look_for(&self, call: &Call, new: &NewAccount) -> Result<AccountRecord, AdapterError> {
        let unclear = |why: &str| {
            AdapterError::new(
                Trouble::Malformed,
                format!("the connector made the account without naming its id, and {why}"),
            )
            .with_effect(SideEffect::Unknown)
        };
        let found = self.matches(call, new).await;
        let mut found = found.map_err(|_| unclear("its list of accounts could not be read"))?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(unclear("its list of accounts does not show it yet")),
            _ => Err(unclear("its list of accounts shows several of that name")),
        }
    }

    /// The account as it was asked for, where the connector does not show it.
    fn as_asked(
        &self,
        new: &NewAccount,
        id: &str,
        created: &CreatedAccount,
        raw: &Value,
    ) -> AccountRecord {
        AccountRecord {
            external_key: convert::key(id),
            external_id: id.to_owned(),
            login: new.login.clone(),
            email: new.email.clone(),
            display_name: convert::full_name(new.given_name.as_deref(), new.family_name.as_deref()),
            given_name: new.given_name.clone(),
            family_name: new.family_name.clone(),
            kind: new.kind.unwrap_or(AccountKind::Unknown),
            status: convert::status_or(created.status.as_deref(), self.settings.status_when_absent),
            vendor_status: created.status.clone(),
            attributes: Map::new(),
            last_activity_at: None,
            created_at: None,
            updated_at: None,
            raw: raw.clone(),
            resource_key: None,
            succeeds: None,
        }
    }
}

/// What needs no schema; the rest is checked when the connector has said what it takes.
fn prepare(new: &NewAccount) -> Result<String, AdapterError> {
    let filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    for (pointer, text) in [("/email", &new.email), ("/login", &new.login)] {
        if text.as_deref() == Some("") {
            return Err(AdapterError::invalid(pointer, "this must not be empty"));
        }
    }
    if !filled(&new.email) && !filled(&new.login) {
        return Err(AdapterError::invalid(
            "/email",
            "an `email` or a `login` is needed: without one the new account could not be found again",
        ));
    }
    if new.kind == Some(AccountKind::Unknown) {
        return Err(AdapterError::invalid(
            "/kind",
            "say `human` or `service`, or leave it out",
        ));
    }
    fields::check_attribute_names(&new.attributes)?;
    let name = new.email.as_ref().or(new.login.as_ref());
    Ok(name.map(|name| name.to_lowercase()).unwrap_or_default())
}

fn taken() -> AdapterError {
    AdapterError::new(
        Trouble::Conflict,
        "an account of this e-mail address or login is there already",
    )
    .with_effect(SideEffect::None)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn new(email: Option<&str>, login: Option<&str>) -> NewAccount {
        NewAccount {
            operation_id: Uuid::nil(),
            login: login.map(str::to_owned),
            email: email.map(str::to_owned),
            display_name: None,
            given_name: None,
            family_name: None,
            kind: None,
            password: None,
            attributes: Map::new(),
            entitlements: Vec::new(),
        }
    }

    #[test]
    fn one_name_makes_the_account_unique() {
        assert_eq!(
            prepare(&new(Some("Ada@Example.com"), Some("ada"))).unwrap(),
            "ada@example.com"
        );
        assert_eq!(prepare(&new(None, Some("Ada"))).unwrap(), "ada");
    }

    #[test]
    fn a_nameless_account_is_refused() {
        let error = prepare(&new(None, None)).unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (Trouble::Invalid, Some("/email"))
        );
        let error = prepare(&new(Some("ada@example.com"), Some(""))).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/login"));
    }

    #[test]
    fn an_unknown_kind_can_not_be_asked_for() {
        let mut ada = new(Some("ada@example.com"), None);
        ada.kind = Some(AccountKind::Unknown);
        assert_eq!(prepare(&ada).unwrap_err().pointer.as_deref(), Some("/kind"));
    }
}
