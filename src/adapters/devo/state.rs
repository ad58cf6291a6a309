//! Activating and deactivating accounts.

use async_trait::async_trait;
use serde_json::json;

use super::Api;
use super::client::Switch;
use super::domain::Domain;
use crate::adapters::contract::{
    ActivatesAccounts, AdapterError, Call, DeactivatesAccounts, Outcome, SideEffect, Trouble,
};
use crate::domain::{AccountRecord, AccountStatus, Effect};

#[async_trait]
impl ActivatesAccounts for Api {
    async fn activate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        self.switch(call, known, Switch::Enable).await
    }
}

#[async_trait]
impl DeactivatesAccounts for Api {
    async fn deactivate_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        self.switch(call, known, Switch::Disable).await
    }
}

impl Api {
    async fn switch(
        &self,
        call: &Call,
        known: &AccountRecord,
        switch: Switch,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        let (domain, _) = self.user_in(&known.external_key)?;
        let domain = self.domain(&domain);
        let email = &known.external_id;
        let before = json!({ "status": known.status.as_str() });
        let sent = self
            .client
            .switch_user(call, domain.name, email, switch, &before);
        let answer = match sent.await {
            Ok(answer) => answer,
            Err(error) if may_be_so_already(&error) => {
                return domain.already(call, email, switch, error).await;
            }
            Err(error) => return Err(domain.confirmed(call, email, error).await),
        };
        let is_done = |record: &AccountRecord| switch.is_shown_by(record);
        let shown = match domain.shown(answer, email).filter(is_done) {
            Some(record) => Some(record),
            None => domain.read_back(call, email, is_done).await,
        };
        match shown {
            // Nobody may be told that an access is off while Devo shows it on.
            Some(record) if !is_done(&record) => Err(AdapterError::new(
                Trouble::Malformed,
                format!(
                    "Devo accepted to {} the user and still shows it as {}",
                    switch.verb(),
                    record
                        .vendor_status
                        .as_deref()
                        .unwrap_or("being in no state")
                ),
            )),
            shown => Ok(Outcome {
                effect: Effect::Updated,
                value: shown,
            }),
        }
    }
}

impl Domain<'_> {
    /// Devo refuses to disable who is disabled (116, §3). A reading tells that from any other refusal.
    async fn already(
        self,
        call: &Call,
        email: &str,
        switch: Switch,
        refusal: AdapterError,
    ) -> Result<Outcome<Option<AccountRecord>>, AdapterError> {
        match self.find(call, email).await {
            Ok(Some(record)) if switch.is_shown_by(&record) => Ok(Outcome {
                effect: Effect::Noop,
                value: Some(record),
            }),
            _ => Err(refusal),
        }
    }
}

impl Switch {
    fn is_shown_by(self, record: &AccountRecord) -> bool {
        let wanted = match self {
            Self::Enable => AccountStatus::Active,
            Self::Disable => AccountStatus::Inactive,
        };
        record.status == wanted
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
        }
    }
}

fn may_be_so_already(error: &AdapterError) -> bool {
    matches!(error.trouble, Trouble::Conflict | Trouble::Rejected)
        && error.effect == SideEffect::None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::devo::convert;

    #[test]
    fn only_the_wanted_state_counts_as_done() {
        for (word, on, off) in [
            ("active", true, false),
            ("pending", false, false),
            ("inactive", false, true),
            ("", false, false),
        ] {
            let raw = json!({ "email": "a@b.co", "status": word });
            let record = convert::record(raw, "acme").unwrap();
            assert_eq!(Switch::Enable.is_shown_by(&record), on, "{word}");
            assert_eq!(Switch::Disable.is_shown_by(&record), off, "{word}");
        }
    }

    #[test]
    fn a_refusal_with_an_unknown_effect_is_left_to_the_ledger() {
        let refusal = AdapterError::new(Trouble::Rejected, "no");
        assert!(may_be_so_already(&refusal));
        assert!(!may_be_so_already(
            &refusal.with_effect(SideEffect::Unknown)
        ));
        assert!(!may_be_so_already(&AdapterError::new(
            Trouble::Timeout,
            "late"
        )));
    }
}
