//! Creating, changing and deleting accounts.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::draft::{Draft, draft, edit};
use super::{Api, convert, wire};
use crate::adapters::contract::{
    AdapterError, Call, CreateProof, CreatesAccounts, DeletesAccounts, Outcome, Shown, SideEffect,
    Trouble, UpdatesAccounts,
};
use crate::domain::{AccountChange, AccountRecord, Effect, ExternalKey, NewAccount};

#[async_trait]
impl CreatesAccounts for Api {
    fn create_proof(&self) -> CreateProof {
        CreateProof::OneNewMatch
    }

    fn prepare_create(&self, new: &NewAccount) -> Result<String, AdapterError> {
        // The key of the account to be: its creation and its deletion take turns.
        draft(&self.settings, new)
            .map(|draft| convert::key(draft.domain, &draft.email).as_str().to_owned())
    }

    async fn find_matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let draft = draft(&self.settings, new)?;
        let domain = self.domain(draft.domain);
        let found = domain.find(call, &draft.email).await?;
        Ok(found.into_iter().collect())
    }

    async fn create_account(
        &self,
        call: &Call,
        new: &NewAccount,
        before: &[ExternalKey],
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let draft = draft(&self.settings, new)?;
        let domain = self.domain(draft.domain);
        domain.takes(call, &draft).await?;
        self.would_be_kept(call, &draft).await?;
        let before = json!({ "matches": before });
        let answer = self
            .client
            .create_user(call, &draft, &before)
            .await
            .map_err(|error| refused_creation(error, new))?;
        let record = match domain.shown(answer, &draft.email) {
            Some(record) => Some(record),
            None => domain.read_back(call, &draft.email, |_| true).await,
        };
        Ok(Outcome {
            effect: Effect::Created,
            value: record.unwrap_or_else(|| as_drafted(&draft)),
        })
    }
}

#[async_trait]
impl UpdatesAccounts for Api {
    fn turns_of_updating(&self) -> Option<&'static str> {
        None
    }

    fn prepare_update(
        &self,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<(), AdapterError> {
        edit(known, change).map(drop)
    }

    async fn shows_update(
        &self,
        _call: &Call,
        read: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Shown, AdapterError> {
        let is_shown = edit(read, change).is_ok_and(|edit| edit.is_shown_by(read));
        Ok(Shown::by(is_shown, read, change))
    }

    async fn update_account(
        &self,
        call: &Call,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let edit = edit(known, change)?;
        let (domain, _) = self.user_in(&known.external_key)?;
        let domain = self.domain(&domain);
        let email = &known.external_id;
        let now = match self.client.global_user(call, email).await {
            Ok(user) => user,
            Err(error) => {
                let error = domain.confirmed(call, email, error).await;
                return Err(error.with_effect(SideEffect::None));
            }
        };
        let id = now.id.as_ref().and_then(convert::user_id).ok_or_else(|| {
            AdapterError::new(
                Trouble::Malformed,
                "Devo does not say the user's internal id, which a change needs",
            )
            .with_effect(SideEffect::None)
        })?;
        // A PUT may replace everything, so what is not to be changed goes with it as it is.
        let info = wire::UserInfo {
            user_name: edit.user_name.or(now.user_name.as_deref()),
            phone: edit.phone.or(now.phone.as_deref()),
        };
        let before = json!({ "display_name": now.user_name, "phone": now.phone });
        if let Err(error) = self.client.put_user_info(call, &id, &info, &before).await {
            return Err(domain.confirmed(call, email, error).await);
        }
        let shown = domain
            .read_back(call, email, |read| !edit.is_contradicted_by(read))
            .await;
        match shown {
            Some(record) if edit.is_contradicted_by(&record) => Err(AdapterError::new(
                Trouble::Malformed,
                "Devo accepted the change and still shows the user as it was",
            )),
            shown => Ok(Outcome {
                effect: Effect::Updated,
                value: shown.unwrap_or_else(|| edit.applied_to(known)),
            }),
        }
    }
}

#[async_trait]
impl DeletesAccounts for Api {
    fn turns_of_removal(&self, _known: &AccountRecord) -> Option<&'static str> {
        None
    }

    async fn delete_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<()>, AdapterError> {
        let (domain, _) = self.user_in(&known.external_key)?;
        let domain = self.domain(&domain);
        let email = &known.external_id;
        let before = json!({ "status": known.status.as_str() });
        let sent = self.client.delete_user(call, domain.name, email, &before);
        let effect = match sent.await {
            Ok(()) => Effect::Deleted,
            Err(error) if error.trouble == Trouble::NotFound => {
                let lost = domain.has_lost(call, email).await;
                lost.map_err(|other| other.with_effect(error.effect))?;
                Effect::Noop
            }
            Err(error) => return Err(error),
        };
        Ok(Outcome { effect, value: () })
    }
}

impl Api {
    /// Who is a user of another domain already keeps name and phone there, and an external id is ignored (§4).
    /// Rather than drop what was asked for, say so.
    async fn would_be_kept(&self, call: &Call, draft: &Draft<'_>) -> Result<(), AdapterError> {
        if draft.user_name.is_none() && draft.phone.is_none() && draft.external_id.is_none() {
            return Ok(());
        }
        // Only a courtesy: a key that may not look beyond its domain can still create users in it.
        let Ok(there) = self.client.global_user(call, &draft.email).await else {
            return Ok(());
        };
        match lost_field(draft, &there) {
            None => Ok(()),
            Some(pointer) => Err(AdapterError::new(
                Trouble::Conflict,
                "this person is a Devo user already, and Devo keeps name, phone and external id as they are when it adds \
                 the user to another domain: leave this field out, or give it as it is there",
            )
            .at(pointer)),
        }
    }
}

/// A creation can't miss the user; what Devo does not find then is the domain, or the key (§2).
fn refused_creation(error: AdapterError, new: &NewAccount) -> AdapterError {
    if error.trouble != Trouble::NotFound {
        // An unknown role, which may have been asked for by either field.
        let by_id = error.pointer.is_some() && !new.entitlements.is_empty();
        return if by_id {
            error.at("/entitlement_ids")
        } else {
            error
        };
    }
    AdapterError {
        trouble: Trouble::AuthFailed,
        message: format!(
            "the domain or the credentials may be wrong: {}",
            error.message
        ),
        ..error
    }
}

/// The first field of the draft that would not survive.
fn lost_field(draft: &Draft<'_>, there: &wire::User) -> Option<&'static str> {
    let differs = |wanted: Option<&str>, kept: &Option<String>| {
        wanted.is_some_and(|wanted| kept.as_deref() != Some(wanted))
    };
    if differs(draft.user_name, &there.user_name) {
        Some("/display_name")
    } else if differs(draft.phone, &there.phone) {
        Some("/attributes/phone")
    } else if differs(draft.external_id, &there.external_id) {
        Some("/attributes/externalId")
    } else {
        None
    }
}

/// The new user as it was asked for, for when it can't be read after its creation.
fn as_drafted(draft: &Draft<'_>) -> AccountRecord {
    let raw = json!({
        "email": draft.email,
        "userName": draft.user_name,
        "role": draft.shown_role(),
        "owner": draft.is_owner().then_some(true),
        "phone": draft.phone,
        "externalId": draft.external_id,
    });
    let mut record = convert::record(raw, draft.domain).expect("it has an address");
    record.raw = Value::Null;
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_draft() -> Draft<'static> {
        Draft {
            domain: "acme@parent",
            email: "ada@example.test".to_owned(),
            user_name: Some("Ada"),
            role: "NO_PRIVILEGES".to_owned(),
            phone: Some("+1234567"),
            external_id: None,
        }
    }

    fn user(value: Value) -> wire::User {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_an_existing_user_would_not_take_over_is_named() {
        for (there, lost) in [
            (json!({ "userName": "Ada", "phone": "+1234567" }), None),
            (
                json!({ "userName": "Ada L", "phone": "+1234567" }),
                Some("/display_name"),
            ),
            (json!({ "userName": "Ada" }), Some("/attributes/phone")),
        ] {
            assert_eq!(
                lost_field(&a_draft(), &user(there.clone())),
                lost,
                "{there}"
            );
        }
        let external = Draft {
            external_id: Some("x"),
            phone: None,
            ..a_draft()
        };
        let there = user(json!({ "userName": "Ada" }));
        assert_eq!(
            lost_field(&external, &there),
            Some("/attributes/externalId")
        );
    }

    #[test]
    fn a_draft_makes_a_record_that_claims_no_more_than_it_knows() {
        let record = as_drafted(&a_draft());
        assert_eq!(
            record.external_key,
            convert::key("acme@parent", "ada@example.test")
        );
        assert_eq!(record.status, crate::domain::AccountStatus::Unknown);
        assert_eq!(record.attributes["roleList"], json!(["NO_PRIVILEGES"]));
        assert_eq!(record.raw, Value::Null);
    }

    #[test]
    fn a_creation_that_misses_something_is_about_the_connection() {
        let new = super::super::tests::new_account();
        let refused = |trouble| refused_creation(AdapterError::new(trouble, "no"), &new).trouble;
        assert_eq!(refused(Trouble::NotFound), Trouble::AuthFailed);
        assert_eq!(refused(Trouble::Conflict), Trouble::Conflict);
    }
}
