//! The platform's permissions, which never change (contract §5).

use serde_json::{Value, json};
use uuid::Uuid;

use crate::simulators::kit::people;

/// What a token may do, named `area:read` or `area:write`.
#[derive(Debug, PartialEq, Eq)]
pub struct Permission {
    pub alias: &'static str,
    name: &'static str,
    description: &'static str,
}

pub const TENANT_READ: &str = "tenant:read";
pub const TENANT_WRITE: &str = "tenant:write";
pub const USERS_READ: &str = "tenant_user_management:read";
pub const USERS_WRITE: &str = "tenant_user_management:write";
pub const APPLICATIONS_READ: &str = "applications:read";
pub const APPLICATIONS_WRITE: &str = "applications:write";
pub const DEVELOPMENT_READ: &str = "applications_development:read";
pub const DEVELOPMENT_WRITE: &str = "applications_development:write";

const fn of(alias: &'static str, name: &'static str, description: &'static str) -> Permission {
    Permission {
        alias,
        name,
        description,
    }
}

pub const ALL: [Permission; 12] = [
    of(TENANT_READ, "Read tenant", "See the tenant and its roles"),
    of(
        TENANT_WRITE,
        "Write tenant",
        "Change the tenant and its roles",
    ),
    of(
        USERS_READ,
        "Read users",
        "See the tenant's users and invites",
    ),
    of(
        USERS_WRITE,
        "Write users",
        "Invite and remove users and change their roles",
    ),
    of("devices:read", "Read devices", "See devices"),
    of("devices:write", "Write devices", "Change devices"),
    of("devicetypes:read", "Read device types", "See device types"),
    of(
        "devicetypes:write",
        "Write device types",
        "Change device types",
    ),
    of(APPLICATIONS_READ, "Read applications", "See applications"),
    of(
        APPLICATIONS_WRITE,
        "Write applications",
        "Install applications",
    ),
    of(
        DEVELOPMENT_READ,
        "Read own applications",
        "See applications under development",
    ),
    of(
        DEVELOPMENT_WRITE,
        "Write own applications",
        "Develop applications",
    ),
];

/// The ones that no token of a custom application has (contract §3, "hard limit"); writers and readers lack them too.
pub fn is_management(alias: &str) -> bool {
    [TENANT_READ, TENANT_WRITE, USERS_READ, USERS_WRITE].contains(&alias)
}

impl Permission {
    pub fn id(&self) -> Uuid {
        let place = ALL.iter().position(|other| other == self);
        people::uuid("lightelligence/permission", place.unwrap_or_default())
    }

    fn category(&self) -> &'static str {
        self.alias.split(':').next().unwrap_or_default()
    }

    pub fn show(&self) -> Value {
        json!({
            "id": self.id(),
            "alias": self.alias,
            "category": self.category(),
            "name": self.name,
            "description": self.description,
        })
    }

    /// As a user's permissions are listed.
    pub fn show_briefly(&self) -> Value {
        json!({ "id": self.id(), "alias": self.alias })
    }
}

pub fn by_alias(alias: &str) -> Option<&'static Permission> {
    ALL.iter().find(|permission| permission.alias == alias)
}

pub fn by_id(id: Uuid) -> Option<&'static Permission> {
    ALL.iter().find(|permission| permission.id() == id)
}
