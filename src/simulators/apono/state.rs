//! What Apono holds, and how both of its APIs spell it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    bundles::Bundle,
    connectors::Connector,
    errors::Error,
    flows::Flow,
    integrations::Integration,
    inventory::{Permission, Resource},
    reports::Report,
    requests::Request,
    scopes::Scope,
    sessions::Session,
    table::{Row, Table},
};

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

impl Group {
    /// Whether it comes from a directory, where alone it can be changed.
    pub(super) fn is_synced(&self) -> bool {
        self.source_integration_id.is_some()
    }
}

impl Row for Group {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Seconds and a fraction (contract §2).
pub(super) fn legacy_time(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

#[derive(Clone, Default)]
pub struct State {
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) integrations: Table<Integration>,
    pub(super) connectors: Table<Connector>,
    pub(super) resources: Table<Resource>,
    pub(super) permissions: Table<Permission>,
    pub(super) scopes: Table<Scope>,
    pub(super) bundles: Table<Bundle>,
    pub(super) flows: Table<Flow>,
    pub(super) reports: Table<Report>,
    pub(super) requests: Table<Request>,
    pub(super) sessions: Table<Session>,
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
        self.integrations.find(id?).map(|one| one.name.as_str())
    }

    pub(super) fn integration(&self, id: &str) -> Result<&Integration, Error> {
        let found = self.integrations.find(id);
        found.ok_or_else(|| Error::no("integration", id))
    }

    /// The integration of this id or name (contract §2).
    pub(super) fn referred_integration(&self, reference: &str) -> Result<&Integration, Error> {
        let mut all = self.integrations.rows();
        all.find(|one| one.id == reference || one.name == reference)
            .ok_or_else(|| Error::BadRequest(format!("there is no integration {reference}")))
    }

    /// Id and name of an integration that may be referred to.
    pub(super) fn referred(
        &self,
        reference: Option<&str>,
    ) -> Result<(Option<&str>, Option<&str>), Error> {
        let Some(reference) = reference else {
            return Ok((None, None));
        };
        let one = self.referred_integration(reference)?;
        Ok((Some(&one.id), Some(&one.name)))
    }

    /// `IntegrationPartialV4`.
    pub(super) fn integration_partial(&self, id: &str) -> Value {
        json!({ "id": id, "name": self.source(Some(id)).unwrap_or_default() })
    }

    /// The user of this id or e-mail.
    pub(super) fn person(&self, who: &str) -> Option<&User> {
        self.users.find(who).or_else(|| self.user_of_email(who))
    }

    /// What a condition may call a user.
    pub(super) fn names_of(&self, user: &User) -> Vec<String> {
        let aliases = user.email_aliases.iter().cloned();
        [user.id.clone(), user.email.clone()]
            .into_iter()
            .chain(aliases)
            .collect()
    }

    /// What a condition may call the groups of a user.
    pub(super) fn groups_of(&self, user: &User) -> Vec<String> {
        let Some(key) = self.users.key(&user.id) else {
            return Vec::new();
        };
        let groups = self.groups.rows();
        let groups = groups.filter(|group| group.members.contains(&key));
        let names = |group: &Group| {
            let ids = [Some(group.id.clone()), Some(group.name.clone())];
            ids.into_iter().chain([group.source_id.clone()]).flatten()
        };
        groups.flat_map(names).collect()
    }

    /// The e-mails of members.
    pub(super) fn emails(&self, members: &BTreeSet<u64>) -> Vec<&str> {
        let users = members.iter().filter_map(|key| self.users.at(*key));
        users.map(|user| user.email.as_str()).collect()
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
            let mut shown = self.group(group);
            shown["members"] = self.emails(&group.members).into();
            shown
        };
        self.groups.rows().map(shown).collect()
    }
}

impl State {
    /// What can be held, as `GET /state` shows it: groups, bundles, and every permission on every resource.
    pub(super) fn entitlements_shown(&self) -> Vec<Value> {
        let groups = self
            .groups
            .rows()
            .map(|one| json!({ "group_id": one.id, "name": one.name }));
        let bundles = self
            .bundles
            .rows()
            .map(|one| json!({ "bundle_id": one.id, "name": one.name }));
        let pairs = self.pairs().map(|(resource, permission)| {
            json!({
                "resource_id": resource.id,
                "permission_id": permission.id,
                "name": permission.name,
            })
        });
        groups.chain(bundles).chain(pairs).collect()
    }

    /// Who holds what: the members of groups, and what active requests gave.
    pub(super) fn grants_shown(&self) -> Vec<Value> {
        let members = self.groups.rows().flat_map(|group| {
            let emails = self.emails(&group.members).into_iter();
            emails.map(|email| json!({ "group_id": group.id, "email": email }))
        });
        let active = self.requests.rows().filter(|one| one.status() == "Active");
        let given = active.flat_map(|request| {
            request.pairs.iter().map(|pair| {
                json!({
                    "request_id": request.id,
                    "resource_id": pair.resource_id,
                    "permission_id": pair.permission_id,
                    "email": request.grantee.email,
                })
            })
        });
        members.chain(given).collect()
    }
}

/// What there isn't, left out or null.
fn spelled(mut shown: Value, leaves_out: bool) -> Value {
    if let (true, Value::Object(members)) = (leaves_out, &mut shown) {
        members.retain(|_, value| !value.is_null());
    }
    shown
}
