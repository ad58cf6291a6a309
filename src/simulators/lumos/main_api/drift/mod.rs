//! Changes behind the clients' backs, spelled as the main API spells users, accounts and what they have. The words of a status are
//! anybody's choice: a new one may come.

mod access;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use uuid::Uuid;

use super::{
    activity::Event,
    query,
    state::{Account, State, User},
};
use crate::simulators::kit::{Drift, DriftOp};

/// Fields to set; a null one is made empty, a missing one stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserFields {
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    given_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    family_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    status: Option<Option<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountFields {
    app_id: Option<Uuid>,
    account_type: Option<String>,
    unique_identifier: Option<String>,
    sources: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    status: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    user_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "present")]
    discovered_at: Option<Option<Time>>,
    #[serde(default, deserialize_with = "present")]
    last_login: Option<Option<Time>>,
    #[serde(default, deserialize_with = "present")]
    last_activity: Option<Option<Time>>,
}

/// With or without a zone.
struct Time(DateTime<Utc>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let time = query::time(&text);
        time.map(Time)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a time")))
    }
}

/// Serde alone reads null and missing alike.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

fn put<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

fn put_time(field: &mut Option<DateTime<Utc>>, given: Option<Option<Time>>) {
    put(field, given.map(|time| time.map(|Time(at)| at)));
}

fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn id(drift: &Drift) -> Result<Option<Uuid>, String> {
    let read = |id: &String| Uuid::try_parse(id).map_err(|_| format!("{id:?} is not a UUID"));
    drift.id.as_ref().map(read).transpose()
}

impl State {
    pub(in crate::simulators::lumos) fn drift(&mut self, drift: &Drift) -> Result<(), String> {
        let noun = drift.kind.trim_start_matches("main/");
        let id = id(drift)?;
        let needed = || id.ok_or_else(|| format!("the {noun}'s id is missing"));
        let none = |id: Uuid| format!("there is no {noun} {id}");
        let fresh = || id.unwrap_or_else(Uuid::new_v4);
        match (noun, drift.op) {
            ("user", DriftOp::Add) => self.add_user(fresh(), read(&drift.value)?),
            ("user", DriftOp::Change) => self.change_user(needed()?, read(&drift.value)?),
            ("user", DriftOp::Remove) => {
                let id = needed()?;
                self.take_user(id).map(drop).ok_or_else(|| none(id))
            }
            ("account", DriftOp::Add) => self.add_account(fresh(), read(&drift.value)?),
            ("account", DriftOp::Change) => {
                let id = needed()?;
                let account = self.accounts.find(id).cloned();
                let account = account.ok_or_else(|| none(id))?;
                self.set_account(account, read(&drift.value)?)
            }
            ("account", DriftOp::Remove) => {
                let id = needed()?;
                self.take_account(id).map(drop).ok_or_else(|| none(id))
            }
            _ => self.drift_access(noun, id, drift).unwrap_or_else(|| {
                Err(format!(
                    "there is no {:?} to drift, only \"main/user\", \"main/account\", \"main/app\", \"main/group\", \"main/log\", \
                     \"main/member\", \"main/permission\", \"main/request\" and the connector's \"account\"",
                    drift.kind
                ))
            }),
        }
    }

    fn add_user(&mut self, id: Uuid, fields: UserFields) -> Result<(), String> {
        if self.users.find(id).is_some() {
            return Err(format!("there is a user {id} already"));
        }
        let user = User {
            id,
            email: fields.email.flatten(),
            given_name: fields.given_name.flatten(),
            family_name: fields.family_name.flatten(),
            status: fields.status.unwrap_or_else(|| Some("ACTIVE".to_owned())),
            department: None,
            manager: None,
        };
        self.users.put(id, user);
        Ok(())
    }

    /// Each changed field is an event.
    fn change_user(&mut self, id: Uuid, fields: UserFields) -> Result<(), String> {
        let user = self.users.find_mut(id);
        let user = user.ok_or_else(|| format!("there is no user {id}"))?;
        let changes = [
            ("email", &mut user.email, fields.email),
            ("given_name", &mut user.given_name, fields.given_name),
            ("family_name", &mut user.family_name, fields.family_name),
            ("status", &mut user.status, fields.status),
        ];
        for (field, value, given) in changes {
            let Some(after) = given.filter(|given| given != value) else {
                continue;
            };
            let before = std::mem::replace(value, after.clone());
            self.events.push(Event {
                id: Uuid::new_v4(),
                user_id: id,
                at: Utc::now().trunc_subsecs(0),
                field: field.to_owned(),
                before,
                after,
            });
        }
        Ok(())
    }

    fn add_account(&mut self, id: Uuid, fields: AccountFields) -> Result<(), String> {
        if self.accounts.find(id).is_some() {
            return Err(format!("there is an account {id} already"));
        }
        let app_id = fields.app_id.ok_or("an account has an app_id")?;
        let account = Account {
            id,
            app_id,
            account_type: "USER".to_owned(),
            status: Some("ACTIVE".to_owned()),
            unique_identifier: id.to_string(),
            email: None,
            user_id: None,
            discovered_at: Some(Utc::now().trunc_subsecs(0)),
            last_login: None,
            last_activity: None,
            sources: vec!["MANUAL".to_owned()],
        };
        self.set_account(account, fields)
    }

    fn set_account(&mut self, mut account: Account, fields: AccountFields) -> Result<(), String> {
        put(&mut account.app_id, fields.app_id);
        put(&mut account.account_type, fields.account_type);
        put(&mut account.unique_identifier, fields.unique_identifier);
        put(&mut account.sources, fields.sources);
        put(&mut account.status, fields.status);
        put(&mut account.email, fields.email);
        put(&mut account.user_id, fields.user_id);
        put_time(&mut account.discovered_at, fields.discovered_at);
        put_time(&mut account.last_login, fields.last_login);
        put_time(&mut account.last_activity, fields.last_activity);
        if self.apps.find(account.app_id).is_none() {
            return Err(format!("there is no app {}", account.app_id));
        }
        if let Some(user) = account.user_id.filter(|id| self.users.find(*id).is_none()) {
            return Err(format!("there is no user {user}"));
        }
        self.put_account(account);
        Ok(())
    }
}
