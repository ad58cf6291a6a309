//! `/application-developer/applications`: the custom applications that a tenant makes, and whom it offers them to (contract §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    clients::{custom, fresh_secret, is_public},
    data,
    input::{self, Fields},
    page::Page,
};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{DEVELOPMENT_READ, DEVELOPMENT_WRITE},
        state::{self, Application},
    },
};

type Platform = State<World<state::State>>;

pub fn id(text: &str) -> Result<Uuid, Error> {
    input::id("applicationId", text)
}

/// The secret is in this answer only.
pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let developer = caller.here(DEVELOPMENT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let id = Uuid::new_v4();
    let name = fields.required_text("name")?;
    let redirect_uris = fields.texts("redirectUris")?.unwrap_or_default();
    let client = custom(id, name.clone(), redirect_uris, is_public(&mut fields)?);
    let now = state::now();
    let application = Application {
        id,
        name,
        description: fields.text("description")?.unwrap_or_default(),
        public: client.secret.is_none(),
        developer,
        allowed: Vec::new(),
        created: now,
        updated: now,
    };
    world.change(&call, |state, effects| {
        let mut shown = application.show();
        effects.applied(id, Value::Null, shown.clone());
        shown["clientId"] = json!(client.id);
        shown["clientSecret"] = json!(client.secret);
        state.admit(client);
        state.applications.insert(id, application);
        Ok((StatusCode::CREATED, Json(data(shown))))
    })
}

pub async fn list_developed(
    State(world): Platform,
    call: Call,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.here(DEVELOPMENT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = state.applications.iter();
        let own = all.filter(|(_, application)| application.developer == tenant);
        Ok(page.of_all(own.map(|(_, application)| application.show()).collect()))
    })
}

pub async fn find_developed(
    State(world): Platform,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_READ)?;
    world.read(|state| Ok(Json(data(state.developed(tenant, id)?.show()))))
}

pub async fn change(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let (name, description) = (fields.text("name")?, fields.text("description")?);
    world.change(&call, |state, effects| {
        let before = state.developed(tenant, id)?.show();
        let after = change_own(state, id, |application| {
            if let Some(name) = name {
                application.name = name;
            }
            if let Some(description) = description {
                application.description = description;
            }
        })?;
        effects.applied(id, before, after.clone());
        Ok(Json(data(after)))
    })
}

fn change_own(
    state: &mut state::State,
    id: Uuid,
    change: impl FnOnce(&mut Application),
) -> Result<Value, Error> {
    let found = state.applications.get_mut(id);
    let application = found.ok_or_else(Error::not_found)?;
    change(application);
    application.updated = state::now();
    Ok(application.show())
}

pub async fn delete(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<StatusCode, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(&call, |state, effects| {
        let before = state.developed(tenant, id)?.show();
        state.applications.remove(id);
        state.realm.remove_client(&id.to_string());
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A new secret; the one before is good for nothing.
pub async fn renew_secret(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(&call, |state, effects| {
        let application = state.developed(tenant, id)?;
        if application.public {
            return Err(Error::bad_body("A public application has no secret"));
        }
        let before = application.show();
        let secret = fresh_secret();
        let client = state.realm.client_mut(&id.to_string());
        client.ok_or_else(Error::not_found)?.secret = Some(secret.clone());
        let after = change_own(state, id, |_| {})?;
        effects.applied(id, before, after);
        Ok(Json(data(
            json!({ "clientId": id, "clientSecret": secret }),
        )))
    })
}

pub async fn allowed(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let allowed = state.developed(tenant, id)?.allowed.iter();
        Ok(page.of_all(allowed.map(|id| json!({ "id": id })).collect()))
    })
}

pub async fn allow(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    set_allowed(&world, &call, &caller, path, true)
}

pub async fn disallow(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    set_allowed(&world, &call, &caller, path, false)
}

fn set_allowed(
    world: &World<state::State>,
    call: &Call,
    caller: &Caller,
    (application, other): (String, String),
    allowed: bool,
) -> Result<StatusCode, Error> {
    let (id, other) = (id(&application)?, input::id("tenantId", &other)?);
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(call, |state, effects| {
        let is_allowed = state.developed(tenant, id)?.allowed.contains(&other);
        if !allowed && !is_allowed {
            return Err(Error::not_found());
        }
        if allowed != is_allowed {
            change_own(state, id, |application| {
                application.allowed.retain(|tenant| *tenant != other);
                if allowed {
                    application.allowed.push(other);
                }
            })?;
            let (with, without) = (json!({ "allowedTenantId": other }), Value::Null);
            let (before, after) = if allowed {
                (without, with)
            } else {
                (with, without)
            };
            effects.applied(id, before, after);
        }
        Ok(StatusCode::NO_CONTENT)
    })
}
