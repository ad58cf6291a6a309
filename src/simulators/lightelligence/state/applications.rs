//! Custom applications. Each has an OAuth client of the same id, which keeps its secret and where it is installed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::State;
use crate::simulators::{kit::rfc3339, lightelligence::errors::Error};

#[derive(Debug, Clone)]
pub struct Application {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// The tenant that develops it.
    pub developer: Uuid,
    /// Other tenants that may install it.
    pub allowed: Vec<Uuid>,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
}

impl Application {
    pub fn is_offered_to(&self, tenant: Uuid) -> bool {
        self.developer == tenant || self.allowed.contains(&tenant)
    }

    pub fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            // Spelled so at times by the platform (contract §5).
            "type": "confidental",
            "createdAt": rfc3339(self.created),
            "updatedAt": rfc3339(self.updated),
        })
    }
}

impl State {
    /// An application that this tenant develops.
    pub fn developed(&self, tenant: Uuid, id: Uuid) -> Result<&Application, Error> {
        let found = self.applications.get(id);
        found
            .filter(|application| application.developer == tenant)
            .ok_or_else(Error::not_found)
    }

    /// An application that this tenant may install.
    pub fn offered(&self, tenant: Uuid, id: Uuid) -> Result<&Application, Error> {
        let found = self.applications.get(id);
        found
            .filter(|application| application.is_offered_to(tenant))
            .ok_or_else(Error::not_found)
    }

    pub fn is_installed(&self, tenant: Uuid, application: Uuid) -> bool {
        let client = self.realm.client(&application.to_string());
        client.is_some_and(|client| client.tenants.contains(&tenant))
    }
}
