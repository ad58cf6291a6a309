//! Tenants, and whose they are.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Invite, Member, Role, State, now};
use crate::simulators::{
    kit::rfc3339,
    lightelligence::{errors::Error, roll::Roll, seed},
};

/// One tenant and all that belongs to it but applications.
#[derive(Clone)]
pub struct Tenant {
    pub id: Uuid,
    pub name: String,
    /// `billingContact`, `billingCompany`, `package` and perhaps `payment`, as they were given.
    pub details: Map<String, Value>,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub roles: Roll<Role>,
    pub members: Roll<Member>,
    pub invites: Roll<Invite>,
}

impl Tenant {
    /// A tenant with the roles that all have, and nobody in it.
    pub fn new(id: Uuid, name: &str, details: Map<String, Value>, created: DateTime<Utc>) -> Self {
        let mut tenant = Tenant {
            id,
            name: name.to_owned(),
            details,
            created,
            updated: created,
            roles: Roll::default(),
            members: Roll::default(),
            invites: Roll::default(),
        };
        seed::add_default_roles(&mut tenant);
        tenant
    }

    pub fn show(&self) -> Value {
        let mut shown = Value::Object(self.details.clone());
        shown["id"] = json!(self.id);
        shown["name"] = json!(self.name);
        shown["createdAt"] = json!(rfc3339(self.created));
        shown["updatedAt"] = json!(rfc3339(self.updated));
        shown
    }

    /// As it is listed among a user's tenants.
    pub fn show_to(&self, user: Uuid) -> Value {
        let mut shown = json!({ "id": self.id, "name": self.name });
        let first = self.members.get(user).and_then(|member| {
            let role = member.roles.first()?;
            self.roles.get(*role)
        });
        if let Some(role) = first {
            shown["role"] = json!(role.name);
        }
        shown
    }
}

impl State {
    /// Makes a tenant, whose owner is the user who asked for it.
    pub fn found(
        &mut self,
        owner: Uuid,
        name: &str,
        details: Map<String, Value>,
    ) -> Result<&Tenant, Error> {
        self.check_name(None, name)?;
        let id = Uuid::new_v4();
        let mut tenant = Tenant::new(id, name, details, now());
        let roles = tenant.role_named("owner").into_iter().collect();
        tenant.seat(owner, roles);
        self.tenants.insert(id, tenant);
        self.tenant(id)
    }

    pub fn change_tenant(
        &mut self,
        id: Uuid,
        name: Option<String>,
        details: Map<String, Value>,
    ) -> Result<&Tenant, Error> {
        if let Some(name) = &name {
            self.check_name(Some(id), name)?;
        }
        let tenant = self.tenant_mut(id)?;
        tenant.name = name.unwrap_or_else(|| tenant.name.clone());
        tenant.details.extend(details);
        tenant.updated = now();
        Ok(tenant)
    }

    /// The tenants that a user is in.
    pub fn tenants_of(&self, user: Uuid) -> Vec<&Tenant> {
        let all = self.tenants.iter().map(|(_, tenant)| tenant);
        all.filter(|tenant| tenant.members.contains(user)).collect()
    }

    fn check_name(&self, but: Option<Uuid>, name: &str) -> Result<(), Error> {
        let taken = |(id, tenant): (Uuid, &Tenant)| {
            Some(id) != but && tenant.name.eq_ignore_ascii_case(name)
        };
        if self.tenants.iter().any(taken) {
            return Err(Error::conflict("There is a tenant of this name already"));
        }
        Ok(())
    }
}
