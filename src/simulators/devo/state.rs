//! What Devo holds: people once, and their places in domains.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    errors::Error,
    input::{self, Change, NewUser},
};
use crate::simulators::kit::{Drift, DriftOp, people};

/// Roles that every domain has (contract §4).
pub(super) const ADMIN: &str = "ADMIN";
pub(super) const NO_PRIVILEGES: &str = "NO_PRIVILEGES";
/// Makes the first user of a domain its owner; never a role that a user is shown with.
const OWNER: &str = "OWNER";

/// A person, wherever they are users.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) user_name: String,
    pub(super) phone: Option<String>,
    pub(super) external_id: Option<String>,
}

impl Person {
    /// As it is shown without a domain.
    pub(super) fn show(&self) -> Value {
        json!({ "email": self.email, "userName": self.user_name, "phone": self.phone, "id": self.id })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Active,
    Pending,
    Inactive,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Pending => "pending",
            Status::Inactive => "inactive",
        }
    }
}

/// A person's place in one domain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// Key into the people.
    pub(super) email: String,
    pub(super) roles: Vec<String>,
    pub(super) owner: bool,
    pub(super) status: Status,
}

#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
}

impl Role {
    /// The word that a user's list of roles has for it.
    fn word(&self) -> &'static str {
        if self.kind == "CUSTOM" {
            self.name
        } else {
            self.kind
        }
    }

    pub(super) fn show(&self) -> Value {
        let policies = if self.kind == ADMIN {
            json!(["*"])
        } else {
            json!([])
        };
        json!({ "id": self.id, "name": self.name, "type": self.kind, "policies": policies, "applications": [] })
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    pub(super) roles: Vec<Role>,
}

impl Domain {
    /// Found by name or type, in any case (contract §4, §5).
    fn role(&self, word: &str) -> Result<String, Error> {
        let is = |role: &&Role| {
            role.name.eq_ignore_ascii_case(word) || role.kind.eq_ignore_ascii_case(word)
        };
        self.roles
            .iter()
            .find(is)
            .map(|role| role.word().to_owned())
            .ok_or_else(|| Error::generic(format!("Role '{word}' not found")))
    }

    fn position(&self, email: &str) -> Result<usize, Error> {
        self.members
            .iter()
            .position(|member| member.email.eq_ignore_ascii_case(email))
            .ok_or_else(|| Error::no_user(email))
    }

    pub(super) fn show(&self) -> Value {
        let plan = if self.name.contains('@') {
            "child"
        } else {
            "standard"
        };
        json!({ "name": self.name, "plan": plan, "status": "active" })
    }
}

/// Everything.
#[derive(Clone, Default)]
pub struct State {
    /// By lower-case e-mail.
    pub(super) people: HashMap<String, Person>,
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) made: usize,
}

impl State {
    pub(super) fn domain(&self, name: &str) -> Result<&Domain, Error> {
        self.domains.get(name).ok_or_else(|| Error::no_domain(name))
    }

    fn domain_mut(&mut self, name: &str) -> Result<&mut Domain, Error> {
        self.domains
            .get_mut(name)
            .ok_or_else(|| Error::no_domain(name))
    }

    pub(super) fn person(&self, email: &str) -> Result<&Person, Error> {
        self.people
            .get(&email.to_lowercase())
            .ok_or_else(|| Error::no_user(email))
    }

    pub(super) fn person_by(
        &self,
        is: impl Fn(&Person) -> bool,
        id: &str,
    ) -> Result<&Person, Error> {
        self.people
            .values()
            .find(|person| is(person))
            .ok_or_else(|| Error::no_user(id))
    }

    /// A user as the domain shows them.
    pub(super) fn user(&self, domain: &str, email: &str) -> Result<Value, Error> {
        let found = self.domain(domain)?;
        let member = &found.members[found.position(email)?];
        Ok(self.show(found, member))
    }

    pub(super) fn users(&self, domain: &str) -> Result<Vec<Value>, Error> {
        let domain = self.domain(domain)?;
        let show = |member| self.show(domain, member);
        Ok(domain.members.iter().map(show).collect())
    }

    fn show(&self, domain: &Domain, member: &Member) -> Value {
        let mut shown = json!({
            "email": member.email,
            "userName": member.email,
            "role": member.roles.join(","),
            "domain": domain.name,
            "owner": member.owner,
            "status": member.status.word(),
            "roleList": member.roles
        });
        if let Some(person) = self.people.get(&member.email.to_lowercase()) {
            shown["id"] = person.id.as_str().into();
            shown["userName"] = person.user_name.as_str().into();
            if let Some(phone) = &person.phone {
                shown["phone"] = phone.as_str().into();
            }
            if let Some(id) = &person.external_id {
                shown["externalId"] = id.as_str().into();
            }
        }
        shown
    }

    /// Adds a user; the rules are those of `POST /user/internal` and `/user/external` (contract §4).
    pub(super) fn add(&mut self, new: &NewUser, status: Status) -> Result<Value, Error> {
        let is_external = new.external_id.is_some();
        let domain = self.domain(&new.domain)?;
        if domain.position(&new.email).is_ok() {
            return Err(Error::generic(format!(
                "User {} already exists at domain {}",
                new.email, new.domain
            )));
        }
        let wants_owner = new.role.eq_ignore_ascii_case(OWNER);
        let has_owner = domain.members.iter().any(|member| member.owner);
        let role = match (wants_owner, has_owner) {
            (true, _) if is_external => {
                return Err(Error::generic("An external user can not be domain owner"));
            }
            (true, true) => {
                return Err(Error::generic(format!(
                    "Domain {} already has an owner",
                    new.domain
                )));
            }
            (true, false) => ADMIN.to_owned(),
            (false, false) => {
                return Err(Error::generic(
                    "The first user of a domain must be its owner",
                ));
            }
            (false, true) => domain.role(&new.role)?,
        };
        // Somebody who is a user elsewhere keeps their name, phone and external id.
        if !self.people.contains_key(&new.email.to_lowercase()) {
            let person = Person {
                id: self.next_id(),
                email: new.email.clone(),
                user_name: new.user_name.clone().unwrap_or_else(|| new.email.clone()),
                phone: new.phone.clone(),
                external_id: new.external_id.clone(),
            };
            self.people.insert(new.email.to_lowercase(), person);
        }
        let member = Member {
            email: self.person(&new.email)?.email.clone(),
            roles: vec![role],
            owner: wants_owner,
            status,
        };
        self.domain_mut(&new.domain)?.members.push(member);
        self.user(&new.domain, &new.email)
    }

    pub(super) fn change(&mut self, id: &str, change: Change) -> Result<(Value, Value), Error> {
        let person = self
            .people
            .values_mut()
            .find(|person| person.id == id)
            .ok_or_else(|| Error::no_user(id))?;
        let before = person.show();
        if let Some(user_name) = change.user_name {
            person.user_name = user_name;
        }
        if let Some(phone) = change.phone {
            person.phone = phone;
        }
        Ok((before, person.show()))
    }

    /// Moves a user from one of the states `from` to another.
    pub(super) fn switch(
        &mut self,
        domain: &str,
        email: &str,
        act: &str,
        from: &[Status],
        to: Status,
    ) -> Result<(), Error> {
        let found = self.domain_mut(domain)?;
        let position = found.position(email)?;
        let member = &mut found.members[position];
        if !from.contains(&member.status) {
            return Err(Error::wrong_state(act, &member.email, domain));
        }
        member.status = to;
        Ok(())
    }

    /// Removes a user from a domain; whoever is left without any is erased.
    pub(super) fn remove(&mut self, domain: &str, email: &str) -> Result<(), Error> {
        let found = self.domain_mut(domain)?;
        let position = found.position(email)?;
        if found.members[position].owner {
            return Err(Error::owner_stays());
        }
        found.members.remove(position);
        let is_left = |domain: &Domain| domain.position(email).is_ok();
        if !self.domains.values().any(is_left) {
            self.people.remove(&email.to_lowercase());
        }
        Ok(())
    }

    pub(super) fn next_id(&mut self) -> String {
        self.made += 1;
        people::uuid("devo/user", self.made).to_string()
    }

    /// The users of all domains.
    pub(super) fn shown(&self) -> Vec<Value> {
        let users = |name: &String| self.users(name).unwrap_or_default();
        self.domains.keys().flat_map(users).collect()
    }

    pub(super) fn roles_shown(&self) -> Vec<Value> {
        let roles = |domain: &Domain| {
            let shown = domain.roles.iter().map(|role| {
                let mut shown = role.show();
                shown["domain"] = domain.name.as_str().into();
                shown
            });
            shown.collect::<Vec<_>>()
        };
        self.domains.values().flat_map(roles).collect()
    }

    pub(super) fn grants_shown(&self) -> Vec<Value> {
        let mut grants = Vec::new();
        for domain in self.domains.values() {
            for member in &domain.members {
                for role in &member.roles {
                    grants.push(
                        json!({ "domain": domain.name, "email": member.email, "role": role }),
                    );
                }
            }
        }
        grants
    }
}

/// A user as a drift spells one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Drifted {
    email: Option<String>,
    user_name: Option<String>,
    phone: Option<String>,
    status: Option<Status>,
    role_list: Option<Vec<String>>,
}

impl State {
    /// One change in this domain behind everybody's back; the id is the e-mail.
    pub(super) fn drift(&mut self, domain: &str, drift: &Drift) -> Result<(), String> {
        let words = |error: Error| error.message().to_owned();
        let email = || drift.id.as_deref().ok_or("the user's e-mail is missing");
        if drift.op == DriftOp::Remove {
            let email = email()?;
            return self.remove(domain, email).map_err(words);
        }
        let value = Drifted::deserialize(&drift.value).map_err(|error| error.to_string())?;
        let email = match drift.op {
            DriftOp::Add => {
                let email = value.email.as_deref().or(drift.id.as_deref());
                let new = json!({ "domain": domain, "email": email, "role": NO_PRIVILEGES });
                let new = input::NewUser::read(new.to_string().as_bytes()).map_err(words)?;
                self.add(&new, Status::Active).map_err(words)?;
                new.email
            }
            DriftOp::Change | DriftOp::Remove => email()?.to_owned(),
        };
        let found = self.domain_mut(domain).map_err(words)?;
        let position = found.position(&email).map_err(words)?;
        let member = &mut found.members[position];
        member.status = value.status.unwrap_or(member.status);
        if let Some(roles) = value.role_list {
            member.roles = roles;
        }
        if let Some(person) = self.people.get_mut(&email.to_lowercase()) {
            if let Some(user_name) = value.user_name {
                person.user_name = user_name;
            }
            person.phone = value.phone.or(person.phone.take());
        }
        Ok(())
    }
}
