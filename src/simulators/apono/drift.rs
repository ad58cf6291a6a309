//! Changes behind the clients' backs, spelled as Apono spells users and groups.

mod access;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::state::{Group, State, User};
use crate::simulators::kit::{Drift, DriftOp};

/// Fields to set; a null one is made empty, a missing one stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserFields {
    email: Option<String>,
    email_aliases: Option<Vec<String>>,
    first_name: Option<String>,
    last_name: Option<String>,
    active: Option<bool>,
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    source_integration_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    attributes: Option<Option<BTreeMap<String, String>>>,
}

/// Likewise, with the members as `CreateGroupV1` has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFields {
    name: Option<String>,
    members_emails: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    source_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    source_integration_id: Option<Option<String>>,
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

fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn needed(drift: &Drift) -> Result<&str, String> {
    let id = drift.id.as_deref();
    id.ok_or_else(|| format!("the {}'s id is missing", drift.kind))
}

fn fresh_id(drift: &Drift) -> String {
    let id = drift.id.clone();
    id.unwrap_or_else(|| Uuid::new_v4().to_string())
}

impl UserFields {
    fn set(self, user: &mut User) {
        put(&mut user.email, self.email);
        put(&mut user.email_aliases, self.email_aliases);
        put(&mut user.first_name, self.first_name);
        put(&mut user.last_name, self.last_name);
        put(&mut user.active, self.active);
        put(&mut user.roles, self.roles);
        put(&mut user.source_id, self.source_integration_id);
        put(&mut user.attributes, self.attributes);
    }
}

impl State {
    pub(super) fn drift_user(&mut self, drift: &Drift) -> Result<(), String> {
        match drift.op {
            DriftOp::Add => {
                let fields: UserFields = read(&drift.value)?;
                let mut user = User {
                    id: fresh_id(drift),
                    email: String::new(),
                    email_aliases: Vec::new(),
                    first_name: String::new(),
                    last_name: String::new(),
                    active: true,
                    roles: Vec::new(),
                    source_id: None,
                    attributes: None,
                    leaves_out: false,
                };
                fields.set(&mut user);
                if user.email.is_empty() {
                    return Err("a user has an email".to_owned());
                }
                if self.users.key(&user.id).is_some() {
                    return Err(format!("there is a user {} already", user.id));
                }
                self.check_email(&user.email, None)?;
                self.add_user(user);
            }
            DriftOp::Change => {
                let id = needed(drift)?;
                let key = self.users.key(id);
                let key = key.ok_or_else(|| format!("there is no user {id}"))?;
                let fields: UserFields = read(&drift.value)?;
                if let Some(email) = &fields.email {
                    self.check_email(email, Some(key))?;
                }
                let Some(user) = self.users.at_mut(key) else {
                    return Err(format!("there is no user {id}"));
                };
                let before = user.email.clone();
                fields.set(user);
                let (after, active) = (user.email.clone(), user.active);
                self.rename_user(&before, &after);
                if !active {
                    self.token_owners.remove(&before);
                }
            }
            DriftOp::Remove => {
                let id = needed(drift)?;
                self.remove_user(id)
                    .ok_or_else(|| format!("there is no user {id}"))?;
            }
        }
        Ok(())
    }

    fn check_email(&self, email: &str, but: Option<u64>) -> Result<(), String> {
        match self.key_of_email(email) {
            Some(key) if Some(key) != but => Err(format!("there is a user of {email} already")),
            _ => Ok(()),
        }
    }

    pub(super) fn drift_group(&mut self, drift: &Drift) -> Result<(), String> {
        match drift.op {
            DriftOp::Add => {
                let mut group = Group {
                    id: fresh_id(drift),
                    name: String::new(),
                    source_id: None,
                    source_integration_id: None,
                    members: BTreeSet::new(),
                    leaves_out: false,
                };
                self.set_group(&mut group, read(&drift.value)?)?;
                if self.groups.key(&group.id).is_some() {
                    return Err(format!("there is a group {} already", group.id));
                }
                self.groups.add(group);
            }
            DriftOp::Change => {
                let id = needed(drift)?;
                let found = self.groups.find(id).cloned();
                let mut group = found.ok_or_else(|| format!("there is no group {id}"))?;
                self.set_group(&mut group, read(&drift.value)?)?;
                if let Some(place) = self.groups.key(id).and_then(|key| self.groups.at_mut(key)) {
                    *place = group;
                }
            }
            DriftOp::Remove => {
                let id = needed(drift)?;
                self.groups
                    .remove(id)
                    .ok_or_else(|| format!("there is no group {id}"))?;
            }
        }
        Ok(())
    }

    fn set_group(&self, group: &mut Group, fields: GroupFields) -> Result<(), String> {
        let key = |email: &String| {
            let key = self.key_of_email(email);
            key.ok_or_else(|| format!("there is no user of {email}"))
        };
        let members = fields.members_emails.as_ref();
        let members = members.map(|emails| emails.iter().map(key).collect());
        put(&mut group.members, members.transpose()?);
        put(&mut group.name, fields.name);
        put(&mut group.source_id, fields.source_id);
        put(
            &mut group.source_integration_id,
            fields.source_integration_id,
        );
        Ok(())
    }
}
