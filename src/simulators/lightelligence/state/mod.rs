//! What the platform holds: people, tenants with what belongs to them, applications, and the identity provider's part.

mod applications;
mod invites;
mod members;
mod roles;
mod tenants;

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub use self::{
    applications::Application,
    invites::{Invite, InviteStatus},
    members::{Member, grants_shown},
    roles::{NewRole, Role},
    tenants::Tenant,
};
use super::{errors::Error, realm::Realm, roll::Roll, settings::Settings};

/// Somebody who has registered.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub id: Uuid,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
}

impl User {
    pub fn show(&self) -> Value {
        json!({
            "id": self.id,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
        })
    }
}

/// Everything.
#[derive(Clone)]
pub struct State {
    pub settings: Settings,
    pub realm: Realm,
    users: HashMap<Uuid, User>,
    /// By lower-case e-mail.
    by_email: HashMap<String, Uuid>,
    pub tenants: Roll<Tenant>,
    pub applications: Roll<Application>,
    /// The tenant that the simulator's connection is for.
    pub home: Uuid,
}

impl State {
    pub fn new(settings: Settings, realm: Realm, home: Uuid) -> Self {
        State {
            settings,
            realm,
            users: HashMap::new(),
            by_email: HashMap::new(),
            tenants: Roll::default(),
            applications: Roll::default(),
            home,
        }
    }

    /// Registers somebody; an address has one user.
    pub fn register(&mut self, user: User) -> Result<(), Error> {
        let email = user.email.to_lowercase();
        if self.by_email.contains_key(&email) || self.users.contains_key(&user.id) {
            return Err(Error::conflict("There is such a user already"));
        }
        self.by_email.insert(email, user.id);
        self.users.insert(user.id, user);
        Ok(())
    }

    pub fn user(&self, id: Uuid) -> Result<&User, Error> {
        self.users.get(&id).ok_or_else(Error::not_found)
    }

    pub fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.get(self.by_email.get(&email.to_lowercase())?)
    }

    /// Changes what the user is called.
    pub fn rename(&mut self, id: Uuid, change: User) -> Result<(), Error> {
        let old = self.user(id)?.email.to_lowercase();
        let new = change.email.to_lowercase();
        if old != new {
            if self.by_email.contains_key(&new) {
                return Err(Error::conflict("There is a user of this e-mail already"));
            }
            self.by_email.remove(&old);
            self.by_email.insert(new, id);
        }
        self.users.insert(id, User { id, ..change });
        Ok(())
    }

    /// The tenant, of which nobody outside may learn whether it exists.
    pub fn tenant(&self, id: Uuid) -> Result<&Tenant, Error> {
        self.tenants.get(id).ok_or_else(Error::not_found)
    }

    pub fn tenant_mut(&mut self, id: Uuid) -> Result<&mut Tenant, Error> {
        self.tenants.get_mut(id).ok_or_else(Error::not_found)
    }
}

/// As fine as the platform shows it.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
