//! Changing fields of accounts.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::read::account_id;
use super::{Connector, convert, fields};
use crate::adapters::contract::{
    AdapterError, Call, Outcome, Shown, SideEffect, Trouble, UpdatesAccounts,
};
use crate::domain::{AccountChange, AccountRecord, Effect};

#[async_trait]
impl UpdatesAccounts for Connector {
    fn turns_of_updating(&self) -> Option<&'static str> {
        None
    }

    /// Which fields there are is checked when the connector has said what it takes.
    fn prepare_update(
        &self,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<(), AdapterError> {
        account_id(&known.external_key)?;
        fields::check_attribute_names(&change.attributes)
    }

    async fn shows_update(
        &self,
        _call: &Call,
        read: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Shown, AdapterError> {
        let is_shown = shows(read, change);
        Ok(Shown::by(is_shown, read, change))
    }

    async fn update_account(
        &self,
        call: &Call,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let id = account_id(&known.external_key)?;
        let request = self
            .description(call)
            .await?
            .update_fields()?
            .update_request(&id, change)?;
        let before = Value::Object(before(known, change));
        let written = self.client.update_account(call, request, &before).await?;
        let visible = AccountChange {
            password: None,
            ..change.clone()
        };
        let read = self
            .read_back(call, &id, |record| shows(record, &visible))
            .await;
        if let Some(part) = written.summary.caught_errors.first()
            && !read.as_ref().is_some_and(|record| shows(record, change))
        {
            let code = part.error_code.as_deref().unwrap_or("none");
            return Err(AdapterError::new(
                Trouble::Rejected,
                format!(
                    "the connector changed the account only in part: the rest failed with `{code}`"
                ),
            )
            .with_effect(SideEffect::Unknown));
        }
        let effect = written.summary.effect.as_deref().and_then(convert::effect);
        Ok(Outcome {
            effect: effect.unwrap_or(Effect::Updated),
            value: read.unwrap_or_else(|| as_asked(known, change)),
        })
    }
}

/// Whether a reading shows every changed field as asked.
fn shows(read: &AccountRecord, change: &AccountChange) -> bool {
    let texts = [
        (&change.login, &read.login),
        (&change.given_name, &read.given_name),
        (&change.family_name, &read.family_name),
    ];
    let same = |(asked, is): (&Option<Option<String>>, &Option<String>)| {
        asked.as_ref().is_none_or(|asked| asked == is)
    };
    let email = change.email.as_ref().is_none_or(|asked| {
        asked.as_deref().map(str::to_lowercase) == read.email.as_deref().map(str::to_lowercase)
    });
    // The record's own full name is put together from the two names and proves nothing.
    let display_name = change.display_name.as_ref().is_none_or(|asked| {
        let asked = asked.clone().map_or(Value::Null, Value::from);
        shows_attribute(&read.attributes, "display_name", &asked)
    });
    change.password.is_none()
        && email
        && display_name
        && texts.into_iter().all(same)
        && change
            .attributes
            .iter()
            .all(|(name, asked)| shows_attribute(&read.attributes, name, asked))
}

/// Custom attributes are strings on the wire, whatever the field was written as (contract §B8).
fn shows_attribute(read: &Map<String, Value>, name: &str, asked: &Value) -> bool {
    match (read.get(name), asked) {
        (None | Some(Value::Null), Value::Null) => true,
        (Some(Value::String(is)), Value::Number(number)) => *is == number.to_string(),
        (Some(Value::String(is)), Value::Bool(flag)) => *is == flag.to_string(),
        (Some(is), asked) => is == asked,
        (None, _) => false,
    }
}

/// What the changed fields were, as far as we know; a password is never among them.
fn before(known: &AccountRecord, change: &AccountChange) -> Map<String, Value> {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::from);
    let texts = [
        ("login", change.login.is_some(), &known.login),
        ("email", change.email.is_some(), &known.email),
        ("given_name", change.given_name.is_some(), &known.given_name),
        (
            "family_name",
            change.family_name.is_some(),
            &known.family_name,
        ),
        (
            "display_name",
            change.display_name.is_some(),
            &known.display_name,
        ),
    ];
    let mut before: Map<String, Value> = texts
        .into_iter()
        .filter(|(_, changed, _)| *changed)
        .map(|(name, _, was)| (name.to_owned(), text(was)))
        .collect();
    if !change.attributes.is_empty() {
        let attributes: Map<String, Value> = change
            .attributes
            .keys()
            .map(|name| {
                let was = known.attributes.get(name).cloned();
                (name.clone(), was.unwrap_or_default())
            })
            .collect();
        before.insert("attributes".into(), attributes.into());
    }
    before
}

/// The account as the change leaves it, where the connector does not show it.
fn as_asked(known: &AccountRecord, change: &AccountChange) -> AccountRecord {
    let mut record = known.clone();
    let texts = [
        (&mut record.login, &change.login),
        (&mut record.email, &change.email),
        (&mut record.given_name, &change.given_name),
        (&mut record.family_name, &change.family_name),
    ];
    for (is, asked) in texts {
        if let Some(asked) = asked {
            is.clone_from(asked);
        }
    }
    record.display_name =
        convert::full_name(record.given_name.as_deref(), record.family_name.as_deref());
    for (name, asked) in &change.attributes {
        if asked.is_null() {
            record.attributes.remove(name);
        } else {
            record.attributes.insert(name.clone(), asked.clone());
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::super::settings::AbsentStatus;
    use super::*;

    fn ada() -> AccountRecord {
        let item = json!({
            "integration_specific_id": "1", "email": "ada@example.com", "given_name": "Ada", "family_name": "Lind",
            "username": "ada", "user_status": "ACTIVE", "custom_attributes": {"level": "3"}, "extra_data": {"team": "x"}
        });
        convert::account(&item, AbsentStatus::Unknown).unwrap()
    }

    fn attributes(value: Value) -> AccountChange {
        AccountChange {
            attributes: value.as_object().unwrap().clone(),
            ..AccountChange::default()
        }
    }

    #[test]
    fn a_change_shows_only_when_every_field_does() {
        let mut change = AccountChange {
            given_name: Some(Some("Ada".into())),
            email: Some(Some("ADA@example.com".into())),
            ..AccountChange::default()
        };
        assert!(shows(&ada(), &change));
        change.family_name = Some(None);
        assert!(!shows(&ada(), &change));
    }

    #[test]
    fn a_password_and_a_full_name_never_show() {
        let password = AccountChange {
            password: Some(SecretString::from("p")),
            ..AccountChange::default()
        };
        assert!(!shows(&ada(), &password));
        let name = AccountChange {
            display_name: Some(Some("Ada Lind".into())),
            ..AccountChange::default()
        };
        assert!(!shows(&ada(), &name));
    }

    #[test]
    fn attributes_show_as_strings_or_as_they_are() {
        assert!(shows(&ada(), &attributes(json!({"level": 3, "team": "x"}))));
        assert!(shows(&ada(), &attributes(json!({"gone": null}))));
        assert!(!shows(&ada(), &attributes(json!({"team": null}))));
        assert!(!shows(&ada(), &attributes(json!({"level": 4}))));
    }

    #[test]
    fn before_names_what_changes_and_nothing_else() {
        let mut change = attributes(json!({"team": "y", "new": 1}));
        change.login = Some(Some("lind".into()));
        change.password = Some(SecretString::from("p"));
        assert_eq!(
            Value::Object(before(&ada(), &change)),
            json!({"login": "ada", "attributes": {"team": "x", "new": null}})
        );
    }

    #[test]
    fn an_unreadable_account_is_shown_as_asked() {
        let mut change = attributes(json!({"team": null}));
        change.family_name = Some(Some("Byron".into()));
        let record = as_asked(&ada(), &change);
        assert_eq!(record.display_name.as_deref(), Some("Ada Byron"));
        assert_eq!(record.attributes.get("team"), None);
    }
}
