//! The attributes of people, of one or of many by one request: all that can be changed of Apono's users, whom it takes from its
//! identity sources. They are read where they are written, which works whichever API the users come from.

pub(super) mod answer;
mod change;

use std::collections::HashMap;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use change::{Change, Held, ONE_OR_THE_OTHER};

use super::grants::address;
use super::pages::malformed;
use super::settings::UsersApi;
use super::{Api, wire};
use crate::adapters::contract::{
    AdapterError, Call, Outcome, RowOutcome, Shown, SideEffect, UpdatesAccounts,
    UpdatesManyAccounts, refusals,
};
use crate::domain::{AccountChange, AccountRecord, AttributesChange, Effect};

/// One request changes many, so that a connection's changes of attributes go one after the other.
const TURNS: &str = "attributes";

/// So many are asked for at once.
const PAGE: usize = 100;

/// Whose attributes become what.
struct Row<'a> {
    account: &'a AccountRecord,
    email: &'a str,
    change: Change,
}

impl<'a> Row<'a> {
    /// The one of an account, whose place in the request is at the first pointer, with attributes that are at the second.
    fn read(
        account: &'a AccountRecord,
        attributes: &Map<String, Value>,
        at: &str,
        attributes_at: &str,
    ) -> Result<Self, AdapterError> {
        Ok(Self {
            account,
            email: address(account).map_err(|error| error.at(at))?,
            change: Change::read(attributes, attributes_at)?,
        })
    }

    fn alone(account: &'a AccountRecord, change: &AccountChange) -> Result<Self, AdapterError> {
        Self::read(account, &change.attributes, "", "/attributes")
    }

    /// Those of one request.
    fn all(changes: &'a [AttributesChange]) -> Result<Vec<Self>, AdapterError> {
        let row = |(index, change): (usize, &'a AttributesChange)| {
            let at = format!("/items/{index}");
            let (account_at, attributes_at) =
                (format!("{at}/account_id"), format!("{at}/attributes"));
            Self::read(
                &change.account,
                &change.attributes,
                &account_at,
                &attributes_at,
            )
        };
        changes.iter().enumerate().map(row).collect()
    }
}

#[async_trait]
impl UpdatesAccounts for Api {
    fn turns_of_updating(&self) -> Option<&'static str> {
        Some(TURNS)
    }

    fn prepare_update(
        &self,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<(), AdapterError> {
        refusals::fields(
            [
                ("/login", change.login.is_some()),
                ("/email", change.email.is_some()),
                ("/display_name", change.display_name.is_some()),
                ("/given_name", change.given_name.is_some()),
                ("/family_name", change.family_name.is_some()),
                ("/password", change.password.is_some()),
            ],
            "Apono takes its users from identity sources; only their attributes can be changed here",
        )?;
        Row::alone(known, change).map(drop)
    }

    async fn shows_update(
        &self,
        call: &Call,
        read: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Shown, AdapterError> {
        let rows = [Row::alone(read, change)?];
        let held = self.attributes_of(call, &rows).await?;
        let is_shown = rows[0].change.is_shown_by(&held[0]);
        Ok(if is_shown { Shown::Yes } else { Shown::No })
    }

    async fn update_account(
        &self,
        call: &Call,
        known: &AccountRecord,
        change: &AccountChange,
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let row = Row::alone(known, change)?;
        let Outcome { effect, mut value } = self.change(call, &[row]).await?;
        let value = value
            .pop()
            .unwrap_or_else(|| Err(malformed("Apono's answer has no row")))?;
        Ok(Outcome { effect, value })
    }
}

#[async_trait]
impl UpdatesManyAccounts for Api {
    fn turns_of_updating_many(&self) -> &'static str {
        TURNS
    }

    fn prepare_updates(&self, changes: &[AttributesChange]) -> Result<(), AdapterError> {
        let rows = Row::all(changes)?;
        let sets = |row: &Row<'_>| matches!(row.change, Change::Set(_));
        for (index, row) in rows.iter().enumerate() {
            let email = row.email.to_lowercase();
            let is_named = |other: &Row<'_>| other.email.to_lowercase() == email;
            if rows[..index].iter().any(is_named) {
                let words =
                    "has the e-mail address of another one, and that is what Apono tells people by";
                return Err(AdapterError::invalid(
                    &format!("/items/{index}/account_id"),
                    words,
                ));
            }
            if sets(row) != sets(&rows[0]) {
                return Err(AdapterError::unsupported(
                    &format!("/items/{index}/attributes"),
                    ONE_OR_THE_OTHER,
                ));
            }
        }
        Ok(())
    }

    async fn find_updates(
        &self,
        call: &Call,
        changes: &[AttributesChange],
    ) -> Result<Vec<Option<AccountRecord>>, AdapterError> {
        let rows = Row::all(changes)?;
        let held = self.attributes_of(call, &rows).await?;
        let shown = rows.iter().zip(held).map(|(row, held)| {
            let is_shown = row.change.is_shown_by(&held);
            is_shown.then(|| self.with(row.account, held))
        });
        Ok(shown.collect())
    }

    async fn update_accounts(
        &self,
        call: &Call,
        changes: &[AttributesChange],
    ) -> Result<Outcome<Vec<RowOutcome>>, AdapterError> {
        self.change(call, &Row::all(changes)?).await
    }
}

impl Api {
    /// Changes what is not so already. All rows set, or all take away.
    async fn change(
        &self,
        call: &Call,
        rows: &[Row<'_>],
    ) -> Result<Outcome<Vec<RowOutcome>>, AdapterError> {
        let held = self.attributes_of(call, rows).await?;
        let all = || rows.iter().zip(&held);
        let open: Vec<(&Row<'_>, &Held)> = all()
            .filter(|(row, held)| !row.change.is_shown_by(held))
            .collect();
        if open.is_empty() {
            let value = all().map(|(row, held)| Ok(self.with(row.account, held.clone())));
            return Ok(Outcome {
                effect: Effect::Noop,
                value: value.collect(),
            });
        }
        let mut told = answer::told(self.send(call, &open).await?);
        let untold: Vec<&Row<'_>> = open
            .iter()
            .map(|(row, _)| *row)
            .filter(|row| !told.contains_key(&row.email.to_lowercase()))
            .collect();
        self.show(call, &untold).await?;
        let mut effect = Effect::Noop;
        let mut value = Vec::with_capacity(rows.len());
        for (row, held) in all() {
            let is_open = open.iter().any(|(other, _)| std::ptr::eq(*other, row));
            let outcome = match told.remove(&row.email.to_lowercase()) {
                Some(Err(error)) if is_open => Err(self.client.redacted(call, error)),
                _ => Ok(self.with(row.account, row.change.applied_to(held))),
            };
            if is_open && outcome.is_ok() {
                effect = Effect::Updated;
            }
            value.push(outcome);
        }
        Ok(Outcome { effect, value })
    }

    /// Sends the one request. What is not there can't be taken away, so that it is not named.
    async fn send(
        &self,
        call: &Call,
        open: &[(&Row<'_>, &Held)],
    ) -> Result<wire::AttributesAnswer, AdapterError> {
        let before = open.iter().map(
            |(row, held)| json!({ "email": row.email, "attributes": row.change.touched(held) }),
        );
        let before = Value::Array(before.collect());
        let (mut set, mut removed) = (Vec::new(), Vec::new());
        for (row, held) in open {
            match &row.change {
                Change::Set(attributes) => set.push(wire::Attributes {
                    email: row.email.to_owned(),
                    attributes: attributes.clone(),
                }),
                Change::Remove(names) => removed.push(wire::AttributeKeys {
                    email: row.email,
                    attribute_types: names
                        .iter()
                        .filter(|name| held.contains_key(*name))
                        .map(String::as_str)
                        .collect(),
                }),
            }
        }
        if removed.is_empty() {
            self.client.set_attributes(call, &set, &before).await
        } else {
            self.client.remove_attributes(call, &removed, &before).await
        }
    }

    /// Reads whether rows are as asked that the answer says nothing of. That one is not, yet, proves nothing.
    async fn show(&self, call: &Call, untold: &[&Row<'_>]) -> Result<(), AdapterError> {
        if untold.is_empty() {
            return Ok(());
        }
        let held = self
            .listed(call, untold.iter().map(|row| row.email).collect())
            .await?;
        let is_shown = |row: &&Row<'_>| {
            let held = held.get(&row.email.to_lowercase());
            row.change.is_shown_by(held.unwrap_or(&Map::new()))
        };
        if untold.iter().all(is_shown) {
            return Ok(());
        }
        let words = "Apono's answer does not tell what became of everybody who was named";
        Err(malformed(words).with_effect(SideEffect::Unknown))
    }

    /// The attributes of these people, in their order; who is not listed has none.
    async fn attributes_of(
        &self,
        call: &Call,
        rows: &[Row<'_>],
    ) -> Result<Vec<Held>, AdapterError> {
        let emails = rows.iter().map(|row| row.email).collect();
        let mut listed = self.listed(call, emails).await?;
        let held = |row: &Row<'_>| listed.remove(&row.email.to_lowercase()).unwrap_or_default();
        Ok(rows.iter().map(held).collect())
    }

    /// Attributes by address in lower case. What can't be read to its end proves nothing.
    async fn listed(
        &self,
        call: &Call,
        emails: Vec<&str>,
    ) -> Result<HashMap<String, Held>, AdapterError> {
        let mut found = HashMap::new();
        let mut skip = 0;
        loop {
            let page = self.client.attributes(call, &emails, PAGE, skip).await?;
            if page.pagination.offset != skip {
                return Err(malformed(
                    "Apono's list of attributes does not go on where it was asked to",
                ));
            }
            let came = page.data.len() as u64;
            for raw in page.data {
                let wire::Attributes { email, attributes } = wire::Attributes::deserialize(raw)
                    .map_err(|_| malformed("Apono's list of attributes has a row that is none"))?;
                found.insert(email.to_lowercase(), attributes);
            }
            skip += came;
            if skip >= page.pagination.total {
                return Ok(found);
            }
            if came == 0 {
                return Err(malformed("Apono's list of attributes is cut off"));
            }
        }
    }

    /// The account with these attributes, where its API shows any.
    fn with(&self, account: &AccountRecord, held: Held) -> AccountRecord {
        let mut record = account.clone();
        if self.users_api == UsersApi::Current {
            let held = Value::Object(held);
            if let Value::Object(raw) = &mut record.raw {
                raw.insert("attributes".to_owned(), held.clone());
            }
            record.attributes.insert("attributes".to_owned(), held);
        }
        record
    }
}
