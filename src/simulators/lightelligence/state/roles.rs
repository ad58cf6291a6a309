//! Roles of a tenant: the three that every tenant has and can't change, and its own.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Tenant, now};
use crate::simulators::{
    kit::rfc3339,
    lightelligence::{errors::Error, permissions::Permission, roll::Roll},
};

#[derive(Clone)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    pub display_name: String,
    pub description: String,
    /// Comes with the platform, not to be edited.
    pub locked: bool,
    pub permissions: Vec<&'static Permission>,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    /// The members who have it.
    pub holders: Roll<()>,
}

/// What a role of the tenant's own is made of, or what shall be different about it.
#[derive(Debug, Default)]
pub struct NewRole {
    pub name: Option<String>,
    pub description: Option<String>,
    pub permissions: Option<Vec<&'static Permission>>,
}

impl Role {
    /// As a user's roles are shown.
    pub fn show_briefly(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "displayName": self.display_name,
            "description": self.description,
            "locked": self.locked,
        })
    }

    pub fn show(&self) -> Value {
        let ids: Vec<Uuid> = self.permissions.iter().map(|known| known.id()).collect();
        let mut shown = self.show_briefly();
        shown["usersCount"] = json!(self.holders.len());
        shown["createdAt"] = json!(rfc3339(self.created));
        shown["updatedAt"] = json!(rfc3339(self.updated));
        shown["permissionIds"] = json!(ids);
        shown["customPermissionIds"] = json!([]);
        shown
    }
}

impl Tenant {
    pub fn role(&self, id: Uuid) -> Result<&Role, Error> {
        self.roles.get(id).ok_or_else(Error::not_found)
    }

    pub fn role_named(&self, name: &str) -> Option<Uuid> {
        let mut roles = self.roles.iter();
        roles.find_map(|(id, role)| (role.name == name).then_some(id))
    }

    pub fn add_role(&mut self, id: Uuid, new: NewRole) -> Result<&Role, Error> {
        let name = new
            .name
            .ok_or_else(|| Error::invalid("name", "is required"))?;
        self.check_role_name(None, &name)?;
        let created = now();
        let role = Role {
            id,
            display_name: name.clone(),
            name,
            description: new.description.unwrap_or_default(),
            locked: false,
            permissions: new.permissions.unwrap_or_default(),
            created,
            updated: created,
            holders: Roll::default(),
        };
        self.roles.insert(id, role);
        self.role(id)
    }

    pub fn change_role(&mut self, id: Uuid, change: NewRole) -> Result<&Role, Error> {
        self.check_unlocked(id)?;
        if let Some(name) = &change.name {
            self.check_role_name(Some(id), name)?;
        }
        let role = self.roles.get_mut(id).ok_or_else(Error::not_found)?;
        if let Some(name) = change.name {
            role.display_name = name.clone();
            role.name = name;
        }
        if let Some(description) = change.description {
            role.description = description;
        }
        if let Some(permissions) = change.permissions {
            role.permissions = permissions;
        }
        role.updated = now();
        Ok(role)
    }

    /// Removes a role, also from everybody who has it.
    pub fn remove_role(&mut self, id: Uuid) -> Result<Role, Error> {
        self.check_unlocked(id)?;
        let role = self.roles.remove(id).ok_or_else(Error::not_found)?;
        for (user, ()) in role.holders.iter() {
            if let Some(member) = self.members.get_mut(user) {
                member.roles.retain(|held| *held != id);
            }
        }
        Ok(role)
    }

    fn check_unlocked(&self, id: Uuid) -> Result<(), Error> {
        if self.role(id)?.locked {
            return Err(Error::no_access());
        }
        Ok(())
    }

    fn check_role_name(&self, but: Option<Uuid>, name: &str) -> Result<(), Error> {
        let taken =
            |(id, role): (Uuid, &Role)| Some(id) != but && role.name.eq_ignore_ascii_case(name);
        if self.roles.iter().any(taken) {
            return Err(Error::conflict("There is a role of this name already"));
        }
        Ok(())
    }
}
