//! Reading of ids and bodies. Fields that the platform doesn't know it passes over.

use axum::body::Bytes;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::simulators::lightelligence::{
    errors::Error,
    permissions::{self, Permission},
    state::{NewRole, Tenant},
};

/// An id, in the hyphenated form.
pub fn id(field: &str, text: &str) -> Result<Uuid, Error> {
    let is_plain = text.len() == 36;
    let read = Uuid::parse_str(text).ok().filter(|_| is_plain);
    read.ok_or_else(|| Error::invalid(field, "must be a valid UUID"))
}

/// A JSON object whose fields are taken out one by one.
pub struct Fields(Map<String, Value>);

impl Fields {
    pub fn read(body: &Bytes) -> Result<Self, Error> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Fields(fields)),
            Ok(_) | Err(_) => Err(Error::bad_body("The body must be a JSON object")),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid(name, "must be a string")),
        }
    }

    pub fn required_text(&mut self, name: &str) -> Result<String, Error> {
        self.text(name)?
            .ok_or_else(|| Error::invalid(name, "is required"))
    }

    /// An object, which is kept as it is.
    pub fn object(&mut self, name: &str) -> Result<Option<Value>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(object @ Value::Object(_)) => Ok(Some(object)),
            Some(_) => Err(Error::invalid(name, "must be an object")),
        }
    }

    pub fn array(&mut self, name: &str) -> Result<Option<Vec<Value>>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(Error::invalid(name, "must be an array")),
        }
    }

    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let text = |item: Value| match item {
            Value::String(text) => Ok(text),
            _ => Err(Error::invalid(name, "must be an array of strings")),
        };
        let items = self.array(name)?;
        items
            .map(|items| items.into_iter().map(text).collect())
            .transpose()
    }

    /// The roles of `roles`, an array of objects with an id, each once.
    pub fn roles(&mut self, tenant: &Tenant) -> Result<Option<Vec<Uuid>>, Error> {
        let Some(items) = self.array("roles")? else {
            return Ok(None);
        };
        let mut roles = Vec::new();
        for item in items {
            let text = item["id"].as_str();
            let text = text.ok_or_else(|| Error::invalid("roles.id", "is required"))?;
            let role = id("roles.id", text)?;
            if !tenant.roles.contains(role) {
                return Err(Error::invalid("roles.id", "is no role of this tenant"));
            }
            push_once(&mut roles, role);
        }
        Ok(Some(roles))
    }

    /// The roles of `roleNames`, as they were given before roles had ids.
    pub fn role_names(&mut self, tenant: &Tenant) -> Result<Option<Vec<Uuid>>, Error> {
        let Some(names) = self.texts("roleNames")? else {
            return Ok(None);
        };
        let mut roles = Vec::new();
        for name in names {
            let role = tenant.role_named(&name);
            let role = role.ok_or_else(|| Error::invalid("roleNames", "has a name of no role"))?;
            push_once(&mut roles, role);
        }
        Ok(Some(roles))
    }
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// What a role is made of: permissions by id or by alias.
pub fn role_fields(body: &Bytes) -> Result<NewRole, Error> {
    let mut fields = Fields::read(body)?;
    let name = fields.text("name")?;
    if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid("name", "must not be empty"));
    }
    let description = fields.text("description")?;
    let permissions = fields.array("permissions")?;
    let permissions = permissions.map(|items| {
        let mut all: Vec<&'static Permission> = Vec::new();
        for item in items {
            push_once(&mut all, permission(&item)?);
        }
        Ok(all)
    });
    Ok(NewRole {
        name,
        description,
        permissions: permissions.transpose()?,
    })
}

fn permission(item: &Value) -> Result<&'static Permission, Error> {
    let found = match (item["id"].as_str(), item["alias"].as_str()) {
        (Some(text), _) => permissions::by_id(id("permissions.id", text)?),
        (None, Some(alias)) => permissions::by_alias(alias),
        (None, None) => None,
    };
    found.ok_or_else(|| Error::invalid("permissions", "must be known by id or alias"))
}
