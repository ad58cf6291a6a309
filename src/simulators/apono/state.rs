//! What Apono holds, and how both of its APIs spell it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    requests::Request,
    table::{Row, Table},
};
use crate::simulators::kit::rfc3339;

/// A member of the directory.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) email_aliases: Vec<String>,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) active: bool,
    pub(super) roles: Vec<String>,
    /// The integration that the user comes from.
    pub(super) source_id: Option<String>,
    pub(super) attributes: Option<BTreeMap<String, String>>,
    /// What there isn't is left out rather than null; both happen (contract §2).
    pub(super) leaves_out: bool,
}

impl User {
    /// `UserModel`.
    pub(super) fn show_legacy(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "active": self.active,
        })
    }
}

impl Row for User {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    /// Its id where it comes from; none of a group made in Apono.
    pub(super) source_id: Option<String>,
    /// The integration that it comes from, likewise.
    pub(super) source_integration_id: Option<String>,
    /// The keys of its members among the users.
    pub(super) members: BTreeSet<u64>,
    pub(super) leaves_out: bool,
}

impl Row for Group {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Debug, Clone)]
pub(super) struct Integration {
    pub(super) id: String,
    pub(super) name: &'static str,
    /// `type`, from the vendor's catalogue.
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    /// In the words of the legacy API; the current one has no list of its own (contract §4).
    pub(super) status: &'static str,
    pub(super) details: Option<&'static str>,
    pub(super) connector_id: Option<String>,
    pub(super) last_sync: Option<DateTime<Utc>>,
    /// `integration_config`, or `metadata`.
    pub(super) config: Value,
    pub(super) resource_types: &'static [&'static str],
}

impl Integration {
    /// `IntegrationV4`.
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "category": self.category,
            "connector_id": self.connector_id,
            "status": self.status,
            "last_sync_time": self.last_sync.map(rfc3339),
            "integration_config": self.config,
            "secret_store_config": null,
            "connected_resource_types": self.resource_types,
            "custom_access_details": null,
            "owner": null,
            "owners_mapping": null,
        })
    }

    /// `Integration`, whose time is a number.
    pub(super) fn show_legacy(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "status": self.status,
            "details": self.details,
            "provisioner_id": self.connector_id,
            "connection": null,
            "last_sync_time": self.last_sync.map(legacy_time),
            "metadata": self.config,
            "secret_config": null,
            "connected_resource_types": self.resource_types,
            "custom_access_details": null,
        })
    }
}

impl Row for Integration {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Seconds and a fraction (contract §2).
fn legacy_time(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

#[derive(Clone, Default)]
pub struct State {
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) integrations: Table<Integration>,
    pub(super) requests: Table<Request>,
    /// Whose personal tokens are alive, by e-mail: a token dies with its owner's account.
    pub(super) token_owners: HashSet<String>,
    by_email: HashMap<String, u64>,
}

impl State {
    /// Adds a user and gives the key.
    pub(super) fn add_user(&mut self, user: User) -> u64 {
        let email = user.email.to_lowercase();
        let key = self.users.add(user);
        self.by_email.insert(email, key);
        key
    }

    /// Takes a user out of everything.
    pub(super) fn remove_user(&mut self, id: &str) -> Option<User> {
        let key = self.users.key(id)?;
        let user = self.users.remove(id)?;
        self.by_email.remove(&user.email.to_lowercase());
        self.token_owners.remove(&user.email);
        for group in self.groups.rows_mut() {
            group.members.remove(&key);
        }
        Some(user)
    }

    /// Keeps the way from an e-mail to its user.
    pub(super) fn rename_user(&mut self, before: &str, after: &str) {
        if let Some(key) = self.by_email.remove(&before.to_lowercase()) {
            self.by_email.insert(after.to_lowercase(), key);
        }
    }

    /// The key of the user of this primary e-mail.
    pub(super) fn key_of_email(&self, email: &str) -> Option<u64> {
        self.by_email.get(&email.to_lowercase()).copied()
    }

    pub(super) fn user_of_email(&self, email: &str) -> Option<&User> {
        self.users.at(self.key_of_email(email)?)
    }

    /// The name of an integration that users and groups come from.
    pub(super) fn source(&self, id: Option<&str>) -> Option<&str> {
        self.integrations.find(id?).map(|one| one.name)
    }

    /// `UserV3`.
    pub(super) fn user(&self, user: &User) -> Value {
        let shown = json!({
            "id": user.id,
            "email": user.email,
            "email_aliases": user.email_aliases,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "active": user.active,
            "roles": user.roles,
            "source_integration_id": user.source_id,
            "source_integration_name": self.source(user.source_id.as_deref()),
            "attributes": user.attributes,
        });
        spelled(shown, user.leaves_out)
    }

    /// `GroupV1`.
    pub(super) fn group(&self, group: &Group) -> Value {
        let source = group.source_integration_id.as_deref();
        let shown = json!({
            "id": group.id,
            "name": group.name,
            "source_id": group.source_id,
            "source_integration_id": source,
            "source_integration_name": self.source(source),
        });
        spelled(shown, group.leaves_out)
    }

    /// Every group with its members' e-mails, as `GET /state` shows it.
    pub(super) fn groups_shown(&self) -> Vec<Value> {
        let shown = |group: &Group| {
            let members = group.members.iter().filter_map(|key| self.users.at(*key));
            let mut shown = self.group(group);
            shown["members"] = members.map(|user| user.email.as_str()).collect();
            shown
        };
        self.groups.rows().map(shown).collect()
    }
}

/// What there isn't, left out or null.
fn spelled(mut shown: Value, leaves_out: bool) -> Value {
    if let (true, Value::Object(members)) = (leaves_out, &mut shown) {
        members.retain(|_, value| !value.is_null());
    }
    shown
}
