//! What Devo holds: people once, and their places in domains.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    domain::Domain,
    errors::Error,
    input::{Change, NewUser},
    tokens::Token,
};
use crate::simulators::kit::{Holdings, people};

/// Roles that every domain has (contract §4).
pub(super) const ADMIN: &str = "ADMIN";
pub(super) const NO_PRIVILEGES: &str = "NO_PRIVILEGES";
/// Makes the first user of a domain its owner; never a role that a user is shown with.
pub(super) const OWNER: &str = "OWNER";

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

/// Everything.
#[derive(Clone, Default)]
pub struct State {
    /// By lower-case e-mail.
    pub(super) people: HashMap<String, Person>,
    pub(super) domains: BTreeMap<String, Domain>,
    /// By id, so that the latest comes last.
    pub(super) tokens: BTreeMap<u64, Token>,
    /// How many of anything were made: ids follow from it.
    pub(super) made: usize,
}

impl State {
    pub(super) fn domain(&self, name: &str) -> Result<&Domain, Error> {
        self.domains.get(name).ok_or_else(|| Error::no_domain(name))
    }

    pub(super) fn domain_mut(&mut self, name: &str) -> Result<&mut Domain, Error> {
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
        self.erase_if_left(email);
        Ok(())
    }

    /// Removes a domain, with its users and its tokens.
    pub(super) fn remove_domain(&mut self, name: &str) -> Result<Domain, Error> {
        let gone = self.domains.remove(name);
        let gone = gone.ok_or_else(|| Error::no_domain(name))?;
        for member in &gone.members {
            self.erase_if_left(&member.email);
        }
        self.tokens.retain(|_, token| token.account != name);
        Ok(gone)
    }

    /// Whoever is in no domain any more is erased.
    pub(super) fn erase_if_left(&mut self, email: &str) {
        let is_in = |domain: &Domain| domain.position(email).is_ok();
        if !self.domains.values().any(is_in) {
            self.people.remove(&email.to_lowercase());
        }
    }

    pub(super) fn next_id(&mut self) -> String {
        self.made += 1;
        people::uuid("devo/user", self.made).to_string()
    }

    /// What these domains hold.
    pub(super) fn holdings<'a>(&self, domains: impl Iterator<Item = &'a Domain>) -> Holdings {
        let mut holdings = Holdings::default();
        for domain in domains {
            holdings.apps.push(domain.show());
            let users = domain
                .members
                .iter()
                .map(|member| self.show(domain, member));
            holdings.accounts.extend(users);
            holdings.entitlements.extend(domain.roles_shown());
            holdings.grants.extend(domain.grants_shown());
        }
        holdings
    }
}
