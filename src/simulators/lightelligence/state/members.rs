//! Users in a tenant, and the roles that they have there.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Role, State, Tenant, User};
use crate::simulators::lightelligence::{
    errors::Error, permissions::Permission, settings::RoleRows,
};

/// A user's seat in a tenant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    /// In the order in which they were given.
    pub roles: Vec<Uuid>,
}

/// A user of a tenant, to be shown.
pub struct Place<'a> {
    user: &'a User,
    roles: Vec<&'a Role>,
}

impl Place<'_> {
    /// The user with `userRoles`.
    pub fn show(&self) -> Value {
        let mut shown = self.user.show();
        shown["userRoles"] = self.show_roles().into();
        shown
    }

    /// As it stands in the list of the tenant's users.
    pub fn show_row(&self, rows: RoleRows) -> Value {
        let mut shown = self.user.show();
        match rows {
            RoleRows::Whole => return self.show(),
            RoleRows::Names => {
                let names = self.roles.iter().map(|role| role.name.as_str());
                shown["roleNames"] = names.collect();
            }
            RoleRows::Nothing => {}
        }
        shown
    }

    pub fn show_roles(&self) -> Vec<Value> {
        self.roles.iter().map(|role| role.show_briefly()).collect()
    }
}

impl Tenant {
    /// Lets a user in, or gives one who is in exactly these roles. They must be the tenant's.
    pub fn seat(&mut self, user: Uuid, roles: Vec<Uuid>) {
        self.vacate(user);
        for role in &roles {
            if let Some(role) = self.roles.get_mut(*role) {
                role.holders.insert(user, ());
            }
        }
        match self.members.get_mut(user) {
            Some(member) => member.roles = roles,
            None => self.members.insert(user, Member { roles }),
        }
    }

    /// Takes a user out.
    pub fn unseat(&mut self, user: Uuid) {
        self.vacate(user);
        self.members.remove(user);
    }

    /// Takes all roles from a user.
    fn vacate(&mut self, user: Uuid) {
        let roles = self
            .members
            .get_mut(user)
            .map(|m| std::mem::take(&mut m.roles));
        for role in roles.into_iter().flatten() {
            if let Some(role) = self.roles.get_mut(role) {
                role.holders.remove(user);
            }
        }
    }

    /// All that a member's roles permit.
    pub fn permissions_of(&self, user: Uuid) -> Vec<&'static Permission> {
        let mut all: Vec<&'static Permission> = Vec::new();
        let roles = self.members.get(user).map(|member| &member.roles);
        for role in roles.into_iter().flatten() {
            for permission in self
                .roles
                .get(*role)
                .map_or(&[][..], |role| &role.permissions)
            {
                if !all.contains(permission) {
                    all.push(permission);
                }
            }
        }
        all
    }
}

impl State {
    /// A user of a tenant.
    pub fn place(&self, tenant: Uuid, user: Uuid) -> Result<Place<'_>, Error> {
        let tenant = self.tenant(tenant)?;
        let member = tenant.members.get(user).ok_or_else(Error::not_found)?;
        let roles = member.roles.iter().filter_map(|id| tenant.roles.get(*id));
        Ok(Place {
            user: self.user(user)?,
            roles: roles.collect(),
        })
    }
}

/// The grants of a tenant, one by one.
pub fn grants_shown(tenant: &Tenant) -> Vec<Value> {
    let of = |(user, member): (Uuid, &Member)| -> Vec<Value> {
        let roles = member.roles.iter().filter_map(|id| tenant.roles.get(*id));
        roles
            .map(|role| {
                json!({
                    "tenantId": tenant.id,
                    "userId": user,
                    "roleId": role.id,
                    "roleName": role.name,
                })
            })
            .collect()
    };
    tenant.members.iter().flat_map(of).collect()
}
