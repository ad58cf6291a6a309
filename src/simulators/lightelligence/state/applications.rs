//! Custom applications. Each has an OAuth client of the same id, which keeps its secret and where it is installed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{State, User};
use crate::simulators::{
    kit::rfc3339,
    lightelligence::{errors::Error, realm::Client},
};

#[derive(Debug, Clone)]
pub struct Application {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    /// Has no secret.
    pub public: bool,
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
            // The platform itself spells it so at times (contract §5).
            "type": if self.public { "public" } else { "confidental" },
            "createdAt": rfc3339(self.created),
            "updatedAt": rfc3339(self.updated),
        })
    }
}

impl State {
    /// Adds a client and the user that it is when it acts on its own.
    pub fn admit(&mut self, client: Client) {
        if let Some(id) = client.service_account {
            // As Keycloak calls them; they are in no tenant's list of users.
            let email = format!("service-account-{}@placeholder.org", client.id);
            let (first_name, last_name) = (String::new(), String::new());
            let account = User {
                id,
                email,
                first_name,
                last_name,
            };
            // The address is the client's alone, and so is the id.
            let _ = self.register(account);
        }
        self.realm.add_client(client);
    }

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
